"""WebSocket: events a second, the first event, connecting, memory, and sessions that stream a microphone.

Each side plays the same text turn to the same client, one side after the other in every round; the server has the
first core, the client the second.

    python bench/websocket.py [--short]
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
import servers
from figures import Figure, npm_installed, package_version, table
from sockets import Client, close_all, connect_many, frame
from turn import ANSWER, SCENARIO

CONNECTIONS = 20
TURNS = 5
"""Turns on one connection: a test's session is short, and a long one would measure how context grows."""

ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a long story."}]}
MESSAGE = frame(orjson.dumps({"type": "conversation.item.create", "item": ITEM}))
TURN = MESSAGE + frame(b'{"type":"response.create","response":{"output_modalities":["text"]}}')
SPEAK = frame(b'{"type":"response.create"}')
APPEND = frame(orjson.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(4800)).decode()}))
"""100 ms of silence, as most SDKs send it ten times a second."""

TURN_TAKES = 0.03
"""Seconds in which a turn ends where nothing is paced; at the pace of speech it is left behind."""

NO_VAD = frame(
    orjson.dumps(
        {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}}}
    )
)

ALL_AT_ONCE = "realtime-mock"
CHECKING = "realtime-mock --validate-outgoing"
AT_ITS_PACE = "realtime-mock, default pace"
IN_REAL_TIME = "realtime-mock --pace 1"
OURS = {
    ALL_AT_ONCE: ("--pace", "0"),
    CHECKING: ("--pace", "0", "--validate-outgoing"),
    AT_ITS_PACE: (),
    IN_REAL_TIME: ("--pace", "1", "--journal-entries", "1000"),
}
"""Our sides, by the options that they are served with."""

Measurement = Callable[[servers.Server], Awaitable[Sequence[float]]]
Start = Callable[[], contextlib.AbstractContextManager[servers.Server]]
Starters = Mapping[str, Start]


@dataclass(frozen=True, slots=True)
class Plan:
    """One measurement: the quantities that it takes, each with its unit, and which sides of ours it is about."""

    quantities: Sequence[tuple[str, str]]
    take: Measurement
    of_ours: Sequence[str] = (ALL_AT_ONCE,)
    of_others: bool = True
    afresh: bool = False
    """Whether each reading needs a server that nobody has used yet."""
    most_rounds: int = 5


async def events_per_second(server: servers.Server, *, seconds: float) -> tuple[float, float]:
    """Turn after turn on twenty connections: events a second, and for each second of the server's processor time.

    On a machine that others use as well, only the latter tells what the server costs.
    """
    used = server.cpu_seconds()
    start = time.perf_counter()
    events = sum(await asyncio.gather(*(_turns(server.port, start + seconds) for _ in range(CONNECTIONS))))
    elapsed = time.perf_counter() - start
    return events / elapsed, events / (server.cpu_seconds() - used)


async def first_event_ms(server: servers.Server, *, turns: int) -> tuple[float]:
    """From `response.create` to `response.created`, in the first turn of a connection, on an idle server."""
    waits = []
    for _ in range(turns):
        client = await Client.connect(server.port)
        created, done = client.expect("response.created"), client.expect("response.done")
        began = time.perf_counter()
        client.send(TURN)
        waits.append((await asyncio.wait_for(created, 10) - began) * 1000)
        # Every side rests as long: what has just been at work answers sooner than what has not.
        await asyncio.sleep(TURN_TAKES)
        done.cancel()
        client.close()
    return (statistics.median(waits),)


async def connect_ms(server: servers.Server, *, connections: int) -> tuple[float]:
    """From the TCP connection's start to `session.created`."""
    waits = []
    for _ in range(connections):
        began = time.perf_counter()
        client = await Client.connect(server.port)
        waits.append((time.perf_counter() - began) * 1000)
        client.close()
    return (statistics.median(waits),)


async def kilobytes_per_idle(server: servers.Server, *, connections: int) -> tuple[float]:
    """Memory of a connected client that does nothing."""
    close_all(await connect_many(server.port, 50))
    await asyncio.sleep(0.5)
    before = server.resident_bytes()
    clients = await connect_many(server.port, connections)
    held = server.resident_bytes() - before
    close_all(clients)
    await asyncio.sleep(0.5)
    return (held / connections / 1024,)


async def cpu_percent_streaming(server: servers.Server, *, sessions: int, seconds: float) -> tuple[float]:
    """Part of a core that sessions cost which all stream a microphone in real time, without a voice detector."""
    clients = await connect_many(server.port, sessions)
    for client in clients:
        client.send(NO_VAD)
    return (await _cpu_percent(server, clients, seconds=seconds),)


async def cpu_percent_conversing(server: servers.Server, *, sessions: int, seconds: float) -> tuple[float]:
    """The same where each session is spoken to all the while, at the pace of speech."""
    clients = await connect_many(server.port, sessions)
    for number, client in enumerate(clients):
        client.send(NO_VAD + SPEAK)
        if number % 25 == 0:
            await asyncio.sleep(0.02)
    return (await _cpu_percent(server, clients, seconds=seconds),)


