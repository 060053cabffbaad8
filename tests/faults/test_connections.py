"""Each kind of fault of a connection reaches a client: refused, hanging, closed with any code, reset, half-open."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import WSMsgType

from realtime_mock.clock import VirtualClock
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
SOCKET = "/v1/realtime?model=gpt-realtime"


async def refused(connect) -> aiohttp.WSServerHandshakeError:
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        await connect()
    return error.value


@pytest.mark.parametrize("status", [401, 403, 429, 503])
async def test_an_upgrade_is_refused_with_a_status(connect, put, struck, status):
    await put(f"on: connect, refuse: {status}, count: 1")
    assert (await refused(connect)).status == status
    await connect()
    assert struck() == ["refuse"]


async def test_a_refusal_says_when_to_come_back(connect, put):
    await put("on: connect, refuse: {status: 503, retry_after: 2}")
    assert (await refused(connect)).headers["Retry-After"] == "2"


@pytest.mark.parametrize("status", [401, 403, 429, 503])
async def test_a_call_is_refused_with_a_status_and_when_to_come_back(http, put, status):
    await put(f"on: {{connect: call}}, refuse: {{status: {status}, retry_after: 7}}")
    async with http.post("/v1/realtime/calls", data=b"v=0", headers={"Content-Type": "application/sdp"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (status, "7")


async def test_a_fault_of_calls_is_none_of_websockets(connect, put):
    await put("on: {connect: call}, refuse: 503")
    await connect()


async def test_a_connection_is_refused_without_an_answer(connect, put):
    await put("on: connect, refuse: true")
    with pytest.raises(aiohttp.ClientConnectionError):
        await connect()


async def test_a_connection_hangs_by_the_mocks_clock():
    clock = VirtualClock()
    async with (
        RealtimeMock(Settings(port=0), clock=clock) as mock,
        aiohttp.ClientSession(mock.base_url.removesuffix("/v1"), headers={"Authorization": "Bearer x"}) as http,
        asyncio.timeout(DEADLINE),
    ):
        await http.put("/_mock/faults", data="on: connect, hang: 5s")
        waiting = asyncio.create_task(http.ws_connect(SOCKET).__aenter__())
        while clock.next_timer() is None:  # noqa: ASYNC110 - a virtual clock tells nobody
            await asyncio.sleep(0)
        clock.advance(4.9)
        assert not waiting.done()
        clock.advance(0.1)
        assert (await (await waiting).receive_json())["type"] == "session.created"


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1013, 3000, 4999])
async def test_a_connection_is_closed_at_once_with_any_code(connect, put, code):
    await put(f"on: connect, close: {code}")
    client = await connect(opens=False)
    assert await client.end() == (WSMsgType.CLOSE, code)
    assert client.texts == []


@pytest.mark.parametrize("code, reported", [(1006, 1006), (1015, 1006)])
async def test_codes_that_no_frame_may_carry_are_ends_without_a_frame(connect, put, code, reported):
    await put(f"on: input_audio_buffer.cleared, close: {code}")
    client = await connect()
    await client.echo()
    assert await client.end() == (WSMsgType.CLOSED, reported)


async def test_the_code_that_means_none_is_a_frame_without_one(connect, put):
    await put("on: input_audio_buffer.cleared, close: 1005")
    client = await connect()
    await client.echo()
    assert await client.end() == (WSMsgType.CLOSE, 0)


async def test_after_a_frame_without_a_code_nothing_more_is_sent(mock, put):
    await put("on: connect, close: 1005")
    reader, writer = await upgraded(mock)
    async with asyncio.timeout(DEADLINE):
        assert await reader.readexactly(2) == b"\x88\x00"
        writer.write(b"\x88\x80\x00\x00\x00\x00")
        assert await reader.read(-1) == b""
    writer.close()


@pytest.mark.parametrize("code", [999, 1004, 2999, 5000, 65535])
async def test_a_code_that_nobody_may_use_is_sent_as_it_is(mock, put, code):
    await put(f"on: connect, close: {code}")
    reader, writer = await upgraded(mock)
    assert await reader.readexactly(4) == b"\x88\x02" + code.to_bytes(2, "big")
    writer.close()


async def upgraded(mock) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket without a library, its handshake done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(mock.base_url.split(":")[2].split("/")[0]))
    lines = (
        f"GET {SOCKET} HTTP/1.1",
        "Host: localhost",
        "Authorization: Bearer sk-test",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    async with asyncio.timeout(DEADLINE):
        await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_a_close_may_come_after_an_error_of_its_own(connect, put):
    await put("on: connect, close: {fault: credit, code: 4242, reason: 'no money'}")
    client = await connect(opens=False)
    assert (await client.receive())["error"]["code"] == "credit_balance_exhausted"
    message = await client.socket.receive(timeout=DEADLINE)
    assert (message.data, message.extra) == (4242, "no money")


@pytest.mark.parametrize("when, seen", [("before", False), ("after", True)])
@pytest.mark.parametrize(
    "what, ends", [("close: {code: 1011, ", 1011), ("close: {code: 1006, ", 1006), ("reset: {", 1006)]
)
async def test_a_connection_breaks_before_or_after_an_event(connect, put, mock, ended, when, seen, what, ends):
    await put(f"on: response.output_item.added, {what}when: {when}}}")
    client = await connect()
    await client.ask()
    assert (await client.end())[1] == ends
    assert ("response.output_item.added" in client.types) is seen
    assert client.types[1] == "response.created"
    await ended()
    lost = [entry for entry in mock.journal.entries(kind="event", direction="out") if entry.channel == "none"]
    assert lost
    assert {entry.fault for entry in lost} <= {"close", "reset", None}


async def test_during_an_event_half_of_it_is_sent(mock, put):
    await put("on: session.created, close: {code: 1011, when: during}")
    reader, writer = await upgraded(mock)
    async with asyncio.timeout(DEADLINE):
        # FIN is not set, and no other fragment follows.
        opcode, _, *size = await reader.readexactly(4)
        half = await reader.readexactly(int.from_bytes(bytes(size), "big"))
        closing = await reader.readexactly(4)
    writer.close()
    assert (opcode, closing) == (0x01, b"\x88\x02" + (1011).to_bytes(2, "big"))
    assert half.startswith(b'{"type":"session.created"')


async def test_a_reset_is_a_reset(mock, put):
    await put("on: session.created, reset: {}")
    reader, writer = await upgraded(mock)
    with pytest.raises(ConnectionResetError):
        async with asyncio.timeout(DEADLINE):
            await reader.read(-1)
    writer.close()


async def test_what_was_sent_before_a_reset_arrives_whole(connect, put):
    await put("on: session.updated, reset: {}")
    client = await connect()
    # Far more than the kernels of both sides keep: a reset throws away what has not arrived.
    session = {"type": "realtime", "instructions": "x" * 12_000_000}
    await client.send({"type": "session.update", "session": session})
    assert (await client.end())[1] == 1006
    assert client.types == ["session.created", "session.updated"]


async def test_a_connection_is_reset_instead_of_upgraded(connect, put):
    await put("on: connect, reset: {}")
    with pytest.raises(aiohttp.ClientConnectionError):
        await connect()


async def test_a_clients_event_may_be_the_last(connect, put, mock, ended):
    await put("on: input_audio_buffer.clear, close: {code: 1011, when: before}")
    client = await connect()
    await client.send({"type": "input_audio_buffer.clear"})
    assert await client.end() == (WSMsgType.CLOSE, 1011)
    assert client.types == ["session.created"]
    await ended()
    (entry,) = mock.journal.entries(kind="event", direction="in")
    assert entry.fault == "close"


async def test_a_clients_event_may_be_answered_before_the_end(connect, put):
    await put("on: input_audio_buffer.clear, close: {code: 1011, when: after}")
    client = await connect()
    await client.send({"type": "input_audio_buffer.clear"})
    assert await client.end() == (WSMsgType.CLOSE, 1011)
    assert client.types == ["session.created", "input_audio_buffer.cleared"]


async def test_a_half_open_connection_says_nothing_and_stays(connect, put, mock):
    await put("on: input_audio_buffer.cleared, half_open: {}, nth: 1")
    client = await connect()
    await client.echo()
    await client.send({"type": "input_audio_buffer.clear"})
    await client.socket.ping()
    with pytest.raises(TimeoutError):
        await client.socket.receive(timeout=0.5)
    assert not client.socket.closed
    assert len(mock.journal.entries(kind="event", direction="in")) == 1


async def test_a_half_open_session_ends_when_its_client_has_gone(connect, put, ended):
    await put("on: input_audio_buffer.cleared, half_open: {}")
    client = await connect()
    await client.echo()
    client.socket._response.connection.transport.abort()
    await ended()


async def test_a_connection_is_half_open_from_the_start(connect, put):
    await put("on: connect, half_open: {}")
    client = await connect(opens=False)
    with pytest.raises(TimeoutError):
        await client.socket.receive(timeout=0.5)
    assert not client.socket.closed
    await put("[]")
    assert (await client.end())[1] == 1006


async def test_a_mock_that_stops_does_not_wait_for_half_open_connections(mock, put, connect):
    await put("[{on: session.created, half_open: {}, nth: 1}, {on: connect, half_open: {}, nth: 2}]")
    await connect()
    await connect(opens=False)
    async with asyncio.timeout(DEADLINE):
        await mock.__aexit__(None, None, None)
    assert mock.sessions == ()


async def test_a_session_ends_some_time_after_it_was_opened(read):
    clock = VirtualClock()
    async with (
        RealtimeMock(Settings(port=0), clock=clock) as mock,
        aiohttp.ClientSession(mock.base_url.removesuffix("/v1"), headers={"Authorization": "Bearer x"}) as http,
        asyncio.timeout(DEADLINE),
    ):
        await http.put("/_mock/faults", data="on: connect, close: {code: 1012, after: 30s}, count: 1")
        async with http.ws_connect(SOCKET) as first:
            assert (await first.receive_json())["type"] == "session.created"
            clock.advance(29.9)
            await first.send_json({"type": "input_audio_buffer.clear"})
            assert (await first.receive_json())["type"] == "input_audio_buffer.cleared"
            clock.advance(0.1)
            assert (await first.receive()).data == 1012
        async with http.ws_connect(SOCKET) as second:
            await second.receive_json()
            clock.advance(60)
            await second.send_json({"type": "input_audio_buffer.clear"})
            assert (await second.receive_json())["type"] == "input_audio_buffer.cleared"
