"""Events that clients do not expect, and what today's API refuses: what a client sees of each scenario."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.core.effects import Hangup
from realtime_mock.registry import SchemaRegistry

Event = dict[str, Any]
HELLO = {"type": "realtime", "instructions": "Be brief."}


def types_of(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def only(events: list[Event], event_type: str) -> Event:
    [found] = [event for event in events if event["type"] == event_type]
    return found


def test_unknown_events_surround_an_answer(play, words):
    played = play("unknown-events")
    assert types_of(played.sent) == ["session.created", "ping", "transcription_session.created"]
    response = played.respond()
    assert words(response) == ["You have survived everything so far."]
    assert played.faults() == [
        "ping",
        "transcription_session.created",
        "response.thoughts.delta",
        "response.audio_transcript.delta",
        "response.text.done",
    ]
    assert only(played.sent, "response.thoughts.delta")["response_id"] == response["id"]
    assert all(event["event_id"].startswith("event_") for event in played.sent)


def test_one_event_of_every_type(play):
    played = play("every-event")
    came = played.send("input_audio_buffer.clear")
    assert sorted(types_of(came[1:])) == sorted(SchemaRegistry.bundled().server_types)
    assert played.faults() == []
    assert only(came, "session.updated")["session"] == played.sent[0]["session"]


def test_known_events_have_unknown_keys(play):
    played = play("extra-keys")
    created = played.sent[0]["session"]
    updated = only(played.send("session.update", session=HELLO), "session.updated")["session"]
    done = played.respond()
    assert [session["custom_voice_id"] for session in (created, updated)] == ["voice_1234"] * 2
    assert created["audio"]["output"]["loudness"] == -16
    assert done["carbon"] == {"grams": 0.2}
    assert only(played.sent, "conversation.item.added")["item"]["priority"] == "low"
    [refusal] = played.send("session.update", session={"type": "realtime", "custom_voice_id": "voice_1234"})
    assert (refusal["error"]["code"], refusal["error"]["param"]) == ("unknown_parameter", "session.custom_voice_id")


def test_failures_say_ever_less(play):
    played = play("partial-failures")
    failures = [played.respond() for _ in range(5)]
    assert [failure["status"] for failure in failures] == ["failed"] * 4 + ["completed"]
    assert [failure.get("status_details", "absent") for failure in failures] == [
        {"type": "failed", "error": {"code": "server_error"}},
        {"type": "failed"},
        None,
        "absent",
        None,
    ]
    created = [event["response"]["id"] for event in played.sent if event["type"] == "response.created"]
    assert [failure["id"] for failure in failures] == created


def test_the_beta_api_is_gone(play):
    played = play("beta-retired")
    [error] = played.sent
    assert (error["error"]["type"], error["error"]["code"]) == ("invalid_request_error", "beta_api_shape_disabled")
    assert played.hangup == Hangup(4000, "invalid_request_error.beta_api_shape_disabled")


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"instructions": "Be brief."}, "missing_required_parameter", "session.type"),
        ({"type": "realtime", "voice": "alloy"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "modalities": ["text"]}, "unknown_parameter", "session.modalities"),
        ({"type": "realtime", "audio": {"output": {"voice": 3}}}, "invalid_type", "session.audio.output.voice"),
        (
            {
                "type": "realtime",
                "audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": None}}},
            },
            "invalid_type",
            "session.audio.input.turn_detection.create_response",
        ),
    ],
)
def test_an_update_that_is_refused_tells_the_assistant_nothing(play, words, session: Event, code: str, param: str):
    played = play("ga-only")
    [refusal] = played.send("session.update", session=session, event_id="setup")
    assert (refusal["error"]["code"], refusal["error"]["param"]) == (code, param)
    assert refusal["error"]["event_id"] == "setup"
    assert words(played.respond()) == ["Nobody has told me anything."]


def test_an_update_that_is_accepted_does(play, words):
    played = play("ga-only")
    played.send("session.update", session=HELLO)
    assert words(played.respond()) == ["I have my instructions."]


def test_the_voice_is_locked_once_it_was_heard(play):
    played = play("voice-locked")
    update = {"type": "realtime", "instructions": "Be brief.", "audio": {"output": {"voice": "cedar"}}}
    assert types_of(played.send("session.update", session=update)) == ["session.updated"]
    played.respond()
    update["audio"] = {"output": {"voice": "marin"}}
    [refusal] = played.send("session.update", session={**update, "instructions": "Be loud."})
    assert refusal["error"]["code"] == "cannot_update_voice"
    session = only(played.send("session.update", session={"type": "realtime"}), "session.updated")["session"]
    assert (session["audio"]["output"]["voice"], session["instructions"]) == ("cedar", "Be brief.")


def test_acknowledgements_are_missing_then_late_then_usual(play):
    played = play("slow-session-updated")

    def update(instructions: str) -> list[Event]:
        return played.send("session.update", session={"type": "realtime", "instructions": instructions})

    assert [*update("one"), *played.wait(60.0)] == []
    assert [*update("two"), *played.wait(1.9)] == []
    late = only(played.wait(0.2), "session.updated")["session"]
    assert late["instructions"] == "two"
    assert types_of(update("three")) == ["session.updated"]
    played.check()


def test_an_update_without_acknowledgement_takes_effect(play):
    played = play("ready-without-updated")
    assert types_of(played.sent) == ["session.created"]
    assert played.send("session.update", session={"type": "realtime", "output_modalities": ["text"]}) == []
    assert played.respond()["output_modalities"] == ["text"]


def test_a_session_ready_without_created(play):
    played = play("ready-without-created")
    assert [*played.sent, *played.wait(60.0)] == []
    assert types_of(played.send("session.update", session=HELLO)) == ["session.updated"]


def test_created_comes_after_updated(play):
    played = play("created-after-updated")
    played.send("session.update", session=HELLO)
    played.wait(1.0)
    assert types_of(played.sent) == ["session.updated", "session.created"]
