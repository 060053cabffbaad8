"""A silence of the assistant's: where it lies, what it costs, and that nothing is said in it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from realtime_mock.core.effects import PlayAudio
from realtime_mock.scenario.model import Call, Rule, Say, Scenario, Silence, Step, Turn

TEXT = {"output_modalities": ["text"]}
WORD = 0.05 * len("word")
"""Seconds of "word" as the tests' voice speaks it."""


def answers(*steps: Step) -> Scenario:
    return Scenario("test", (Rule({"type": "response.create"}, (Turn(steps),)),))


def rest_of(session: Any) -> dict[str, Any]:
    [done] = [event["response"] for event in session.run() if event["type"] == "response.done"]
    return done


def respond(session: Any, **fields: Any) -> dict[str, Any]:
    """Ask for a response, wait for it, and return it as it is when done."""
    session.send("response.create", **fields)
    return rest_of(session)


def heard(session: Any, output_index: int = 0) -> bytes:
    deltas = [event for event in session.sent if event["type"] == "response.output_audio.delta"]
    return b"".join(base64.b64decode(each["delta"]) for each in deltas if each["output_index"] == output_index)


def quiet(seconds: float) -> bytes:
    return bytes(int(seconds * 24_000) * 2)


SPOKEN = b"\x01\x10" * int(24_000 * WORD)


@pytest.mark.parametrize(
    ("steps", "audio"),
    [
        ([Say("word"), Silence(2.0)], SPOKEN + quiet(2.0)),
        ([Silence(0.5), Say("word")], quiet(0.5) + SPOKEN),
        ([Silence(0.5), Say("word"), Silence(0.25), Silence(0.25)], quiet(0.5) + SPOKEN + quiet(0.5)),
        ([Silence(2.0)], quiet(2.0)),
    ],
)
def test_silence_is_in_the_audio_of_the_message_that_it_stands_beside(opened, steps: list[Step], audio: bytes):
    session = opened(scenario=answers(*steps))
    assert [item["type"] for item in respond(session)["output"]] == ["message"]
    assert heard(session) == audio


def test_a_silence_between_two_messages_belongs_to_the_first(opened):
    session = opened(scenario=answers(Say("word"), Silence(1.0), Say("word")))
    respond(session)
    assert (heard(session, 0), heard(session, 1)) == (SPOKEN + quiet(1.0), SPOKEN)


def test_no_word_is_written_in_a_silence(opened):
    session = opened(scenario=answers(Silence(1.0), Say("word")), pace=1.0)
    session.send("response.create")
    session.run(0.99)
    came = [event["type"] for event in session.sent]
    assert "response.output_audio.delta" in came
    assert "response.output_audio_transcript.delta" not in came


def test_silence_takes_its_time_at_the_pace_of_the_session(opened):
    session = opened(scenario=answers(Say("word"), Silence(2.0)), pace=4.0)
    session.send("response.create")
    assert "response.done" not in [event["type"] for event in session.run((2.0 + WORD) / 4 - 0.01)]
    assert "response.done" in [event["type"] for event in session.run((2.0 + WORD) / 4 + 0.01)]


def test_a_call_plays_the_silence_with_the_words(opened):
    session = opened(scenario=answers(Say("word"), Silence(0.5)), call=True)
    respond(session)
    [played] = [effect.speech for effect in session.effects if isinstance(effect, PlayAudio)]
    assert played.pcm == SPOKEN + quiet(0.5)


def test_in_a_text_silence_is_only_time(opened):
    session = opened(scenario=answers(Silence(1.0), Call("f", "{}")), pace=1.0)
    session.send("response.create", response=TEXT)
    assert session.run(0.99) == []
    assert [item["type"] for item in rest_of(session)["output"]] == ["function_call"]


def test_silence_costs_tokens_and_is_cut_where_they_end(opened):
    session = opened(scenario=answers(Silence(2.0), Say("word")))
    done = respond(session, response={"max_output_tokens": 10})
    assert (done["status"], done["usage"]["output_tokens"]) == ("incomplete", 10)
    assert heard(session) == quiet(0.5)
