"""A WebSocket through the proxy is the upstream's own, and all of it is recorded."""

from __future__ import annotations

import asyncio
import base64
import contextlib

import aiohttp
import pytest
from aiohttp import web

from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import upstream_at

from .conftest import DEADLINE, KEY, URL, Client


async def test_a_turn_is_recorded_event_by_event_both_ways(client, recorded, upstream):
    seen = await client.until("session.created")
    await client.send("response.create", response={"output_modalities": ["text"]})
    seen += await client.until("rate_limits.updated")
    await client.socket.close()
    entries = (await recorded()).of("1")
    assert [entry.data for entry in entries if entry.direction == "received" and entry.kind == "message"] == seen
    assert [entry.type for entry in entries if entry.direction == "sent" and entry.kind == "message"] == [
        "response.create"
    ]
    assert [entry.kind for entry in entries if entry.kind != "message"] == ["open", "close"]
    times = [entry.after for entry in entries]
    assert times == sorted(times)


async def test_audio_both_ways_is_kept_in_files_and_is_what_passed(client, recorded, proxy):
    await client.until("session.created")
    spoken = b"\x00\x20" * 12_000
    await client.send("input_audio_buffer.append", audio=base64.b64encode(spoken).decode())
    await client.send("response.create")
    events = await client.until("response.done")
    await client.socket.close()
    log = await recorded()
    heard = [event for event in events if event["type"] == "response.output_audio.delta"]
    assert heard
    assert [entry.data for entry in log.entries if entry.type == "response.output_audio.delta"] == heard
    assert (proxy.path.parent / "recording-1-sent.wav").read_bytes()[44:] == spoken
    assert heard[0]["delta"][:40] not in proxy.path.read_text()


async def test_the_key_is_nowhere_in_the_recording_and_reaches_the_upstream(http, recorded, proxy, upstream):
    protocols = ["realtime", "openai-insecure-api-key.sk-other-9876543210"]
    async with http.ws_connect(URL, protocols=protocols) as socket:
        assert socket.protocol == "realtime"
        await socket.send_str('{"type":"response.create","response":{"instructions":"say sk-other-9876543210"}}')
        assert (await socket.receive_json(timeout=DEADLINE))["type"] == "session.created"
    log = await recorded()
    text = proxy.path.read_text()
    assert "9876543210" not in text
    assert "openai-insecure-api-key.[scrubbed]" in text
    assert log.entries[0].data["subprotocol"] == "realtime"


async def test_the_query_reaches_the_upstream(http, recorded):
    async with http.ws_connect("/v1/realtime?model=gpt-realtime-2.1", headers=KEY) as socket:
        created = await socket.receive_json(timeout=DEADLINE)
    assert created["session"]["model"] == "gpt-realtime-2.1"
    assert (await recorded()).entries[0].data["path"] == "/v1/realtime?model=gpt-realtime-2.1"


async def test_a_refused_handshake_is_refused_in_the_upstreams_words(http, recorded):
    with pytest.raises(aiohttp.WSServerHandshakeError) as through:
        await http.ws_connect("/v1/nothing", headers=KEY)
    log = await recorded()
    (entry,) = log.entries
    assert through.value.status == entry.data["response"]["status"] == 404
    assert entry.data["response"]["body"]


@pytest.mark.parametrize("code", [1000, 1011, 3000, 4999])
async def test_the_clients_close_code_reaches_the_recording(client, recorded, code):
    await client.until("session.created")
    await client.socket.close(code=code, message=b"bye")
    close = (await recorded()).entries[-1]
    assert (close.kind, close.direction, close.data) == ("close", "sent", {"code": code, "reason": "bye"})


async def echo(request: web.Request) -> web.WebSocketResponse:
    """A server that sends back what it gets, and closes as it is told."""
    socket = web.WebSocketResponse(max_msg_size=64 * 2**20)
    await socket.prepare(request)
    async for message in socket:
        if message.type is aiohttp.WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data.startswith("close "):
            await socket.close(code=int(message.data.split()[1]), message=b"as told")
        elif message.data == "break":
            request.transport.abort()
        else:
            await socket.send_str(message.data)
    return socket


