"""Which turn an event takes."""

from __future__ import annotations

from realtime_mock.scenario.interface import ResponseRequest
from realtime_mock.scenario.model import Rule, Say, Scenario, Turn
from realtime_mock.scenario.script import ScriptedAssistant

CREATE = {"type": "response.create"}


def turn(text: str) -> Turn:
    return Turn((Say(text),))


def script(*rules: Rule) -> ScriptedAssistant:
    return ScriptedAssistant(Scenario("test", rules))


def test_turns_come_in_order_and_the_last_repeats():
    played = script(Rule(CREATE, (turn("one"), turn("two"))))
    assert [played.on_event(CREATE) for _ in range(4)] == [turn("one"), turn("two"), turn("two"), turn("two")]


def test_a_once_rule_ends_and_gives_way_to_the_next():
    played = script(Rule(CREATE, (turn("one"),), once=True), Rule(CREATE, (turn("rest"),)))
    assert [played.on_event(CREATE) for _ in range(3)] == [turn("one"), turn("rest"), turn("rest")]


def test_a_once_rule_that_is_spent_matches_nothing():
    played = script(Rule(CREATE, (turn("one"), turn("two")), once=True))
    assert [played.on_event(CREATE) for _ in range(3)] == [turn("one"), turn("two"), None]


def test_the_first_rule_that_matches_wins():
    played = script(
        Rule({"type": "session.update"}, (turn("other"),)), Rule(CREATE, (turn("first"),)), Rule({}, (turn("any"),))
    )
    assert played.on_event(CREATE) == turn("first")
    assert played.on_event({"type": "response.cancel"}) == turn("any")


def test_each_rule_counts_for_itself():
    played = script(Rule(CREATE, (turn("a"), turn("b"))), Rule({}, (turn("c"), turn("d"))))
    events = [CREATE, {"type": "response.cancel"}, CREATE, {"type": "response.cancel"}]
    assert [played.on_event(event) for event in events] == [turn("a"), turn("c"), turn("b"), turn("d")]


def test_each_session_has_its_own_count():
    scenario = Scenario("test", (Rule(CREATE, (turn("one"), turn("two"))),))
    first, second = ScriptedAssistant(scenario), ScriptedAssistant(scenario)
    assert (first.on_event(CREATE), second.on_event(CREATE)) == (turn("one"), turn("one"))


def test_nth_counts_what_contains_the_pattern_whoever_wins():
    update = {"type": "session.update"}
    played = script(
        Rule({}, (turn("third"),), nth=3), Rule(CREATE, (turn("usual"),)), Rule(CREATE, (turn("2nd"),), nth=2)
    )
    events = [CREATE, update, CREATE, CREATE]
    assert [played.on_event(event) for event in events] == [turn("usual"), None, turn("third"), turn("usual")]


def test_a_turn_brings_its_event_and_its_rule():
    event = {**CREATE, "event_id": "mine"}
    taken = script(Rule(CREATE, (Turn(()),), instead=True)).on_event(event)
    assert taken is not None
    assert (taken.cause, taken.instead) == (event, True)


def test_events_of_the_session_take_only_rules_that_name_their_type():
    created = {"type": "session.created", "session": {"id": "sess_1"}}
    played = script(Rule({}, (turn("any"),)), Rule({"type": "session.created"}, (turn("named"),)))
    assert played.on_server_event(created) == turn("named")
    assert played.on_server_event({"type": "session.updated"}) is None
    assert played.on_event(CREATE) == turn("any")


def test_a_rule_may_name_several_types_of_either_side():
    played = script(Rule({"type": {"$in": ["response.create", "response.done"]}}, turn("one")), Rule({}, turn("any")))
    assert played.on_server_event({"type": "response.done"}) == turn("one")
    assert played.on_server_event({"type": "response.created"}) is None
    assert played.on_event(CREATE) == turn("one")
    assert played.on_event({"type": "response.cancel"}) == turn("any")


def test_without_a_scenario_no_event_is_scripted():
    assert ScriptedAssistant(None).on_event(CREATE) is None


def test_where_no_rule_speaks_the_default_assistant_does():
    assert script().answer(ResponseRequest()) == ScriptedAssistant(None).answer(ResponseRequest())
