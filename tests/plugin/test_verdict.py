"""What fails a test: judged from the journal alone."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.testing.expectations import Excuse, PatternError, Unmet, pattern_of
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


def entry(seq: int, event: dict[str, Any] | None, **changes: Any) -> JournalEntry:
    given = {"kind": "event", "direction": "in", "channel": "websocket", "session_id": "sess_1", "text": ""}
    return JournalEntry(seq=seq, at=seq / 10, event=event, **{**given, **changes})


def refused(seq: int, event: dict[str, Any] | None, error: dict[str, Any]) -> JournalEntry:
    return entry(seq, event, valid=False, error=error)


def told(entries, *, unmet=(), excused=()):
    return [complaint.what.partition("\n")[0] for complaint in complaints(entries, unmet, excused)]


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


def test_an_unmet_expectation_is_told_with_the_entry_that_it_is_about():
    sent = [entry(number, {"type": "response.create"}) for number in (7, 8)]
    (complaint,) = complaints(sent, [Unmet("expected response.create never; it occurred twice", (7, 8))], ())
    assert (complaint.what, complaint.entry) == ("expected response.create never; it occurred twice", sent[0])


def test_a_pattern_with_an_operator_that_does_not_exist_is_refused():
    with pytest.raises(PatternError, match=r"unknown operator '\$contain'; did you mean '\$contains'"):
        pattern_of({"item": {"$contain": "x"}})
    with pytest.raises(PatternError, match="is no pattern"):
        pattern_of(3)
