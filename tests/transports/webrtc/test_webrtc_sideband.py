"""Sidebands: WebSockets that attach to the session of a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

DEADLINE = 10.0
KEY = {"Authorization": "Bearer sk-test"}
TEXT = {"type": "response.create", "response": {"output_modalities": ["text"]}}
Socket = aiohttp.ClientWebSocketResponse


def sideband(mock: Any, http: aiohttp.ClientSession, location: str) -> Any:
    return http.ws_connect(f"{mock.base_url}/realtime?call_id={location.rsplit('/', 1)[1]}", headers=KEY)


@asynccontextmanager
async def attached(caller: Any) -> AsyncIterator[Socket]:
    """A sideband that the mock has attached: it has answered."""
    async with sideband(caller.mock, caller.http, caller.location) as socket:
        await socket.send_json({"type": "input_audio_buffer.clear"})
        assert await received(socket, "input_audio_buffer.cleared") == ["input_audio_buffer.cleared"]
        yield socket


async def received(socket: Socket, kind: str) -> list[str]:
    kinds = [(await socket.receive_json(timeout=DEADLINE))["type"]]
    while kinds[-1] != kind:
        kinds.append((await socket.receive_json(timeout=DEADLINE))["type"])
    return kinds


async def test_a_sideband_sees_what_the_data_channel_sees(caller):
    async with attached(caller) as socket:
        caller.send(TEXT)
        await caller.until("response.done")
        kinds = await received(socket, "response.done")
    channel = [event["type"] for event in caller.seen]
    # Before it attached there was session.created; its own clear was answered on both.
    assert channel[0] == "session.created"
    assert kinds == channel[2:]


async def test_a_sideband_gets_playback_events_but_no_audio(caller):
    async with attached(caller) as socket:
        await socket.send_json({"type": "response.create"})
        kinds = await received(socket, "output_audio_buffer.stopped")
    assert "output_audio_buffer.started" in kinds
    assert "response.output_audio_transcript.delta" in kinds
    assert "response.output_audio.delta" not in kinds


async def test_several_sidebands_share_one_call(caller):
    async with attached(caller) as one, attached(caller) as two:
        await received(one, "input_audio_buffer.cleared")
        await two.send_json({"type": "session.update", "session": {"type": "realtime", "instructions": "Hm."}})
        updated = [await socket.receive_json(timeout=DEADLINE) for socket in (one, two)]
    assert updated[0] == updated[1]
    assert updated[0]["session"]["instructions"] == "Hm."


async def test_a_sideband_that_leaves_does_not_end_the_call(caller):
    async with attached(caller):
        pass
    caller.send(TEXT)
    await caller.until("response.done")


async def test_a_sideband_ends_with_its_call(caller):
    async with attached(caller) as socket:
        assert await caller.hang_up() == 200
        closed = await socket.receive(timeout=DEADLINE)
    assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1000)


async def refusal(connecting: Any) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with connecting:
            pass
    return refused.value.status


async def test_an_ended_call_is_refused_at_the_upgrade(caller):
    await caller.hang_up()
    assert await refusal(sideband(caller.mock, caller.http, caller.location)) == 404


@pytest.mark.parametrize("call_id", ["", "rtc_u0_nope", "x"])
async def test_an_unknown_call_is_refused_with_the_recorded_body(mock, http, call_id):
    headers = {**KEY, "Connection": "Upgrade", "Upgrade": "websocket"}
    headers |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    async with http.get(f"{mock.base_url}/realtime?call_id={call_id}", headers=headers) as response:
        body = await response.json()
    assert response.status == 404
    assert body == {
        "error": {
            "message": "No session found for the provided call_id",
            "type": "invalid_request_error",
            "param": "",
            "code": "call_id_not_found",
        }
    }


async def test_the_id_of_a_websocket_session_is_no_call(mock, http):
    async with http.ws_connect(f"{mock.base_url}/realtime?model=gpt-realtime", headers=KEY) as socket:
        session_id = (await socket.receive_json(timeout=DEADLINE))["session"]["id"]
        assert await refusal(sideband(mock, http, "/" + session_id.replace("sess_", "rtc_"))) == 404


async def test_a_call_without_a_data_channel_is_driven_by_its_sideband(new_caller: Callable[[], Any], spoken: bytes):
    caller = new_caller()
    caller.open_microphone()
    await caller.dial()
    async with attached(caller) as socket:
        ear = await caller.ear()
        await caller.microphone.say(spoken)
        assert "input_audio_buffer.speech_started" in await received(socket, "output_audio_buffer.started")
        await ear.until(lambda level: level > -50)
        assert await caller.hang_up() == 200
        async with asyncio.timeout(DEADLINE):
            while (await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
