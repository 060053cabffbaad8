"""A session over a WebSocket: its events, its end, and clients that vanish or do not read."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import struct

import aiohttp
import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.transports import liveness, websocket

URL = "/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test"}


def address(mock):
    return "127.0.0.1", int(mock.base_url.split(":")[2].split("/")[0])


async def handshake(mock):
    """A bare TCP connection that has sent an upgrade and read nothing of the answer."""
    reader, writer = await asyncio.open_connection(*address(mock))
    writer.write(
        f"GET {URL} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Authorization: Bearer x\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    await writer.drain()
    return reader, writer


def last_words(mock):
    """The notes on how connections ended."""
    return [entry.text for entry in mock.journal.entries(kind="lifecycle") if entry.text.startswith("detached")]


async def test_a_text_turn_has_the_recorded_order(client):
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}
    await client.send({"type": "conversation.item.create", "item": item})
    await client.send({"type": "response.create", "response": {"output_modalities": ["text"]}})

    kinds = [event["type"] for event in await client.receive_until("response.done")]
    assert [kind for kind in kinds if not kind.endswith("delta")] == [
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]


async def test_every_event_of_ours_fits_its_schema(client, mock):
    await client.send({"type": "response.create"})
    await client.receive_until("response.done")

    assert mock.journal.entries(valid=False) == []


async def test_a_client_that_closes_ends_its_session(client, mock, ended):
    await client.socket.close(code=1000)

    await ended()
    assert last_words(mock) == ["detached: the client closed: 1000"]


async def test_a_client_may_close_without_a_code(mock, ended):
    reader, writer = await handshake(mock)
    await reader.readuntil(b"session.created")
    masked_close = b"\x88\x80" + bytes(4)
    writer.write(masked_close)

    await ended()
    assert last_words(mock) == ["detached: the client closed"]
    writer.close()


async def test_a_connection_that_breaks_ends_its_session(mock, ended):
    reader, writer = await handshake(mock)
    await reader.readuntil(b"session.created")
    writer.transport.abort()

    await ended()
    assert len(last_words(mock)) == 1


async def test_stopping_the_mock_closes_with_1001(settings):
    async with aiohttp.ClientSession() as http:
        async with RealtimeMock(settings) as mock:
            socket = await http.ws_connect(f"{mock.base_url}/realtime?model=gpt-realtime", headers=KEY)
            await socket.receive_json(timeout=5)
        closing = await socket.receive(timeout=5)

    assert (closing.type, closing.data, closing.extra) == (aiohttp.WSMsgType.CLOSE, 1001, "the server stops")
    assert mock.sessions == ()


async def test_stopping_does_not_wait_for_a_client_that_never_answers(settings, monkeypatch):
    monkeypatch.setattr(websocket, "CLOSE_TIMEOUT", 0.05)
    async with asyncio.timeout(5):
        async with RealtimeMock(settings) as mock:
            reader, writer = await handshake(mock)
            await reader.readuntil(b"session.created")
        writer.close()


async def test_a_client_that_does_not_read_is_cut_off(mock, ended, monkeypatch):
    monkeypatch.setattr(websocket, "MAX_OUTBOX_EVENTS", 50)
    reader, writer = await handshake(mock)
    await reader.readuntil(b"session.created")

    (driver,) = mock.sessions
    (channel,) = driver.channels
    # A small buffer of the kernel's is full soon, on a busy machine too.
    channel._transport.get_extra_info("socket").setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, 16 * 1024)
    async with asyncio.timeout(10):
        while not driver.closed.is_set():
            driver.receive_text(json.dumps({"type": "n" * 50_000}), channel)
            await asyncio.sleep(0)

    assert last_words(mock) == ["detached: the client does not read: 51 events were waiting to be sent"]
    writer.close()


async def test_pings_carry_four_bytes_and_an_answer_is_not_waited_for(http, monkeypatch):
    monkeypatch.setattr(websocket, "PING_INTERVAL", 0.0)
    monkeypatch.setattr(liveness, "POLL_INTERVAL", 0.01)
    async with http.ws_connect(URL, headers=KEY, autoping=False) as socket:
        messages = [await socket.receive(timeout=5) for _ in range(3)]

    assert [message.type for message in messages[1:]] == [aiohttp.WSMsgType.PING] * 2
    assert [len(message.data) for message in messages[1:]] == [4, 4]


async def test_the_kernel_probes_an_idle_client_within_five_seconds(client, mock):
    (driver,) = mock.sessions
    (channel,) = driver.channels
    sock = channel._transport.get_extra_info("socket")

    idle, interval, probes = (
        sock.getsockopt(sockets.IPPROTO_TCP, option)
        for option in (sockets.TCP_KEEPIDLE, sockets.TCP_KEEPINTVL, sockets.TCP_KEEPCNT)
    )
    assert sock.getsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE) == 1
    assert idle + interval * probes == 5


class FakeTransport(asyncio.BaseTransport):
    """A transport whose socket tells these retransmissions and this silence."""

    family = sockets.AF_INET

    def __init__(self, retransmits: int, last_ack_ms: int) -> None:
        super().__init__({"socket": self})
        self.info = struct.pack("=8B13I", 0, 0, retransmits, *[0] * 5, *[0] * 12, last_ack_ms)

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        return self.info


@pytest.mark.skipif(not hasattr(sockets, "TCP_INFO"), reason="only Linux tells about retransmissions")
@pytest.mark.parametrize(
    "retransmits, last_ack_ms, vanished", [(0, 60_000, False), (3, 4_999, False), (1, 5_000, True)]
)
async def test_a_client_has_vanished_when_retransmissions_stay_unanswered(retransmits, last_ack_ms, vanished):
    assert liveness.has_vanished(FakeTransport(retransmits, last_ack_ms)) is vanished


async def test_a_vanished_client_is_cut_off(http, mock, ended, monkeypatch):
    monkeypatch.setattr(liveness, "POLL_INTERVAL", 0.0)
    monkeypatch.setattr(liveness, "has_vanished", lambda transport: True)
    async with asyncio.timeout(5), http.ws_connect(URL, headers=KEY) as socket:
        async for _ in socket:
            pass

    await ended()
    assert last_words(mock) == ["detached: the client vanished: nothing was acknowledged for 5 s"]
