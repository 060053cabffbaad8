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
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
import servers
from figures import Figure, table
from sockets import Client, close_all, connect_many, frame
from turn import ANSWER, SCENARIO

CONNECTIONS = 20
TURNS = 5
"""Turns on one connection: a test's session is short, and a long one would measure how context grows."""

ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Tell me a long story."}]}
TURN = frame(orjson.dumps({"type": "conversation.item.create", "item": ITEM})) + frame(
    b'{"type":"response.create","response":{"output_modalities":["text"]}}'
)
UPDATE = orjson.dumps({"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}})
APPEND = frame(orjson.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(4800)).decode()}))
"""100 ms of silence, as most SDKs send it ten times a second."""

TURN_ENDS_WITHIN = 0.05
"""Seconds in which a turn ends where nothing is paced; at the pace of speech it is left behind."""

NO_VAD = frame(
    orjson.dumps(
        {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}}}
    )
)

ALL_AT_ONCE = "realtime-mock"
CHECKING = "realtime-mock --validate-outgoing"
AT_ITS_PACE = "realtime-mock, default pace"

Measurement = Callable[[servers.Server], Awaitable[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One measurement: the quantities that it takes, each with its unit, and which sides of ours it is about."""

    quantities: Sequence[tuple[str, str]]
    take: Measurement
    of_ours: Sequence[str] = (ALL_AT_ONCE,)


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
        await asyncio.wait({done}, timeout=TURN_ENDS_WITHIN)
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
    await asyncio.sleep(1)
    before, start = server.cpu_seconds(), time.perf_counter()
    slots, step = 10, 0
    while (elapsed := time.perf_counter() - start) < seconds:
        for client in clients[step % slots :: slots]:
            client.send(APPEND)
        step += 1
        await asyncio.sleep(max(step * 0.1 / slots - elapsed, 0))
    used = server.cpu_seconds() - before
    alive = [await _is_served(client) for client in clients[::50]]
    close_all(clients)
    await asyncio.sleep(0.5)
    assert all(alive), "the server fell behind"
    return (100 * used / (time.perf_counter() - start),)


async def _is_served(client: Client) -> bool:
    cleared = client.expect("input_audio_buffer.cleared")
    client.send(frame(b'{"type":"input_audio_buffer.clear"}'))
    await asyncio.wait_for(cleared, 10)
    return True


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


def measure(*, short: bool = False, rounds: int = 5) -> list[Figure]:
    """All figures; the sides in turn within each round."""
    servers.pin_load()
    with _sides() as sides:
        return [figure for plan in _plans(short=short) for figure in _figures(plan, sides, rounds)]


def _plans(*, short: bool) -> Iterator[Plan]:
    yield Plan(
        [("events", "events/s"), ("events per CPU second", "events/s")],
        partial(events_per_second, seconds=1 if short else 4),
        of_ours=(ALL_AT_ONCE, CHECKING),
    )
    yield Plan(
        [("first event", "ms")],
        partial(first_event_ms, turns=50 if short else 200),
        of_ours=(ALL_AT_ONCE, AT_ITS_PACE),
    )
    yield Plan([("connect", "ms")], partial(connect_ms, connections=50 if short else 200))
    yield Plan([("idle connection", "KB")], partial(kilobytes_per_idle, connections=200 if short else 1000))
    for count in () if short else (500, 1000):
        streaming = partial(cpu_percent_streaming, sessions=count, seconds=5)
        yield Plan([(f"{count} microphones", "% of a core")], streaming)


def _figures(plan: Plan, sides: Sequence[servers.Server], rounds: int) -> Iterator[Figure]:
    ours = (ALL_AT_ONCE, CHECKING, AT_ITS_PACE)
    compared = [side for side in sides if side.name in plan.of_ours or side.name not in ours]
    taken = [[asyncio.run(_reading(plan, side)) for side in compared] for _ in range(rounds)]
    for at, (quantity, unit) in enumerate(plan.quantities):
        for number, side in enumerate(compared):
            values = tuple(readings[number][at] for readings in taken)
            yield Figure("websocket", quantity, unit, side.name, values)


async def _reading(plan: Plan, side: servers.Server) -> Sequence[float]:
    return await plan.take(side)


@contextlib.contextmanager
def _sides() -> Iterator[list[servers.Server]]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scenario = folder / "benchmark.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        sides = [stack.enter_context(servers.aimock(ANSWER))] if servers.has_aimock() else []
        sides.append(stack.enter_context(servers.bare()))
        for name, options in {
            ALL_AT_ONCE: ("--pace", "0"),
            CHECKING: ("--pace", "0", "--validate-outgoing"),
            AT_ITS_PACE: (),
        }.items():
            sides.append(stack.enter_context(servers.ours("--scenario", str(scenario), *options, name=name)))
        yield sides


if __name__ == "__main__":
    print(table(measure(short="--short" in sys.argv, rounds=3 if "--short" in sys.argv else 5)))
