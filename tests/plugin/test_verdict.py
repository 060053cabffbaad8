"""What fails a test: judged from the journal alone."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.testing.expectations import Excuse, Expectation, PatternError, pattern_of
from realtime_mock.testing.journal import JournalEntry
from realtime_mock.testing.verdict import complaints

FLAT_VOICE = {"type": "session.update", "session": {"type": "realtime", "voice": "alloy"}}
UNKNOWN = {
    "type": "invalid_request_error",
    "code": "unknown_parameter",
    "message": "Unknown parameter: 'session.voice'.",
    "param": "session.voice",
}
BUSY = {
    "type": "invalid_request_error",
    "code": "conversation_already_has_active_response",
    "message": "m",
    "param": None,
}


def entry(seq: int, body: dict[str, Any] | None, **changes: Any) -> JournalEntry:
    given = {"kind": "event", "direction": "in", "channel": "websocket", "session_id": "sess_1", "text": ""}
    return JournalEntry(seq=seq, at=seq / 10, body=body, **{**given, **changes})


def refused(seq: int, body: dict[str, Any] | None, error: dict[str, Any]) -> JournalEntry:
    return entry(seq, body, valid=False, error=error)


def told(entries, *, expected=(), excused=()):
    return [complaint.what.partition("\n")[0] for complaint in complaints(entries, expected, excused)]


def expected(*patterns, count=None):
    return Expectation(tuple(map(pattern_of, patterns)), count)


def test_nothing_is_wrong_with_a_client_that_keeps_the_rules():
    assert told([entry(1, {"type": "response.create"})]) == []


def test_an_event_that_breaks_its_schema_is_wrong():
    (complaint,) = complaints([refused(1, FLAT_VOICE, UNKNOWN)], (), ())
    assert complaint.what.endswith("Unknown parameter: 'session.voice'. [unknown_parameter]")
    assert "allow_invalid(type='session.update', code='unknown_parameter')" in complaint.remedy


def test_a_text_that_is_no_json_is_wrong():
    assert len(told([refused(1, None, {"code": "invalid_json", "message": "no JSON"})])) == 1


def test_an_event_that_only_came_at_a_bad_moment_is_not():
    assert told([refused(1, {"type": "response.create"}, BUSY)]) == []


@pytest.mark.parametrize(
    "excuse", [Excuse(code="unknown_parameter"), Excuse(type="session.update"), Excuse(param="session.voice"), Excuse()]
)
def test_an_excuse_covers_what_it_names(excuse):
    assert told([refused(1, FLAT_VOICE, UNKNOWN)], excused=[excuse]) == []


def test_an_excuse_for_what_never_came_is_wrong():
    excuse = Excuse(type="response.create", code="unknown_parameter")
    assert told([entry(1, {"type": "response.create"})], excused=[excuse]) == [
        "allow_invalid(type='response.create', code='unknown_parameter') excuses an event that the client never sent"
    ]


def test_an_excuse_also_proves_a_refusal_that_is_no_violation():
    excuse = Excuse(code="conversation_already_has_active_response")
    assert told([refused(1, {"type": "response.create"}, BUSY)], excused=[excuse]) == []


def test_an_internal_error_is_wrong_and_no_excuse_helps():
    note = entry(1, None, kind="note", direction="out", valid=False, error={"message": "m", "traceback": "Traceback"})
    assert told([note], excused=[]) == ["the mock failed:"]


def test_an_event_of_the_mock_that_breaks_its_schema_is_wrong_unless_it_is_meant():
    broken = {"direction": "out", "valid": False, "error": {"message": "no 'type'"}}
    assert len(told([entry(1, {}, **broken)])) == 1
    assert told([entry(1, {}, **broken, scripted=True), entry(2, {}, **broken, fault="missing_keys")]) == []


def test_an_expectation_is_met_by_one_event():
    sent = [entry(1, {"type": "session.update", "session": {"type": "realtime"}})]
    assert told(sent, expected=[expected({"session": {"type": "realtime"}})]) == []


def test_an_unmet_expectation_tells_what_came_nearest():
    sent = [entry(1, {"type": "session.update", "session": {"type": "transcription"}})]
    wanted = expected({"type": "session.update", "session": {"type": "realtime"}})
    (complaint,) = complaints(sent, [wanted], ())
    assert complaint.what.endswith(
        'nearest: session.update, but session.type: expected "realtime", got "transcription"'
    )


def test_a_count_is_exact_and_zero_forbids():
    sent = [entry(number, {"type": "response.create"}) for number in (1, 2)]
    assert told(sent, expected=[expected("response.create", count=2)]) == []
    assert told(sent, expected=[expected("response.create", count=1)]) == [
        'the client sent {"type": "response.create"} twice, expected once'
    ]
    assert told(sent, expected=[expected("response.create", count=0)])
    assert told(sent, expected=[expected("response.cancel", count=0)]) == []


def test_several_patterns_must_come_in_their_order():
    sent = [entry(1, {"type": "response.cancel"}), entry(2, {"type": "response.create"})]
    assert told(sent, expected=[expected("response.cancel", "response.create")]) == []
    assert told(sent, expected=[expected("response.create", "response.cancel")]) == [
        'the client never sent {"type": "response.cancel"} behind what it had to send before'
    ]


def test_what_the_mock_sends_meets_no_expectation():
    sent = [entry(1, {"type": "session.created"}, direction="out")]
    assert len(told(sent, expected=[expected("session.created")])) == 1


def test_a_pattern_with_an_operator_that_does_not_exist_is_refused():
    with pytest.raises(PatternError, match=r"unknown operator '\$contain'; did you mean '\$contains'"):
        pattern_of({"item": {"$contain": "x"}})
    with pytest.raises(PatternError, match="is no pattern"):
        pattern_of(3)