@pytest.fixture
async def echoing(tmp_path, lines):
    """A proxy in front of the echo."""
    app = web.Application()
    app.router.add_get("/{path:.*}", echo)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with RecordingProxy(upstream_at(f"ws://127.0.0.1:{port}"), tmp_path / "echo", tell=lines.append) as proxy:
        yield proxy
    await runner.cleanup()


@pytest.fixture
async def socket(echoing):
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
        session.ws_connect(f"{echoing.origin}/x", max_msg_size=0, autoping=False) as socket,
    ):
        yield socket


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000])
async def test_the_upstreams_close_code_and_reason_reach_the_client(socket, code):
    await socket.send_str(f"close {code}")
    message = await socket.receive(timeout=DEADLINE)
    assert (message.type, message.data, message.extra) == (aiohttp.WSMsgType.CLOSE, code, "as told")


async def test_an_upstream_that_breaks_breaks_the_client(socket, echoing, lines):
    await socket.send_str("break")
    message = await socket.receive(timeout=DEADLINE)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    assert socket.close_code in (None, 1006)
    await echoing.__aexit__(None, None, None)
    assert "1: the upstream broke the connection; 1 sent, 0 received" in lines


async def test_a_message_of_32_mib_passes(socket):
    text = '{"a":"' + "x" * (32 * 2**20) + '"}'
    await socket.send_str(text)
    assert (await socket.receive(timeout=60)).data == text


async def test_a_message_beyond_the_limit_closes_both_sides_with_1009(socket):
    with contextlib.suppress(ConnectionError):
        await socket.send_str("x" * (64 * 2**20 + 1))
    message = await socket.receive(timeout=60)
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1009)


async def test_binary_frames_and_texts_that_are_no_events_pass_and_are_recorded(socket, echoing):
    await socket.send_bytes(b"\x00\x01")
    assert (await socket.receive(timeout=DEADLINE)).data == b"\x00\x01"
    await socket.send_str("hello")
    assert (await socket.receive(timeout=DEADLINE)).data == "hello"
    await socket.close()
    await echoing.__aexit__(None, None, None)
    rows = [line for line in echoing.path.read_text().splitlines() if '"direction":"received"' in line]
    assert '"kind":"binary"' in rows[0]
    assert '"bytes":2' in rows[0]
    assert '"kind":"text"' in rows[1]
    assert '"text":"hello"' in rows[1]


async def test_a_ping_is_answered_from_the_other_end(socket):
    await socket.ping(b"are you there")
    message = await socket.receive(timeout=DEADLINE)
    assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"are you there")


async def test_two_connections_are_told_apart(http, recorded):
    async with http.ws_connect(URL, headers=KEY) as first, http.ws_connect(URL, headers=KEY) as second:
        ids = [(await Client(socket).receive())["session"]["id"] for socket in (first, second)]
    log = await recorded()
    assert log.sessions == ("1", "2")
    assert {log.of(name)[1].data["session"]["id"] for name in log.sessions} == set(ids)


async def test_the_end_of_the_proxy_closes_what_is_open(client, recorded):
    await client.until("session.created")
    reading = asyncio.create_task(client.socket.receive(timeout=DEADLINE))
    await recorded()
    assert (await reading).data == 1001


async def test_a_client_that_does_not_read_holds_the_upstream_back(tmp_path):
    """What waits in the proxy is bounded: an upstream that floods has to wait."""
    sent = 0

    async def flood(request: web.Request) -> web.WebSocketResponse:
        nonlocal sent
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        while sent < 400:
            await socket.send_str('{"x":"' + "y" * 2**18 + '"}')
            sent += 1
        return socket

    app = web.Application()
    app.router.add_get("/{path:.*}", flood)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with (
        RecordingProxy(upstream_at(address), tmp_path) as proxy,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{proxy.origin}/x", max_msg_size=0) as socket,
    ):
        before = -1
        async with asyncio.timeout(DEADLINE):
            while before != sent or not sent:
                before = sent
                await asyncio.sleep(0.3)
        assert 0 < sent < 200, "100 MiB in all, and the kernel's buffers hold some"
        received = 0
        async with asyncio.timeout(60):
            while received < 400 and (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                received += 1
        assert received == 400
    await runner.cleanup()
