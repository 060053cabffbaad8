"""What a test does to a session: events injected, sound heard, the end."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from realtime_mock.audio.wav import encode_wav

DEADLINE = 5.0


@asynccontextmanager
async def session(http):
    """A client's WebSocket, and the path of its session's control."""
    async with http.ws_connect("/v1/realtime?model=gpt-realtime") as socket:
        created = await socket.receive_json(timeout=DEADLINE)
        yield socket, f"/_mock/sessions/{created['session']['id']}"


async def post(http, path, **sent):
    async with http.post(path, **sent) as response:
        return response.status, await response.json()


async def until(socket, kind):
    while (event := await socket.receive_json(timeout=DEADLINE))["type"] != kind:
        pass
    return event


async def test_an_event_of_the_servers_reaches_the_client_with_an_id(http, mock):
    async with session(http) as (socket, path):
        event = {"type": "input_audio_buffer.cleared"}
        status, answer = await post(http, f"{path}/events", json={"event": event})
        received = await socket.receive_json(timeout=DEADLINE)

    assert (status, received, received["type"]) == (202, answer["event"], "input_audio_buffer.cleared")
    [entry] = [entry for entry in mock.journal.entries(direction="out") if entry.type == event["type"]]
    assert (entry.scripted, entry.valid) == (True, True)


async def test_an_event_that_breaks_its_schema_is_refused_unless_that_is_meant(http):
    async with session(http) as (socket, path):
        event = {"type": "response.done", "response": None}
        refused, answer = await post(http, f"{path}/events", json={"event": event})
        meant, _ = await post(http, f"{path}/events", json={"event": event, "invalid": True})
        received = await socket.receive_json(timeout=DEADLINE)

    assert (refused, answer["error"]["code"]) == (400, "invalid_event")
    assert '"invalid": true' in answer["error"]["message"]
    assert (meant, received) == (202, event)


async def test_an_event_of_the_clients_is_taken_as_if_it_had_sent_it(http, mock):
    async with session(http) as (socket, path):
        given = {"event": {"type": "input_audio_buffer.clear", "event_id": "mine"}, "from": "client"}
        await post(http, f"{path}/events", json=given)
        await until(socket, "input_audio_buffer.cleared")

    [entry] = mock.journal.entries(direction="in", kind="event")
    assert (entry.channel, entry.event) == ("control", given["event"])


async def test_words_are_spoken_into_the_microphone_and_end_their_turn(http):
    async with session(http) as (socket, path):
        status, answer = await post(http, f"{path}/audio", json={"text": "What is the weather?"})
        stopped = await until(socket, "input_audio_buffer.speech_stopped")
        await until(socket, "response.created")

    assert (status, answer["silence"]) == (202, 2.0)
    assert 0 < stopped["audio_end_ms"] <= answer["ms"] + 2000


async def test_a_wav_file_is_heard_at_its_own_rate(http):
    wav = encode_wav(bytes(16_000), rate=8_000)
    async with session(http) as (socket, path):
        off = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
        await socket.send_json({"type": "session.update", "session": off})
        await until(socket, "session.updated")
        _, answer = await post(http, f"{path}/audio", data=wav, headers={"Content-Type": "audio/wav"})
        await socket.send_json({"type": "input_audio_buffer.commit"})
        await until(socket, "input_audio_buffer.committed")

    assert answer == {"ms": 1000, "silence": 0.0}


@pytest.mark.parametrize("sent", [{"data": b"no wav"}, {"json": {"txt": "x"}}, {"json": {}}])
async def test_what_is_no_sound_is_a_400(http, sent):
    async with session(http) as (_, path):
        status, answer = await post(http, f"{path}/audio", **sent)

    assert status == 400
    assert answer["error"]["message"]


async def test_a_session_is_closed_with_a_code_and_a_reason(http):
    async with session(http) as (socket, path):
        status, _ = await post(http, f"{path}/close", json={"code": 4321, "reason": "enough"})
        closed = await socket.receive(timeout=DEADLINE)

    assert (status, socket.close_code, closed.extra) == (200, 4321, "enough")


@pytest.mark.parametrize("below", ["events", "audio", "close"])
@pytest.mark.parametrize("ending", ["never was", "has ended", "of another lane"])
async def test_a_session_that_is_not_there_is_a_404(http, mock, below, ending):
    body = {"events": {"event": {"type": "x"}}, "audio": {"text": "Hi."}, "close": {}}[below]
    mock.factory.lanes.open("other")
    async with session(http) as (socket, path):
        if ending == "has ended":
            await socket.close()
        wanted = "/_mock/sessions/sess_none" if ending == "never was" else path
        lane = {"lane": "other"} if ending == "of another lane" else {}
        status, answer = await post(http, f"{wanted}/{below}", json=body, params=lane)

    assert (status, answer["error"]["code"]) == (404, "session_not_found")
