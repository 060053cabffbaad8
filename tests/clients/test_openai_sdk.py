"""The official Python SDK, unmodified but for its `base_url`."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime_mock.audio.formats import format_of
from realtime_mock.audio.wav import read_wav
from realtime_mock.hearing.saying import Said
from realtime_mock.scenario.loader import find_scenario, load_scenario
from realtime_mock.server import RealtimeMock, serve_in_thread
from realtime_mock.settings import Settings

openai = pytest.importorskip("openai", reason="the openai package is not installed")

QUESTION = Path(__file__).parents[2] / "fixtures/audio/question-24k.wav"
SECOND = 48_000
DEADLINE = 20.0

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0)) as mock:
        yield mock
    assert [(entry.text, entry.error) for entry in mock.journal.entries(kind="event", valid=False)] == []


@pytest.fixture
async def client(mock):
    async with openai.AsyncOpenAI(base_url=mock.base_url, api_key="sk-test") as client:
        yield client


@pytest.fixture
async def connection(client):
    async with asyncio.timeout(DEADLINE), client.realtime.connect(model="gpt-realtime") as connection:
        assert (await connection.recv()).type == "session.created"
        yield connection


async def until(connection, kind):
    """The events up to the first of this type."""
    events = [await connection.recv()]
    while events[-1].type != kind:
        assert events[-1].type != "error", events[-1]
        events.append(await connection.recv())
    return events


async def ask(connection, text):
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})


def of(events, kind):
    return [event for event in events if event.type == kind]


TRANSCRIPTION = "conversation.item.input_audio_transcription"
VOICE_FORMATS = ["audio/pcm", "audio/pcmu", "audio/pcma"]
CONVERSATION = {
    "What's the weather in Paris?": "It is sunny in Paris.",
    "What time is it?": "It is ten past nine.",
    "Where is the station?": "I did not catch that. Please say it again.",
}
"""What is said to the scenario `spoken-questions`, which lists the first two, and what it answers."""


@pytest.mark.parametrize("audio_format", VOICE_FORMATS)
async def test_a_spoken_conversation_follows_the_words(mock, client, audio_format):
    mock.factory.scenario = load_scenario(find_scenario("spoken-questions"))
    rate = {"rate": 24_000} if audio_format == "audio/pcm" else {}
    audio_input = {"format": {"type": audio_format, **rate}, "transcription": {"model": "gpt-4o-transcribe"}}
    async with asyncio.timeout(DEADLINE), client.realtime.connect(model="gpt-realtime") as connection:
        await connection.session.update(session={"type": "realtime", "audio": {"input": audio_input}})
        for question, answer in CONVERSATION.items():
            events = await say(connection, Said((question,), silence=1.0).pcm(mock.factory.voice), audio_format)
            [written] = of(events, f"{TRANSCRIPTION}.completed")
            deltas = "".join(event.delta for event in of(events, f"{TRANSCRIPTION}.delta"))
            [said] = of(events, "response.output_audio_transcript.done")
            assert (said.transcript, deltas.strip()) == (answer, written.transcript)
            assert written.transcript == ("[speech, 1.1 s]" if answer.startswith("I did not") else question)


async def say(connection, pcm, audio_format):
    """Append speech in this format; the events up to its answer and its transcript."""
    samples = format_of(audio_format.removeprefix("audio/"), None).samples(pcm)
    for at in range(0, len(samples), 4_000):
        await connection.input_audio_buffer.append(audio=base64.b64encode(samples[at : at + 4_000]).decode())
    events = await until(connection, "rate_limits.updated")
    return (
        events
        if of(events, f"{TRANSCRIPTION}.completed")
        else events + await until(connection, f"{TRANSCRIPTION}.completed")
    )


async def test_a_text_turn_is_answered_in_audio(connection):
    await ask(connection, "Good morning")
    await connection.response.create()

    events = await until(connection, "response.done")

    response = events[-1].response
    (transcript,) = of(events, "response.output_audio_transcript.done")
    audio = b"".join(base64.b64decode(event.delta) for event in of(events, "response.output_audio.delta"))
    assert response.status == "completed"
    assert "Good morning" in transcript.transcript
    assert response.output[0].content[0].transcript == transcript.transcript
    assert len(audio) > SECOND // 2
    assert max(audio) > 0


async def test_a_spoken_turn_is_noticed_and_answered(connection):
    pcm, rate = read_wav(QUESTION)
    assert rate == 24_000
    spoken = pcm + bytes(SECOND)
    for start in range(0, len(spoken), SECOND // 10):
        chunk = base64.b64encode(spoken[start : start + SECOND // 10]).decode()
        await connection.input_audio_buffer.append(audio=chunk)

    events = await until(connection, "response.done")

    kinds = [event.type for event in events]
    turn = [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "response.created",
        "response.done",
    ]
    assert [kind for kind in kinds if kind in turn] == turn
    (stopped,) = of(events, "input_audio_buffer.speech_stopped")
    (committed,) = of(events, "input_audio_buffer.committed")
    assert stopped.item_id == committed.item_id
    assert events[-1].response.status == "completed"


async def test_a_forced_function_is_called_and_its_output_is_spoken(connection):
    await connection.session.update(session={"type": "realtime", "tools": [WEATHER]})
    await until(connection, "session.updated")
    await ask(connection, "How is the weather?")
    await connection.response.create(response={"tool_choice": {"type": "function", "name": "get_weather"}})

    (call,) = (await until(connection, "response.done"))[-1].response.output
    assert (call.type, call.name) == ("function_call", "get_weather")
    assert isinstance(json.loads(call.arguments)["city"], str)

    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny, 21 degrees"}
    await connection.conversation.item.create(item=output)
    await connection.response.create()
    events = await until(connection, "response.done")

    assert "sunny, 21 degrees" in events[-1].response.output[0].content[0].transcript


async def test_a_response_can_be_cancelled(connection):
    await ask(connection, "Tell me a story. " * 20)
    await connection.response.create()
    await until(connection, "response.output_audio.delta")
    await connection.response.cancel()

    response = (await until(connection, "response.done"))[-1].response

    assert (response.status, response.status_details.type) == ("cancelled", "cancelled")
    assert response.status_details.reason == "client_cancelled"


async def test_a_text_only_response_has_no_audio(connection):
    await ask(connection, "Good morning")
    await connection.response.create(response={"output_modalities": ["text"]})

    events = await until(connection, "response.done")

    assert not of(events, "response.output_audio.delta")
    assert "Good morning" in events[-1].response.output[0].content[0].text


async def test_a_client_secret_opens_the_session_it_was_minted_for(client, mock):
    secret = await client.realtime.client_secrets.create(
        session={"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}
    )
    assert (secret.value[:3], secret.session.instructions) == ("ek_", "Be brief.")

    browser = openai.AsyncOpenAI(base_url=mock.base_url, api_key=secret.value)
    async with asyncio.timeout(DEADLINE), browser, browser.realtime.connect(model="gpt-realtime") as connection:
        assert (await connection.recv()).session.instructions == "Be brief."


async def test_an_http_error_is_the_sdks_own_exception(client, mock):
    with pytest.raises(openai.BadRequestError) as refused:
        await client.realtime.client_secrets.create(expires_after={"anchor": "created_at", "seconds": 9})

    assert (refused.value.code, refused.value.param) == ("integer_below_min_value", "expires_after.seconds")
    (entry,) = mock.journal.entries(valid=False)
    assert entry.error["param"] == "expires_after.seconds"


def test_the_synchronous_client_talks_to_a_mock_in_a_thread():
    with (
        serve_in_thread() as mock,
        openai.OpenAI(base_url=mock.base_url, api_key="sk-test") as client,
        client.realtime.connect(model="gpt-realtime") as connection,
    ):
        first = connection.recv()
        connection.response.create(response={"output_modalities": ["text"]})
        while (event := connection.recv()).type != "response.done":
            pass

    assert first.type == "session.created"
    assert event.response.status == "completed"
    assert mock.journal.entries(first.session.id, direction="in")[0].type == "response.create"
