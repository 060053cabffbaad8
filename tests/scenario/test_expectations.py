"""What a client was to do, judged by what passed."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.journal import Journal
from realtime_mock.scenario.expectation import Expectation
from realtime_mock.scenario.expectations import Passed, judge
from realtime_mock.scenario.misfit import Misfit

CREATE = {"type": "response.create"}
DONE = {"type": "response.done"}
UPDATE = {"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}}


def passed(*events: tuple[str, dict[str, Any]], session: str = "sess_1", first: float = 0.0) -> list[Passed]:
    """Events of one session, one each second."""
    return [
        Passed("client" if who == ">" else "server", event, at=first + number, session_id=session, seq=number + 1)
        for number, (who, event) in enumerate(events)
    ]


def is_met(expectation: Expectation, *events: tuple[str, dict[str, Any]]) -> bool:
    return judge([expectation], passed(*events)) == []


def why(expectation: Expectation, *events: tuple[str, dict[str, Any]]) -> str:
    [unmet] = judge([expectation], passed(*events))
    return str(unmet)


def test_an_event_that_occurs_is_enough():
    expected = Expectation({"type": "session.update", "session": {"type": "realtime"}})
    assert is_met(expected, (">", UPDATE), (">", CREATE), (">", UPDATE))
    assert not is_met(expected, (">", CREATE))


@pytest.mark.parametrize(
    ("bounds", "met"),
    [
        ({"count": 2}, [2]),
        ({"count": 0}, [0]),
        ({"at_least": 2}, [2, 3]),
        ({"at_most": 1}, [0, 1]),
        ({"at_least": 1, "at_most": 2}, [1, 2]),
        ({"never": True}, [0]),
    ],
)
def test_how_often(bounds: dict[str, Any], met: list[int]):
    expected = Expectation("response.create", **bounds)
    assert [times for times in range(4) if is_met(expected, *[(">", CREATE)] * times)] == met


def test_the_type_tells_who_sends():
    assert is_met(Expectation("response.done"), ("<", DONE))
    assert not is_met(Expectation("response.done"), (">", DONE))
    assert is_met(Expectation({"type": {"$in": ["response.done"]}}, sender="server"), ("<", DONE))


def test_events_in_their_order_with_others_between_them():
    expected = Expectation(in_order=["session.update", "response.done", "response.create"])
    assert is_met(expected, (">", UPDATE), (">", CREATE), ("<", DONE), (">", CREATE))
    assert not is_met(expected, (">", CREATE), ("<", DONE), (">", UPDATE))


def test_only_what_comes_behind_counts():
    expected = Expectation("response.create", after="response.done")
    assert is_met(expected, ("<", DONE), (">", CREATE))
    assert not is_met(expected, (">", CREATE), ("<", DONE))
    assert not is_met(expected, (">", CREATE))


def test_only_what_comes_before_counts():
    expected = Expectation("session.update", before="response.create")
    assert is_met(expected, (">", UPDATE), (">", CREATE))
    assert is_met(expected, (">", UPDATE))
    assert not is_met(expected, (">", CREATE), (">", UPDATE))


def test_only_what_comes_in_time_counts():
    events = [("<", DONE), ("<", {"type": "rate_limits.updated"}), (">", CREATE)]
    assert is_met(Expectation("response.create", after="response.done", within=2), *events)
    assert not is_met(Expectation("response.create", after="response.done", within="1.9s"), *events)
    assert is_met(Expectation("response.create", within=2), *events)
    assert not is_met(Expectation("response.create", within=1), *events)


def test_what_must_never_come_may_come_elsewhere():
    expected = Expectation("response.create", never=True, after="response.created", before="response.done")
    assert is_met(expected, (">", CREATE), ("<", {"type": "response.created"}), ("<", DONE), (">", CREATE))
    assert not is_met(expected, ("<", {"type": "response.created"}), (">", CREATE), ("<", DONE))


CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "21"}
CALLED = ("<", {"type": "response.output_item.done", "item": CALL})
ANSWER = Expectation({"type": "conversation.item.create", "item": {"call_id": "$call.call_id"}})


def answered(call_id: str) -> tuple[str, dict[str, Any]]:
    return ">", {"type": "conversation.item.create", "item": {**OUTPUT, "call_id": call_id}}


def test_a_placeholder_stands_for_what_the_session_last_sent():
    assert is_met(ANSWER, CALLED, answered("call_1"))
    assert not is_met(ANSWER, CALLED, answered("call_2"))


def test_sessions_are_not_mixed():
    own = passed(CALLED, answered("call_1"), session="sess_1")
    other = passed(answered("call_1"), session="sess_2")
    assert judge([ANSWER], own + other) == []
    assert len(judge([ANSWER], [own[0], *other])) == 1
    expected = Expectation(in_order=["session.update", "response.create"])
    assert len(judge([expected], passed((">", UPDATE)) + passed((">", CREATE), session="sess_2"))) == 1


def test_occurrences_of_all_sessions_are_added_up():
    assert (
        judge([Expectation("response.create", count=2)], passed((">", CREATE)) + passed((">", CREATE), session="b"))
        == []
    )


def test_what_is_missing_comes_with_what_came_nearest():
    expected = Expectation({"type": "session.update", "session": {"type": "realtime", "instructions": {"$any": True}}})
    assert why(expected, (">", {"type": "session.update", "session": {"type": "realtime"}})) == (
        'expected session.update {"session": {"type": "realtime", "instructions": {"$any": true}}} at least once;'
        " it occurred 0 times\n"
        '  nearest: entry 1 of sess_1: session.instructions: expected {"$any": true}, got nothing'
    )


def test_what_came_too_often_is_named_by_its_entries():
    assert why(Expectation("response.create", at_most=1), (">", CREATE), ("<", DONE), (">", CREATE)) == (
        "expected response.create at most once; it occurred twice\n  entries: 1, 3"
    )


def test_what_came_too_seldom_is_not_its_own_near_miss():
    assert why(Expectation("response.create", count=2), (">", CREATE), ("<", DONE)) == (
        "expected response.create exactly twice; it occurred once\n  entries: 1"
    )


def test_what_came_at_a_wrong_time_is_said_so():
    assert why(Expectation("response.create", after="response.done", within="2s"), (">", CREATE)) == (
        "expected response.create at least once within 2 s after response.done; it occurred 0 times\n"
        "  nearest: entry 1 of sess_1 matches, but came when it does not count"
    )


def test_an_order_that_breaks_off_says_where():
    expected = Expectation(in_order=["session.update", "response.create", "response.cancel"])
    assert why(expected, (">", UPDATE), (">", CREATE)) == (
        "expected session.update, then response.create, then response.cancel at least once; it occurred 0 times\n"
        "  missing: response.cancel"
    )


def test_a_verdict_as_json():
    [unmet] = judge([ANSWER], passed(CALLED, answered("call_2")))
    assert unmet.as_json() == {
        "expected": {"event": {"type": "conversation.item.create", "item": {"call_id": "$call.call_id"}}},
        "occurred": 0,
        "entries": [],
        "missing": None,
        "nearest": {
            "seq": 2,
            "session_id": "sess_1",
            "event": answered("call_2")[1],
            "differences": [{"path": "item.call_id", "expected": "call_1", "actual": "call_2"}],
        },
        "message": str(unmet),
    }


def test_pairs_are_judged_too():
    assert judge([Expectation("response.create")], [("client", CREATE)]) == []
    [unmet] = judge([Expectation("response.create", never=True)], [("server", DONE), ("client", CREATE)])
    assert unmet.entries == (2,)


def test_the_journal_is_judged_and_an_event_on_two_channels_counts_once():
    journal = Journal()
    journal.record("attached", channel="websocket", direction="out", kind="note", session_id="sess_1")
    for channel in ("data-channel", "sideband"):
        text = '{"type": "response.done", "event_id": "event_1"}'
        journal.record(text, channel=channel, direction="out", kind="event", session_id="sess_1")
    journal.record("no JSON", channel="websocket", direction="in", kind="event", session_id="sess_1")
    assert judge([Expectation("response.done", count=1)], journal.entries()) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "an expectation has no 'event'; add it, or 'in_order' with several"),
        ({"in_order": ["response.create"]}, "in_order: 'in_order' has one event; give at least two, or write 'event'"),
        ({"event": "response.creat"}, "event.type: the type of an event cannot be 'response.creat'; did you mean"),
        ({"event": {"item": {"$gt": "1"}}}, "event.item.$gt: '$gt' compares with a number"),
        ({"event": {"item": {"id": "$cal.id"}}}, "event: unknown placeholder '$cal'; did you mean 'call'?"),
        ({"event": {"item": {"id": "$event.item.id"}}}, "event: '$event' stands for nothing here"),
        ({"event": CREATE, "count": -1}, "count: 'count' must be a whole number from 0 on"),
        ({"event": CREATE, "count": True}, "count: 'count' must be a whole number from 0 on"),
        ({"event": CREATE, "count": 1, "at_most": 1}, "at_most: 'count' is exact; remove 'at_most'"),
        ({"event": CREATE, "never": True, "count": 1}, "count: what never occurs has no 'count'"),
        ({"event": CREATE, "at_least": 2, "at_most": 1}, "at_most: 'at_most' is less than 'at_least', 2"),
        ({"event": CREATE, "within": "soon"}, "within: 'within' must be a duration"),
        ({"event": CREATE, "after": {"type": "response.finished"}}, "after.type: the type of an event cannot be"),
    ],
)
def test_what_is_no_expectation(given: dict[str, Any], message: str):
    with pytest.raises(Misfit) as caught:
        Expectation(**given)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (Expectation("response.create"), {"event": "response.create"}),
        (Expectation(UPDATE, count=2), {"event": UPDATE, "count": 2}),
        (Expectation("response.create", never=True), {"event": "response.create", "never": True}),
        (Expectation("response.create", at_most=3), {"event": "response.create", "at_most": 3}),
        (
            Expectation(in_order=["session.update", CREATE], within="1.5s", after=DONE, before="response.cancel"),
            {
                "in_order": ["session.update", "response.create"],
                "after": "response.done",
                "before": "response.cancel",
                "within": 1.5,
            },
        ),
        (Expectation({"a": 1}, sender="server"), {"event": {"a": 1}, "from": "server"}),
    ],
)
def test_an_expectation_as_a_file_has_it(expected: Expectation, written: dict[str, Any]):
    assert expected.as_json() == written
