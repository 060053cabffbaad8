"""What one call costs among few and among many, and what is left of sessions and calls that are over.

The latter is the memory, the descriptors and the threads of the server, batch after batch.

    python bench/growth.py [--short | --soak MINUTES]

A soak opens a call, speaks with it, closes it and begins again, ten at a time, and prints a line a minute.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator

import aiohttp
import servers
import webrtc
from callers import has_callers
from calls import DEAF, LISTENING, cost
from figures import Figure, table
from sockets import Client, frame

BATCHES = 5
AT_ONCE = 10
SETTLING = 3.0
"""Seconds for sockets and timers of what was closed to go."""

PAUSE = 3.0
"""Seconds between two rounds of a soak, which is to last and not to load."""

DEADLINE = 20.0
ANSWER = frame(b'{"type":"response.create","response":{"output_modalities":["text"]}}')


async def sessions(server: servers.Server, count: int) -> None:
    """So many WebSocket sessions, each with one turn."""
    for _ in range(count):
        client = await Client.connect(server.port)
        done = client.expect("response.done")
        client.send(ANSWER)
        await asyncio.wait_for(done, DEADLINE)
        client.close()


async def calls(server: servers.Server, count: int, *, talk: bool = False) -> None:
    """So many calls, ten at a time, each up to `session.created`, or to the end of an answer."""
    todo = iter(range(count))
    async with aiohttp.ClientSession() as http:

        async def caller() -> None:
            for _ in todo:
                await _call(http, server.port, talk=talk)

        await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


async def _call(http: aiohttp.ClientSession, port: int, *, talk: bool) -> None:
    connection = webrtc.RTCPeerConnection()
    created, done = asyncio.Event(), asyncio.Event()
    channel = connection.create_data_channel("oai-events")
    channel.on("message", lambda event: (created.set(), "response.done" in event.data and done.set()))
    connection.add_transceiver("audio")
    offer = await connection.create_offer()
    await connection.set_local_description(offer)
    headers = {"Authorization": "Bearer sk-mock", "Content-Type": "application/sdp"}
    async with http.post(f"http://127.0.0.1:{port}/v1/realtime/calls", data=offer.sdp, headers=headers) as answer:
        sdp = await answer.text()
    await connection.set_remote_description(webrtc.RTCSessionDescriptionInit(type="answer", sdp=sdp))
    await asyncio.wait_for(created.wait(), DEADLINE)
    if talk:
        channel.send('{"type":"response.create"}')
        await asyncio.wait_for(done.wait(), DEADLINE)
    connection.close()


def measure(*, short: bool = False) -> list[Figure]:
    """What a call costs at 1, 10, 100 and 300 at once; and after each batch of closed ones, what the server holds.

    The first batch warms up, the others should be flat.
    """
    return [*_left(short=short), *(() if short or not has_callers() else _costs())]


def _costs() -> Iterator[Figure]:
    for count in (1, 10, 100, 300):
        for side in (LISTENING, DEAF):
            quantity = f"cost of one of {count}"
            try:
                found = cost(side, calls=count, seconds=4)
            except RuntimeError as error:
                print(f"  {side.name}: {count} calls: {error}", file=sys.stderr)
                continue
            yield Figure("growth", quantity, "ms/call-s", side.name, (found,))


def _left(*, short: bool) -> Iterator[Figure]:
    servers.pin_load()
    each = 40 if short else 200
    for kind, work in (("sessions", sessions), ("calls", calls)):
        with servers.ours("--pace", "0", "--journal-entries", "1000", "--rtc-port", "0") as server:
            taken: dict[str, list[float]] = {"MB": [], "descriptors": [], "threads": []}
            for _ in range(BATCHES):
                asyncio.run(work(server, each))
                time.sleep(SETTLING)
                taken["MB"].append(server.resident_bytes() / 2**20)
                taken["descriptors"].append(server.descriptors())
                taken["threads"].append(server.threads())
            for unit, values in taken.items():
                for number in (1, (BATCHES + 1) // 2, BATCHES):
                    name = f"after {number * each} {kind}"
                    yield Figure("growth", f"held {name}", unit, "realtime-mock", (values[number - 1],))


async def soak(minutes: float) -> None:
    """Print what the server holds, once a minute."""
    servers.pin_load()
    with servers.ours("--journal-entries", "1000") as server:
        stop = time.monotonic() + minutes * 60
        print("minute  MB  descriptors  threads  calls")
        count = 0
        while time.monotonic() < stop:
            minute = time.monotonic() + 60
            while time.monotonic() < minute:
                await calls(server, AT_ONCE, talk=True)
                count += AT_ONCE
                await asyncio.sleep(PAUSE)
            held = (server.resident_bytes() / 2**20, server.descriptors(), server.threads())
            print(
                f"{minutes - (stop - time.monotonic()) / 60:6.1f}  {held[0]:.1f}  {held[1]}  {held[2]}  {count}",
                flush=True,
            )


if __name__ == "__main__":
    if "--soak" in sys.argv:
        asyncio.run(soak(float(sys.argv[sys.argv.index("--soak") + 1])))
    else:
        print(table(measure(short="--short" in sys.argv)))
