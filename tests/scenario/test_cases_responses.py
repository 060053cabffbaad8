"""Races for the one active response, and function calls: what a client sees of each scenario."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]


def types_of(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def only(events: list[Event], event_type: str) -> Event:
    [found] = [event for event in events if event["type"] == event_type]
    return found


def output_of(call_id: str) -> Event:
    return {"type": "function_call_output", "call_id": call_id, "output": "21"}


def active_id(refusal: Event) -> str:
    """The id of the active response, which only the message names."""
    assert refusal["error"]["code"] == "conversation_already_has_active_response"
    named: str = refusal["error"]["message"].removeprefix("Conversation already has an active response in progress: ")
    return named.partition(".")[0]


def test_interruption_refuses_a_second_response_and_names_the_active_one(play):
    played = play("interruption", pace=1.0)
    created = only(played.send("response.create"), "response.created")
    played.wait(1.0)
    [refusal] = played.send("response.create", event_id="again")
    assert active_id(refusal) == created["response"]["id"]
    assert refusal["error"]["event_id"] == "again"
    played.send("response.cancel")
    assert types_of(played.send("response.create"))[0] == "response.created"


def test_refused_once_then_accepted(play, words):
    played = play("refused-once")
    [refusal] = played.send("response.create", event_id="first")
    assert (active_id(refusal), refusal["error"]["event_id"]) == ("resp_elsewhere", "first")
    assert words(played.respond()) == ["Now I have time for you."]
    played.check()


def test_the_race_is_lost_to_a_response_of_the_sessions_own(play, words):
    played = play("race-with-automatic-response", pace=1.0)
    played.send("response.create", event_id="mine")
    came = played.wait(0.1)
    assert types_of(came)[:2] == ["response.created", "error"]
    assert active_id(came[1]) == came[0]["response"]["id"]
    assert came[1]["error"]["event_id"] == "mine"
    assert words(only(played.run(), "response.done")["response"]) == ["I was a little faster than you."]
    assert words(played.respond()) == ["This one is yours."]
    played.check()


def test_a_slow_cancel_lets_the_answer_go_on_for_a_second(play):
    played = play("slow-cancel", pace=1.0)
    played.send("response.create")
    played.wait(1.0)
    assert played.send("response.cancel") == []
    assert [event["type"] for event in played.send("response.create")] == ["error"]
    assert "response.done" not in types_of(played.wait(0.9))
    done = only(played.wait(0.2), "response.done")["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert types_of(played.send("response.create"))[0] == "response.created"
    played.check()


def test_a_slow_cancel_that_finds_nothing_left_names_its_event(play):
    played = play("slow-cancel")
    played.send("response.cancel", event_id="too-late")
    [error] = played.wait(1.0)
    assert (error["error"]["code"], error["error"]["event_id"]) == ("response_cancel_not_active", "too-late")


def test_parallel_calls_come_in_one_response(play, words):
    played = play("parallel-calls")
    calls = [item["call_id"] for item in played.respond()["output"]]
    assert calls == ["call_paris", "call_oslo", "call_rome"]
    for call_id in calls:
        played.send("conversation.item.create", item=output_of(call_id))
    assert words(played.respond()) == ["It is sunny in Paris, snowing in Oslo and raining in Rome."]
    played.check()


def test_parallel_calls_answered_with_two_creates_get_one_answer(play):
    played = play("parallel-calls")
    played.respond()
    first, second = played.send("response.create"), played.send("response.create")
    assert (types_of(first)[0], types_of(second)) == ("response.created", ["error"])


def test_an_error_without_event_id(play, words):
    played = play("error-without-event-id")
    [refusal] = played.send("response.create", event_id="first")
    assert (active_id(refusal), refusal["error"]["event_id"]) == ("resp_elsewhere", None)
    assert words(played.respond()) == ["Here is your answer."]
    played.check()


def test_the_end_of_a_cancelled_response_comes_again_during_the_next(play):
    played = play("stale-done", pace=1.0)
    played.send("response.create")
    played.wait(1.0)
    first = only(played.send("response.cancel"), "response.done")
    second = only(played.send("response.create"), "response.created")
    stale = only(played.wait(0.5), "response.done")
    assert stale["response"] == first["response"]
    assert stale["event_id"] != first["event_id"]
    assert [event["type"] for event in played.send("response.create")] == ["error"]
    done = only(played.run(), "response.done")["response"]
    assert (done["id"], done["status"]) == (second["response"]["id"], "completed")


def test_speech_and_calls_come_in_every_order(play):
    played = play("speech-and-calls")
    orders = [[item["type"] for item in played.respond()["output"]] for _ in range(3)]
    assert orders == [
        ["message", "function_call"],
        ["function_call", "message"],
        ["message", "function_call", "message", "function_call"],
    ]
    played.check()


def test_speech_beside_a_call_is_heard_whole(play_socket):
    played = play_socket("speech-and-calls")
    played.respond()
    played.respond()
    heard = [event for event in played.sent if event["type"] == "response.output_audio.delta"]
    assert {event["output_index"] for event in heard} == {0, 1}


def test_nothing_follows_a_tool_output_by_itself(play):
    played = play("tool-call")
    played.respond()
    came = played.send("conversation.item.create", item=output_of("call_weather_0001"))
    assert types_of([*came, *played.wait(60.0)]) == ["conversation.item.added", "conversation.item.done"]


def test_an_early_tool_output_is_acknowledged_after_the_response(play, words):
    played = play("early-tool-output")
    played.send("response.create")
    played.run_to("response.function_call_arguments.done")
    assert played.send("conversation.item.create", item=output_of("call_early_0001")) == []
    came = types_of(played.wait(1.0))
    assert came.index("response.done") < came.index("conversation.item.added") < came.index("conversation.item.done")
    assert words(played.respond()) == ["It is sunny in Paris."]


def test_an_early_response_create_is_refused_while_the_call_is_still_open(play):
    played = play("early-tool-output")
    created = only(played.send("response.create"), "response.created")
    played.run_to("response.function_call_arguments.done")
    [refusal] = played.send("response.create", event_id="early")
    assert (active_id(refusal), refusal["error"]["event_id"]) == (created["response"]["id"], "early")
    assert "response.done" in types_of(played.wait(1.0))
