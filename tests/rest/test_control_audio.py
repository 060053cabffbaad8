"""The audio of a session over HTTP, by WebSocket and by telephone."""

from __future__ import annotations

import base64

import pytest

from realtime_mock.audio.pcm import dbfs
from realtime_mock.audio.wav import decode_wav
from realtime_mock.core.speech import BYTES_PER_MS
from realtime_mock.spans import WINDOW_MS

from .test_control_sessions import DEADLINE, session, until

QUESTION = bytes(range(1, 241)) * 200


async def wav(http, path, **query):
    async with http.get(path, params=query) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
        return decode_wav(await response.read(), name=path)


async def test_what_a_client_said_and_what_it_was_sent_are_wav_files(http, mock):
    async with session(http) as (socket, path):
        await socket.send_json({"type": "input_audio_buffer.append", "audio": base64.b64encode(QUESTION).decode()})
        await socket.send_json({"type": "response.create"})
        sent = b""
        while (event := await socket.receive_json(timeout=DEADLINE))["type"] != "response.done":
            if event["type"] == "response.output_audio.delta":
                sent += base64.b64decode(event["delta"])

        assert await wav(http, f"{path}/audio") == (QUESTION, 24_000)
        assert await wav(http, f"{path}/audio", direction="out") == (sent, 24_000)

    assert await wav(http, f"{path}/audio", direction="in") == (QUESTION, 24_000)
    [told] = [entry.event for entry in mock.journal.entries(kind="audio", direction="out")]
    assert told == {"response_id": event["response"]["id"], "ms": len(sent) // BYTES_PER_MS}


async def test_sound_that_a_test_injects_is_heard_and_told(http, mock):
    async with session(http) as (socket, path):
        async with http.post(f"{path}/audio", json={"text": "What is the weather?"}) as response:
            ms = (await response.json())["ms"]
        await until(socket, "response.created")
        heard, _ = await wav(http, f"{path}/audio")

    assert len(heard) // BYTES_PER_MS == ms + 2000
    [told] = [entry.event for entry in mock.journal.entries(kind="audio", direction="in")]
    assert 0 < told["ms"] <= ms + WINDOW_MS


async def test_a_telephone_call_is_kept_both_ways(http, mock):
    async with http.post("/_mock/sip/calls", json={"text": "Hello."}) as response:
        call = await response.json()
    async with http.post(f"/v1/realtime/calls/{call['id']}/accept", json={"type": "realtime"}) as response:
        assert response.status == 200
    spoken = f"/_mock/sessions/{call['session_id']}/journal/wait"
    async with http.get(spoken, params={"kind": "audio", "direction": "out", "timeout": 9}) as response:
        answer = await response.json()
    async with http.post(f"/_mock/sip/calls/{call['id']}/hangup"):
        pass

    [entry] = answer["entries"]
    heard, _ = await wav(http, f"/_mock/sessions/{call['session_id']}/audio")
    played, _ = await wav(http, f"/_mock/sessions/{call['session_id']}/audio", direction="out")
    assert (entry["channel"], entry["event"]["played_ms"]) == ("call", entry["event"]["ms"])
    assert len(played) == entry["event"]["ms"] * BYTES_PER_MS
    assert dbfs(heard) > -45


@pytest.mark.parametrize(
    "path, query, status",
    [("/_mock/sessions/sess_none/audio", {}, 404), ("/_mock/sessions/sess_none/audio", {"direction": "up"}, 400)],
)
async def test_audio_that_is_not_there_is_told(http, path, query, status):
    async with http.get(path, params=query) as response:
        assert response.status == status
