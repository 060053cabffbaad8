"""Connections that end, and responses that fail: what a client sees of each scenario."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.core.effects import Hangup

Event = dict[str, Any]
USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}


def types_of(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def test_a_session_expires_with_an_error_and_a_close(play):
    played = play("session-expired")
    assert [*played.wait(9.9), played.hangup] == [None]
    [error] = played.wait(0.2)
    text = "Your session hit the maximum duration of 60 minutes."
    assert (error["error"]["code"], error["error"]["message"]) == ("session_expired", text)
    assert played.hangup == Hangup(1001, text)
    assert played.send("response.create") == []


def test_the_assistant_hangs_up_after_its_goodbye(play, words):
    played = play("hang-up", pace=1.0)
    assert words(played.respond()) == ["It was nice talking to you. Goodbye!"]
    assert played.hangup == Hangup(1000, "Goodbye.")


def test_a_connection_is_closed_at_once(play):
    played = play("closed-at-once")
    assert types_of(played.sent) == ["session.created"]
    assert played.hangup == Hangup(1011, "keepalive ping timeout")


def test_a_connection_is_closed_while_the_user_speaks(play):
    played = play("closed-while-listening")
    assert types_of(played.speak(0.5)) == ["input_audio_buffer.speech_started"]
    assert played.hangup == Hangup(1001, "going away")


@pytest.mark.parametrize("pace", [0.0, 1.0, 10.0])
def test_a_connection_is_closed_before_an_answer_begins(play, pace: float):
    played = play("closed-while-thinking", pace=pace)
    assert types_of([*played.send("response.create"), *played.run()]) == ["response.created"]
    assert played.hangup == Hangup(1011, "internal error")


@pytest.mark.parametrize("pace", [0.0, 1.0, 10.0])
@pytest.mark.parametrize(
    ("modality", "delta"),
    [("audio", "response.output_audio_transcript.delta"), ("text", "response.output_text.delta")],
)
def test_a_connection_is_closed_after_the_third_delta(play, pace: float, modality: str, delta: str):
    played = play("closed-while-speaking", pace=pace)
    played.send("response.create", response={"output_modalities": [modality]})
    played.run()
    assert (types_of(played.sent).count(delta), played.sent[-1]["type"]) == (3, delta)
    assert played.hangup == Hangup(1011, "internal error")


def test_a_connection_is_closed_within_a_calls_arguments(play):
    played = play("closed-while-calling")
    played.send("response.create")
    played.run()
    assert played.sent[-1]["type"] == "response.function_call_arguments.delta"
    assert played.hangup == Hangup(1011, "internal error")


def test_a_session_lasts_for_one_answer_and_its_history_can_be_restored(play, words):
    first = play("reconnect")
    first.send("conversation.item.create", item=USER)
    answer = first.respond()
    first.send("response.create")
    first.run()
    assert first.hangup == Hangup(1001, "going away")
    assert words(answer) == ["I am still here."]
    second = play("reconnect", number=2)
    history = [{**USER, "id": "item_user"}, {**answer["output"][0], "content": [{"type": "output_text", "text": "Hm"}]}]
    for item in history:
        second.send("conversation.item.create", item=item)
    assert [item["id"] for item in second.session.snapshot()["items"]] == [item["id"] for item in history]
    assert words(second.respond()) == ["I am still here."]
    second.check()


def test_a_new_session_knows_nothing_of_the_old_one(play):
    first, second = play("reconnect"), play("reconnect", number=2)
    first.respond()
    second.respond()
    ids = [
        {event["event_id"] for event in played.sent}
        | {event["item_id"] for event in played.sent if "item_id" in event}
        | {event["response"]["id"] for event in played.sent if "response" in event}
        for played in (first, second)
    ]
    assert ids[0] & ids[1] == set()


def test_every_failure_in_its_turn(play, words):
    played = play("every-failure")
    ends = [played.respond() for _ in range(7)]
    details = [end["status_details"] or {} for end in ends]
    assert [
        (end["status"], detail.get("reason"), (detail.get("error") or {}).get("code"))
        for end, detail in zip(ends, details, strict=True)
    ] == [
        ("failed", None, "rate_limit_exceeded"),
        ("failed", None, "insufficient_quota"),
        ("failed", None, "inference_not_authorized_error"),
        ("failed", None, None),
        ("incomplete", "max_output_tokens", None),
        ("incomplete", "content_filter", None),
        ("completed", None, None),
    ]
    assert all(detail["error"]["message"] for detail in details[:4])
    assert [words(end) for end in ends[4:]] == [
        ["This answer will be cut sh"],
        ["I had better not"],
        ["Everything works again."],
    ]
    played.check()


def test_the_answer_after_a_tool_fails_and_says_why(play, words):
    played = play("failed-after-tool")
    call_id = played.respond()["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "21"}
    played.send("conversation.item.create", item=output)
    failed = played.respond()
    message = "The model produced an unexpected error. Please try again."
    assert (failed["status"], failed["status_details"]["error"]["message"]) == ("failed", message)
    assert words(played.respond()) == ["It is sunny in Paris."]
    played.check()
