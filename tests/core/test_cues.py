"""What a script does besides, or instead of, what the session does by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_mock.api_error import ApiError
from realtime_mock.core.effects import Hangup, SendEvent
from realtime_mock.scenario.model import (
    Close,
    Emit,
    Error,
    Proceed,
    Respond,
    Rule,
    Say,
    Scenario,
    Step,
    Turn,
    Wait,
)

CREATED = {"type": "session.created"}
CREATE = {"type": "response.create"}
UPDATE = {"type": "session.update"}
SESSION = {"type": "realtime", "instructions": "Be brief."}


def scenario(*rules: Rule) -> Scenario:
    return Scenario("test", rules)


def rule(on: dict[str, Any], *steps: Step, **options: Any) -> Rule:
    return Rule(on, (Turn(steps),), **options)


def types_of(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_a_turn_follows_the_event_that_it_is_for_at_once(opened):
    cleared = Emit({"type": "input_audio_buffer.cleared"})
    session = opened(scenario=scenario(rule({"type": "response.created"}, cleared)), pace=0.0)
    assert types_of(session.send("response.create"))[:3] == [
        "response.created",
        "input_audio_buffer.cleared",
        "response.output_item.added",
    ]


def test_what_a_script_sends_sets_off_no_rule(opened):
    again = Emit({"type": "input_audio_buffer.cleared"})
    session = opened(scenario=scenario(rule({"type": "input_audio_buffer.cleared"}, again)))
    assert types_of(session.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"] * 2


def test_an_error_of_a_script_sets_off_no_rule(opened):
    oops = Error(ApiError("Oops."))
    session = opened(scenario=scenario(rule({"type": "error"}, oops)))
    assert [event["error"]["message"] for event in session.send("response.cancel")] == [
        "Cancellation failed: no active response found",
        "Oops.",
    ]


def test_an_event_can_be_dropped_delayed_and_doubled(opened):
    cleared = {"type": "input_audio_buffer.cleared"}
    rules = [
        Rule(cleared, (Turn(()), Turn((Proceed(after=1.0),)), Turn((Proceed(), Proceed()))), instead=True),
    ]
    session = opened(scenario=scenario(*rules))
    assert [*session.send("input_audio_buffer.clear"), *session.run(until=5.0)] == []
    assert [*session.send("input_audio_buffer.clear"), *session.run(until=5.9)] == []
    assert types_of(session.run(until=6.0)) == ["input_audio_buffer.cleared"]
    first, second = session.send("input_audio_buffer.clear")
    assert first == second


def test_changes_are_merged_into_an_event(opened):
    changes = {"session": {"new": {"a": 1}, "model": None, "audio": {"output": {"voice": "$session.id"}}}}
    session = opened(scenario=scenario(rule(CREATED, Proceed(changes), instead=True)))
    [created] = session.sent
    whole = session.session.snapshot()["session"]
    assert created["session"] == {
        **{key: value for key, value in whole.items() if key != "model"},
        "new": {"a": 1},
        "audio": {**whole["audio"], "output": {**whole["audio"]["output"], "voice": whole["id"]}},
    }


def test_a_client_event_is_taken_late(opened):
    session = opened(scenario=scenario(rule(UPDATE, Proceed(after=2.0), instead=True)))
    assert [*session.send("session.update", session=SESSION), *session.run(until=1.9)] == []
    assert session.session.snapshot()["session"]["instructions"] != "Be brief."
    [updated] = session.run()
    assert updated["session"]["instructions"] == "Be brief."


def test_a_client_event_that_is_refused_late_marks_no_other_event(opened):
    session = opened(scenario=scenario(rule({"type": "response.cancel"}, Proceed(after=1.0), instead=True)))
    session.send("response.cancel", event_id="mine")
    session.now = 2.0
    session.send("input_audio_buffer.clear")
    late, _ = session.effects[-2:]
    assert isinstance(late, SendEvent)
    assert (late.event["error"]["event_id"], late.refusal) == ("mine", None)


def test_a_response_is_created_late_by_the_default_assistant(opened):
    session = opened(scenario=scenario(rule(CREATE, Wait(1.0), Proceed(), instead=True)))
    assert session.send("response.create") == []
    assert types_of(session.run())[0] == "response.created"
    session.check()


def test_the_session_responds_by_itself(opened):
    hello = rule(CREATE, Say("Welcome."))
    session = opened(scenario=scenario(rule(CREATED, Respond()), hello))
    session.run()
    assert [event["transcript"] for event in session.sent if event["type"].endswith("transcript.done")] == ["Welcome."]
    session.check()


def test_the_session_does_not_respond_while_it_does(opened):
    session = opened(scenario=scenario(rule({"type": "response.created"}, Respond())))
    session.send("response.create")
    session.run()
    assert types_of(session.sent).count("response.created") == 1
    session.check()


def test_a_turn_can_close_the_session_from_within_a_response(opened):
    closing = rule({"type": "response.content_part.added"}, Close(1011, "gone"))
    session = opened(scenario=scenario(closing))
    session.send("response.create")
    assert session.run() == []
    assert session.effects[-1] == Hangup(1011, "gone")
    assert session.send("response.create") == []


def test_an_answer_on_an_event_of_the_session_waits_for_the_next_response(opened, tone, silence):
    heard = rule({"type": "input_audio_buffer.committed"}, Say("I heard that."))
    session = opened(scenario=scenario(heard))
    session.append(tone(1.0) + silence(1.0))
    session.run()
    assert [event["transcript"] for event in session.sent if event["type"].endswith("transcript.done")] == [
        "I heard that."
    ]


def test_placeholders_name_what_the_session_last_sent(opened):
    deleted = Emit({"type": "conversation.item.deleted", "item_id": "$item.id"})
    noted = Emit({"type": "note", "of": "$response.id", "before": "$previous_response.id", "by": "$event.event_id"})
    session = opened(
        scenario=scenario(
            rule({"type": "conversation.item.create"}, deleted), rule({"type": "input_audio_buffer.clear"}, noted)
        )
    )
    [added, _, gone] = session.say("Hi")
    assert gone["item_id"] == added["item"]["id"]
    ids = []
    for _ in range(2):
        ids.append(session.send("response.create")[0]["response"]["id"])
        session.run()
    note = session.send("input_audio_buffer.clear", event_id="mine")[1]
    assert (note["of"], note["before"], note["by"]) == (ids[1], ids[0], "mine")


def test_a_placeholder_without_a_value_is_null(opened):
    noted = Emit({"type": "note", "of": "$call.call_id"})
    session = opened(scenario=scenario(rule(CREATED, noted)))
    assert session.sent[1]["of"] is None


def test_a_refusal_quotes_the_clients_event(opened):
    refused = rule(
        UPDATE,
        Error(ApiError("No $event.session.instructions", code="$event.type", param="$event.session.tool_choice")),
    )
    [refusal] = opened(scenario=scenario(refused)).send("session.update", session=SESSION)
    assert {key: refusal["error"][key] for key in ("code", "message", "param")} == {
        "code": "session.update",
        "message": "No Be brief.",
        "param": None,
    }


@pytest.mark.parametrize("call", [False, True])
def test_a_hesitating_item_stays_empty(opened, call: object):
    session = opened(scenario=scenario(rule(CREATE, Say("Hm.", hesitates=2.0))), call=call)
    assert types_of(session.send("response.create"))[-1] == "response.content_part.added"
    assert session.run(until=1.9) == []
    assert types_of(session.run())[-1] in ("rate_limits.updated", "output_audio_buffer.stopped")
    session.check()


TYPES = [
    "session.created",
    "response.created",
    "response.done",
    "error",
    "conversation.item.added",
    "rate_limits.updated",
]
STEPS = st.sampled_from(
    [
        Proceed(),
        Proceed({"session": {"x": 1}, "response": {"id": "$previous_response.id"}, "event_id": None}),
        Proceed(after=0.3),
        Respond(),
        Wait(0.0),
        Wait(0.2),
        Emit({"type": "response.done", "response": "$response"}, invalid=True),
        Emit({}, invalid=True),
        Error(ApiError("$event.type")),
        Close(),
    ]
)
ANSWERS = st.sampled_from([Say("Hm."), Say("Well, well.", hesitates=0.5, transcript="late"), Wait(0.1)])
CLIENT_TYPES = ["response.create", "session.update", "response.cancel"]


def rule_of(on: dict[str, Any], turns: list[list[Step]], *, nth: int | None, instead: bool, once: bool) -> Rule:
    """The rule, without the steps that would make it none."""

    def fits(step: Step) -> bool:
        return not isinstance(step, Proceed) or (instead and (not step.changes or on["type"] in TYPES))

    kept = [[step for step in turn if fits(step)] for turn in turns[: 1 if nth else None]]
    ends = [next((at + 1 for at, step in enumerate(turn) if isinstance(step, Close)), None) for turn in kept]
    return Rule(on, [turn[:end] for turn, end in zip(kept, ends, strict=True)], nth=nth, instead=instead, once=once)


RULES = st.builds(
    rule_of,
    on=st.sampled_from([*TYPES, *CLIENT_TYPES]).map(lambda kind: {"type": kind}),
    turns=st.lists(st.lists(STEPS, max_size=3), min_size=1, max_size=2),
    once=st.booleans(),
    nth=st.none() | st.integers(1, 3),
    instead=st.booleans(),
) | st.builds(
    Rule,
    on=st.sampled_from(["response.create", "input_audio_buffer.cleared"]).map(lambda kind: {"type": kind}),
    turns=st.lists(ANSWERS, min_size=1, max_size=2).map(lambda steps: (Turn(tuple(steps)),)),
)
INPUTS = st.sampled_from(
    [
        ("response.create", {}),
        ("response.cancel", {}),
        ("session.update", {"session": SESSION}),
        ("input_audio_buffer.clear", {}),
    ]
)


# `opened` makes a new session each time it is called.
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RULES, max_size=4), st.lists(INPUTS | st.floats(0, 1), max_size=8), st.sampled_from([0.0, 10.0]))
def test_whatever_a_script_says_the_session_survives(opened, rules: list[Rule], inputs: list[Any], pace: float):
    session = opened(scenario=scenario(*rules), pace=pace)
    for given_input in inputs:
        if isinstance(given_input, float):
            session.run(until=session.now + given_input)
        else:
            session.send(given_input[0], **given_input[1])
    session.run(until=session.now + 1.0)
    created = [event for event in session.sent if event.get("type") == "response.created"]
    # A response that a script asks for again and again lets time pass, 10 ms each; four rules can ask side by side.
    assert len(created) <= 4 * 100 * (session.now + 1.0) + len(inputs)


def test_what_follows_a_refusal_is_played_behind_it(opened):
    refused = rule(CREATE, Error(ApiError("No.")), Wait(1.0), Close(4000, "Bye."))
    session = opened(scenario=scenario(refused))
    assert [event["error"]["message"] for event in session.send("response.create")] == ["No."]
    session.run()
    assert (session.now, session.effects[-1]) == (1.0, Hangup(4000, "Bye."))


def test_a_refused_update_can_close_the_session_at_once(opened):
    session = opened(scenario=scenario(rule(UPDATE, Error(ApiError("No.")), Close(4000))))
    session.send("session.update", session=SESSION)
    assert [type(effect) for effect in session.effects[-2:]] == [SendEvent, Hangup]
