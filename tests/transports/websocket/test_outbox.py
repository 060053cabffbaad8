"""What waits to leave by a WebSocket: when it leaves, together with what, and what a slow reader changes."""

from __future__ import annotations

import asyncio

import pytest

from realtime_mock.transports.outbox import BATCH_CHARACTERS, FEWEST_TOGETHER, Outbox
from realtime_mock.transports.severing import text_frame


class Transport:
    """Notes what is written; `waiting` bytes have not left yet."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.waiting = 0

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, data: bytes) -> None:
        self.writes.append(data)


class Socket:
    """Takes one event at a time, once it may."""

    closed = False

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.may_send = asyncio.Event()

    async def send_str(self, text: str) -> None:
        await self.may_send.wait()
        self.sent.append(text)


class Client:
    """An outbox with what is around it."""

    def __init__(self) -> None:
        self.transport, self.socket, self.lost = Transport(), Socket(), []
        self.outbox = Outbox(self.socket, self.transport, on_lost=self.lost.append)


@pytest.fixture
async def client() -> Client:
    return Client()


async def test_the_first_event_of_a_turn_of_the_loop_leaves_at_once(client):
    client.outbox.put("one")
    client.outbox.put("two")
    assert client.transport.writes == [text_frame("one")]
    await asyncio.sleep(0)
    assert client.transport.writes[1:] == [text_frame("two")]


async def test_many_events_leave_in_ever_longer_batches(client):
    for number in range(100):
        client.outbox.put(str(number))
    await asyncio.sleep(0)
    counts = [write.count(b"\x81") for write in client.transport.writes]
    assert counts[:3] == [1, FEWEST_TOGETHER, 2 * FEWEST_TOGETHER]
    assert (sum(counts), b"".join(client.transport.writes)) == (100, b"".join(text_frame(str(n)) for n in range(100)))


async def test_a_large_event_waits_for_no_other(client):
    client.outbox.put("one")
    client.outbox.put("x" * BATCH_CHARACTERS)
    assert len(client.transport.writes) == 2


async def test_a_client_that_reads_too_slowly_is_waited_for(client):
    client.transport.waiting = 1
    for text in ("one", "two"):
        client.outbox.put(text)
    await asyncio.sleep(0)
    assert (client.transport.writes, client.outbox.characters) == ([], 3)
    client.outbox.put("three")
    client.socket.may_send.set()
    async with asyncio.timeout(5):
        await client.outbox.ended()
    assert (client.socket.sent, len(client.outbox)) == (["one", "two", "three"], 0)


async def test_the_end_comes_when_nothing_waits_any_more(client):
    client.transport.waiting = 1
    client.socket.may_send.set()

    async def end() -> None:
        client.socket.sent.append("the end")

    client.outbox.put("one")
    client.outbox.finish(end)
    async with asyncio.timeout(5):
        await client.outbox.ended()
    assert client.socket.sent == ["one", "the end"]


async def test_a_stopped_outbox_sends_nothing_more(client):
    client.transport.waiting = 1
    client.outbox.put("one")
    async with asyncio.timeout(5):
        await client.outbox.stop()
    assert (client.socket.sent, client.lost) == ([], [])
