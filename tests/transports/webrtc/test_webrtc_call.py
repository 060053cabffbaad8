"""A whole call by an independent WebRTC stack: typed, spoken, interrupted, hung up."""

import asyncio
from typing import Any

LOUD = -45.0
QUIET = -70.0


def loud(level: float) -> bool:
    return level > LOUD


def quiet(level: float) -> bool:
    return level < QUIET


async def test_session_created_comes_first(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    event = await caller.next()
    assert event["type"] == "session.created"
    assert "rtc_" + event["session"]["id"].removeprefix("sess_") == caller.location.rpartition("/")[2]


async def test_a_typed_question_is_answered_aloud(caller: Any) -> None:
    ear = await caller.ear()
    caller.say_text("Hello there")
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.started")
    await ear.until(loud)
    await caller.until("output_audio_buffer.stopped")
    kinds = [event["type"] for event in caller.seen]
    assert kinds.index("response.created") < kinds.index("output_audio_buffer.started") < kinds.index("response.done")
    assert "response.output_audio.delta" not in kinds


async def test_a_spoken_question_is_answered_aloud(caller: Any, spoken: bytes) -> None:
    ear = await caller.ear()
    await caller.microphone.say(spoken)
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("input_audio_buffer.speech_stopped")
    await caller.until("input_audio_buffer.committed")
    await caller.until("output_audio_buffer.started")
    await ear.until(loud)
    done = await caller.until("response.done")
    assert done["response"]["status"] == "completed"


async def test_speaking_over_an_answer_silences_it(caller: Any, spoken: bytes) -> None:
    ear = await caller.ear()
    caller.say_text("Tell me a very long story, word for word, about a fox and a dog and the sea " * 3)
    caller.send({"type": "response.create"})
    await ear.until(loud)
    speech = asyncio.create_task(caller.microphone.say(spoken))
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("output_audio_buffer.cleared")
    await ear.until(quiet, frames=5)
    await speech


async def test_clearing_the_output_silences_it(caller: Any) -> None:
    ear = await caller.ear()
    caller.say_text("Tell me a very long story, word for word, about a fox and a dog and the sea " * 3)
    caller.send({"type": "response.create"})
    await ear.until(loud)
    caller.send({"type": "output_audio_buffer.clear"})
    await caller.until("output_audio_buffer.cleared")
    await ear.until(quiet, frames=5)


async def test_hanging_up_ends_the_call_once(caller: Any, mock: Any) -> None:
    assert await caller.hang_up() == 200
    async with asyncio.timeout(5):
        await caller.closed.wait()
    assert mock.sessions == ()
    assert await caller.hang_up() == 404


async def test_two_calls_do_not_hear_each_other(caller: Any, new_caller: Any) -> None:
    other = new_caller()
    other.open_microphone()
    other.open_channel()
    await other.dial()
    await other.until("session.created")
    ear = await other.ear()
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.stopped")
    await ear.until(quiet)
    assert [level for level in ear.levels if loud(level)] == []
    assert other.events.empty()
