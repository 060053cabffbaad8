"""Sessions that only transcribe: by `?intent=transcription`, and by a client secret."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
import pytest

DEADLINE = 10.0
RATE = 24_000
INTENT = "/v1/realtime?intent=transcription"
UPDATE = {
    "type": "session.update",
    "session": {
        "type": "transcription",
        "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe", "language": "en"}}},
    },
}
Socket = aiohttp.ClientWebSocketResponse


async def until(socket: Socket, kind: str) -> list[dict[str, Any]]:
    events = [await socket.receive_json(timeout=DEADLINE)]
    while events[-1]["type"] != kind:
        assert events[-1]["type"] != "error", events[-1]
        events.append(await socket.receive_json(timeout=DEADLINE))
    return events


async def speak(socket: Socket, level: int, seconds: float) -> None:
    pcm = level.to_bytes(2, "little") * int(RATE * seconds)
    await socket.send_json({"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()})


async def test_what_is_said_is_written_down_and_not_answered(http):
    async with http.ws_connect(INTENT) as socket:
        [created] = await until(socket, "session.created")
        await socket.send_json(UPDATE)
        [updated] = await until(socket, "session.updated")
        await speak(socket, 4097, 1.0)
        await speak(socket, 0, 1.0)
        kinds = [event["type"] for event in await until(socket, COMPLETED)]
        await socket.send_json({"type": "input_audio_buffer.clear"})
        rest = await until(socket, "input_audio_buffer.cleared")
    assert created["session"]["object"] == "realtime.transcription_session"
    written = {"model": "gpt-4o-transcribe", "language": "en", "prompt": None}
    assert updated["session"]["audio"]["input"]["transcription"] == written
    assert kinds[:3] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ]
    assert not [kind for kind in kinds if kind.startswith("response.")]
    assert [event["type"] for event in rest] == ["input_audio_buffer.cleared"]


COMPLETED = "conversation.item.input_audio_transcription.completed"


async def test_without_turn_detection_the_client_commits(http):
    async with http.ws_connect(INTENT) as socket:
        await until(socket, "session.created")
        audio = {"transcription": {"model": "whisper-1"}, "turn_detection": None}
        session = {"type": "transcription", "audio": {"input": audio}}
        await socket.send_json({"type": "session.update", "session": session})
        await until(socket, "session.updated")
        await speak(socket, 4097, 0.5)
        await socket.send_json({"type": "input_audio_buffer.commit"})
        [*_, completed] = await until(socket, COMPLETED)
    assert completed["transcript"]


async def test_a_response_cannot_be_asked_for(http):
    async with http.ws_connect(INTENT) as socket:
        await until(socket, "session.created")
        await socket.send_json({"type": "response.create"})
        assert (await socket.receive_json(timeout=DEADLINE))["type"] == "error"


async def test_a_secret_brings_its_transcription_along(http):
    session = UPDATE["session"]
    async with http.post("/v1/realtime/client_secrets", json={"session": session}) as response:
        secret = await response.json()
    headers = {"Authorization": f"Bearer {secret['value']}"}
    async with http.ws_connect("/v1/realtime", headers=headers) as socket:
        [created] = await until(socket, "session.created")
        await speak(socket, 4097, 1.0)
        await speak(socket, 0, 1.0)
        await until(socket, COMPLETED)
    assert created["session"]["audio"] == secret["session"]["audio"]


async def test_a_transcription_model_cannot_converse_and_the_socket_closes(http):
    async with http.ws_connect("/v1/realtime?model=gpt-4o-mini-transcribe") as socket:
        await until(socket, "session.created")
        await socket.send_json({"type": "session.update", "session": {"type": "transcription"}})
        error = (await socket.receive_json(timeout=DEADLINE))["error"]
        closed = await socket.receive(timeout=DEADLINE)
    message = 'Model "gpt-4o-mini-transcribe" is not supported in transcription mode.'
    assert (error["code"], error["message"]) == ("invalid_model", message)
    assert (closed.data, closed.extra) == (4000, "invalid_request_error.invalid_model")


@pytest.mark.parametrize("other", ["realtime", "transcription"])
async def test_a_session_keeps_its_type(http, other):
    path = INTENT if other == "realtime" else "/v1/realtime?model=gpt-realtime"
    async with http.ws_connect(path) as socket:
        await until(socket, "session.created")
        await socket.send_json({"type": "session.update", "session": {"type": other}})
        error = (await socket.receive_json(timeout=DEADLINE))["error"]
    assert error["code"] == "invalid_parameter"