async def _cpu_percent(server: servers.Server, clients: Sequence[Client], *, seconds: float) -> float:
    await asyncio.sleep(1)
    before, start = server.cpu_seconds(), time.perf_counter()
    slots, step = 10, 0
    while (elapsed := time.perf_counter() - start) < seconds:
        for client in clients[step % slots :: slots]:
            client.send(APPEND)
        step += 1
        await asyncio.sleep(max(step * 0.1 / slots - elapsed, 0))
    used = server.cpu_seconds() - before
    elapsed = time.perf_counter() - start
    for client in clients[::50]:
        await _answers(client)
    close_all(clients)
    await asyncio.sleep(0.5)
    return 100 * used / elapsed


async def _answers(client: Client) -> None:
    """Wait for an event, so that no server is measured that has fallen behind."""
    answer = client.expect("conversation.item.added")
    client.send(MESSAGE)
    await asyncio.wait_for(answer, 10)


async def _turns(port: int, stop: float) -> int:
    events = 0
    while time.perf_counter() < stop:
        client = await Client.connect(port)
        for _ in range(TURNS):
            done = client.expect("response.done")
            client.send(TURN)
            await asyncio.wait_for(done, 10)
        events += client.events
        client.close()
    return events


def measure(*, short: bool = False, rounds: int = 5, only: Sequence[str] = ()) -> list[Figure]:
    """All figures, or those of some quantities; the sides in turn within each round."""
    servers.pin_load()
    plans = [plan for plan in _plans(short=short) if not only or plan.quantities[0][0] in only]
    with _starters() as starters, contextlib.ExitStack() as stack:
        used = {name for plan in plans if not plan.afresh for name in _compared(plan, starters)}
        running = {name: stack.enter_context(starters[name]()) for name in starters if name in used}
        return [figure for plan in plans for figure in _figures(plan, starters, running, rounds)]


def _plans(*, short: bool) -> Iterator[Plan]:
    yield Plan(
        [("events", "events/s"), ("events per CPU second", "events/s")],
        partial(events_per_second, seconds=1 if short else 3),
        of_ours=(ALL_AT_ONCE, CHECKING),
    )
    yield Plan(
        [("first event", "ms")],
        partial(first_event_ms, turns=50 if short else 100),
        of_ours=(ALL_AT_ONCE, AT_ITS_PACE),
    )
    yield Plan([("connect", "ms")], partial(connect_ms, connections=50 if short else 300))
    yield Plan(
        [("idle connection", "KB")],
        partial(kilobytes_per_idle, connections=200 if short else 1000),
        afresh=True,
        most_rounds=3,
    )
    if short:
        return
    for count in (500, 1000):
        streaming = partial(cpu_percent_streaming, sessions=count, seconds=4)
        yield Plan([(f"{count} microphones", "% of a core")], streaming, most_rounds=2)
        conversing = partial(cpu_percent_conversing, sessions=count, seconds=4)
        yield Plan(
            [(f"{count} microphones and answers", "% of a core")],
            conversing,
            of_ours=(IN_REAL_TIME,),
            of_others=False,
            most_rounds=2,
        )


def _compared(plan: Plan, starters: Starters) -> list[str]:
    return [name for name in starters if (name in plan.of_ours if name in OURS else plan.of_others)]


def _figures(plan: Plan, starters: Starters, running: Mapping[str, servers.Server], rounds: int) -> Iterator[Figure]:
    compared = _compared(plan, starters)
    # What takes long is measured less often.
    times = min(rounds, plan.most_rounds)
    taken = [[_reading(plan, starters[name], running.get(name)) for name in compared] for _ in range(times)]
    for at, (quantity, unit) in enumerate(plan.quantities):
        for number, name in enumerate(compared):
            values = tuple(readings[number][at] for readings in taken if readings[number])
            yield Figure("websocket", quantity, unit, name, values)


def _reading(plan: Plan, start: Start, running: servers.Server | None) -> Sequence[float]:
    """What was measured; nothing where the server did not keep up."""
    with contextlib.nullcontext(running) if running and not plan.afresh else start() as server:
        try:
            return asyncio.run(_taken(plan, server))
        except (TimeoutError, ConnectionError) as error:
            print(f"  {server.name}: {plan.quantities[0][0]}: {error or 'it fell behind'!r}", file=sys.stderr)
            return ()


async def _taken(plan: Plan, server: servers.Server) -> Sequence[float]:
    return await plan.take(server)


@contextlib.contextmanager
def _starters() -> Iterator[Starters]:
    """How each side is started, the one to compare with first."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "benchmark.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        starters: dict[str, Start] = {}
        if servers.has_aimock():
            npm_installed(servers.AIMOCK)
            starters[f"aimock {package_version(servers.AIMOCK)}"] = partial(servers.aimock, ANSWER)
        starters["bare aiohttp"] = servers.bare
        for name, options in OURS.items():
            starters[name] = partial(servers.ours, "--scenario", str(scenario), *options, name=name)
        yield starters


if __name__ == "__main__":
    print(table(measure(short="--short" in sys.argv, rounds=3 if "--short" in sys.argv else 5)))
