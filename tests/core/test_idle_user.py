"""A silent user: `idle_timeout_ms`, in the recorded sequence (protocol 7.15)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_mock.core.idle import NUDGE
from realtime_mock.scenario.model import Rule, Say, Scenario, Turn

KEY_FRAMES = Path(__file__).parents[3] / "shared" / "reference" / "recordings" / "ga-idle-timeout-2026-keyframes.json"
TEXT = {"output_modalities": ["text"]}
SEQUENCE = [
    "input_audio_buffer.timeout_triggered",
    "conversation.item.added",
    "conversation.item.done",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def idle(**detection):
    turn_detection = {"type": "server_vad", "idle_timeout_ms": 5000, **detection}
    transcription = {"model": "gpt-realtime-whisper"}
    return {"type": "realtime", "audio": {"input": {"turn_detection": turn_detection, "transcription": transcription}}}


def spoken(text):
    """A scenario whose every answer is this text: 50 ms of speech for each character."""
    return Scenario("test", (Rule({"type": "response.create"}, (Turn((Say(text),)),)),))


@pytest.fixture
def timed_out(opened, silence):
    """A session as recorded: a text answer, then nothing but silence; and what came for that."""
    session = opened(model="gpt-realtime-2.1-mini", given=idle())
    session.say("Hello")
    session.append(silence(0.672))
    session.send("response.create", response=TEXT)
    while session.sent[-1]["type"] != "response.done":
        session.run(until=session.session.next_timer())
    began = session.now
    session.run(until=began + 0.1)
    for _ in range(32):
        session.append(silence(0.16))
        session.run(until=session.now + 0.15)
    return session, session.run(until=began + 5.2)


def test_silence_is_committed_behind_a_system_item_and_answered(timed_out):
    session, came = timed_out
    assert [event["type"] for event in came][:7] == SEQUENCE
    triggered, system, system_done, committed, user, user_done, _ = came[:7]
    _, answer = session.session.snapshot()["items"][:2]
    assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (672, 5792)
    assert system["item"] == {
        "id": system["item"]["id"],
        "type": "message",
        "status": "completed",
        "role": "system",
        "content": [{"type": "input_text", "text": NUDGE}],
    }
    assert [event["previous_item_id"] for event in (system, system_done)] == [answer["id"]] * 2
    assert (committed["item_id"], committed["previous_item_id"]) == (triggered["item_id"], system["item"]["id"])
    assert [event["previous_item_id"] for event in (user, user_done)] == [system["item"]["id"]] * 2
    assert user["item"] == user_done["item"]
    assert user["item"]["id"] == triggered["item_id"]
    assert user["item"]["content"] == [{"type": "input_audio", "transcript": None}]


def test_silence_is_transcribed_to_nothing_for_nothing(timed_out):
    session, came = timed_out
    came += session.run(until=session.now + 3)
    [completed] = [event for event in came if "transcription" in event["type"]]
    item_id = came[0]["item_id"]
    del completed["event_id"]
    assert completed == {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": item_id,
        "content_index": 0,
        "transcript": "",
        "usage": {"type": "duration", "seconds": 0},
    }


def test_silence_costs_the_answer_a_token_for_each_tenth_of_a_second(timed_out):
    session, came = timed_out
    came += session.run(until=session.now + 3)
    done = next(event["response"] for event in came if event["type"] == "response.done")
    assert done["usage"]["input_token_details"]["audio_tokens"] == 51
    session.check()


@pytest.mark.skipif(not KEY_FRAMES.is_file(), reason="the recording is not here")
def test_the_sequence_is_the_recorded_one(timed_out):
    _, came = timed_out
    frames = [frame["data"] for frame in json.loads(KEY_FRAMES.read_text())["frames"] if frame["d"] == "<"]
    start = [frame["type"] for frame in frames].index("input_audio_buffer.timeout_triggered")
    recorded = frames[start : start + len(SEQUENCE)]
    assert [frame["type"] for frame in recorded] == [event["type"] for event in came[: len(SEQUENCE)]]
    for frame, event in zip(recorded, came, strict=False):
        for key in ("audio_start_ms", "audio_end_ms"):
            assert frame.get(key) == event.get(key)
    for at in (1, 4):
        assert {**recorded[at]["item"], "id": ""} == {**came[at]["item"], "id": ""}


def triggered(session):
    return [event["type"] for event in session.sent].count("input_audio_buffer.timeout_triggered")


def test_the_wait_begins_when_the_answers_audio_has_been_heard(opened):
    session = opened(given=idle(), scenario=spoken("x" * 40))
    session.send("response.create")
    while session.sent[-1]["type"] != "response.done":
        session.run(until=session.session.next_timer())
    done_at = session.now
    session.run(until=done_at + 2 + 5 - 0.001)
    assert triggered(session) == 0
    session.run(until=done_at + 2 + 5)
    assert triggered(session) == 1


def test_on_a_call_the_wait_begins_when_playback_ends(opened):
    session = opened(call=True, given=idle(), scenario=spoken("x" * 40))
    session.send("response.create")
    while session.sent[-1]["type"] != "output_audio_buffer.stopped":
        session.run(until=session._next_due())
    stopped_at = session.now
    session.run(until=stopped_at + 4.999)
    assert triggered(session) == 0
    session.run(until=stopped_at + 5)
    assert triggered(session) == 1


def test_a_user_who_stays_silent_is_asked_again(opened):
    session = opened(given=idle(), scenario=spoken("Hello?"))
    session.send("response.create")
    session.run(until=17)
    assert triggered(session) == 3
    session.check()


def test_speech_ends_the_wait(opened, tone):
    session = opened(given=idle(), scenario=spoken("Hello?"))
    session.send("response.create")
    session.run(until=5)
    session.append(tone(0.5))
    session.run(until=20)
    assert triggered(session) == 0


def test_an_answer_under_way_is_waited_for(opened):
    steps = Turn((Say("Hello?"),)), Turn((Say("Well.", after=9.0),))
    session = opened(given=idle(), scenario=Scenario("test", (Rule({"type": "response.create"}, steps),)))
    session.send("response.create")
    session.run(until=5)
    session.send("response.create")
    session.run(until=14)
    assert triggered(session) == 0
    session.run(until=14 + 6)
    assert triggered(session) == 1


@pytest.mark.parametrize("detection", [None, {"type": "server_vad", "idle_timeout_ms": None}, {"type": "semantic_vad"}])
def test_an_update_can_end_the_wait(opened, detection):
    session = opened(given=idle(), scenario=spoken("Hello?"))
    session.send("response.create")
    session.run(until=2)
    session.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    session.run(until=20)
    assert triggered(session) == 0


def test_nobody_is_nudged_by_default(opened):
    session = opened(scenario=spoken("Hello?"))
    session.send("response.create")
    session.run(until=100)
    assert triggered(session) == 0
