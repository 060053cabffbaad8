"""A network that loses 5 % of the packets, overtakes some and delays all: calls live, and their events stay whole."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from realtime_mock.chance import Chance
from realtime_mock.settings import Settings

LOSS = 0.05
OVERTAKEN = 0.05
LONGEST_DELAY = 0.1
LOUD = -45.0

Address = tuple[str, int]


class Leg(asyncio.DatagramProtocol):
    """One socket of the relay; what arrives is handed on with the address it came from."""

    def __init__(self, arrived: Callable[[bytes, Address], None]) -> None:
        self._arrived = arrived

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._arrived(data, addr)


class BadNetwork:
    """Stands between client and server. Each packet is lost, or comes later than it left by a time of its own.

    A delay drawn anew for each packet would reorder nearly all of them at 100 ms: jitter grows and shrinks slowly, as
    queues do, and only some packets overtake others.
    """

    def __init__(self, server: Address) -> None:
        self.lost = self.overtaken = 0
        self._server = server
        self._chance = Chance(5)
        self._numbers = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._upstream: dict[Address, asyncio.DatagramTransport] = {}
        self._loop = asyncio.get_running_loop()
        self._front: Any = None

    async def open(self) -> int:
        """Listen for the client; gives the port."""
        self._front, _ = await self._loop.create_datagram_endpoint(
            lambda: Leg(self._from_client), local_addr=("127.0.0.1", 0)
        )
        port: int = self._front.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        for transport in (self._front, *self._upstream.values()):
            transport.close()

    def _from_client(self, data: bytes, client: Address) -> None:
        self._loop.create_task(self._forward(data, client))

    async def _forward(self, data: bytes, client: Address) -> None:
        if client not in self._upstream:
            self._upstream[client], _ = await self._loop.create_datagram_endpoint(
                lambda: Leg(lambda back, _: self._carry(lambda: self._front.sendto(back, client))),
                remote_addr=self._server,
            )
        self._carry(lambda: self._upstream[client].sendto(data))

    def _carry(self, deliver: Callable[[], None]) -> None:
        number = next(self._numbers)
        if self._chance.at("lost", number).fraction() < LOSS:
            self.lost += 1
            return
        delay = LONGEST_DELAY * self._chance.at("jitter", number // 50).fraction()
        if self._chance.at("overtaken", number).fraction() < OVERTAKEN:
            self.overtaken += 1
            delay += 0.03
        heapq.heappush(self._queue, (self._loop.time() + delay, number, deliver))
        self._loop.call_later(delay, self._deliver_due)

    def _deliver_due(self) -> None:
        while self._queue and self._queue[0][0] <= self._loop.time():
            _, _, deliver = heapq.heappop(self._queue)
            if not self._front.is_closing():
                deliver()


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0, rtc_hosts=("127.0.0.1",))


@pytest.fixture
async def network() -> AsyncIterator[list[BadNetwork]]:
    networks: list[BadNetwork] = []
    yield networks
    for network in networks:
        network.close()


@pytest.fixture
async def caller(new_caller: Any, network: list[BadNetwork]) -> Any:
    """A caller whose every packet passes the bad network."""
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()

    async def through_the_network(answer: str) -> str:
        port = int(re.search(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+)", answer)[1])
        network.append(BadNetwork(("127.0.0.1", port)))
        relay = await network[0].open()
        udp = re.sub(rf" 127\.0\.0\.1 {port} ", f" 127.0.0.1 {relay} ", answer)
        return re.sub(r"a=candidate:\S+ \d tcp .*\r\n", "", udp, flags=re.IGNORECASE)

    await caller.dial(change_answer=through_the_network)
    assert (await caller.next())["type"] == "session.created"
    return caller


async def test_an_answer_is_heard_and_its_events_are_whole(caller: Any, network: list[BadNetwork]) -> None:
    ear = await caller.ear()
    caller.say_text("Tell me something long, word for word, about a fox and a dog")
    caller.send({"type": "response.create"})
    await ear.until(lambda level: level > LOUD)
    done = await caller.until("response.done")
    await caller.until("output_audio_buffer.stopped")
    deltas = [event["delta"] for event in caller.seen if event["type"] == "response.output_audio_transcript.delta"]
    assert "".join(deltas) == done["response"]["output"][0]["content"][0]["transcript"]
    assert len({event["event_id"] for event in caller.seen}) == len(caller.seen)
    assert network[0].lost > 5
    assert network[0].overtaken > 5


async def test_a_large_event_arrives_whole_in_both_directions(caller: Any) -> None:
    text = "".join(f"{number} " for number in range(12_000))
    caller.say_text(text)
    added = await caller.until("conversation.item.added")
    assert added["item"]["content"][0]["text"] == text


async def test_a_spoken_turn_is_understood(caller: Any, spoken: bytes) -> None:
    await caller.microphone.say(spoken)
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("input_audio_buffer.committed")
    done = await caller.until("response.done")
    assert done["response"]["status"] == "completed"
