"""The journal: what is kept, what is dropped, who is told."""

from __future__ import annotations

import itertools

import orjson
import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Entry, Journal, SessionJournal


@pytest.fixture
def journal() -> Journal:
    ticks = itertools.count(100)
    return Journal(max_entries=3, max_characters=50, clock=lambda: float(next(ticks)), monotonic=lambda: 7.0)


def add(journal: Journal, text: str, *, session_id: str | None = None) -> Entry:
    return journal.record(text, channel="websocket", direction="in", kind="event", session_id=session_id)


def test_an_entry_keeps_the_wire_text_and_knows_its_event(journal):
    entry = add(journal, '{"type":"response.create"}', session_id="sess_1")

    assert entry == Entry(
        seq=1,
        at=100.0,
        channel="websocket",
        direction="in",
        kind="event",
        text='{"type":"response.create"}',
        session_id="sess_1",
        mono=7.0,
    )
    assert (entry.event, entry.type, entry.valid) == ({"type": "response.create"}, "response.create", True)


def test_an_entry_with_an_error_is_invalid(journal):
    error = ApiError("No.", code="invalid_json")

    entry = journal.record("{", channel="websocket", direction="in", kind="event", error=error, traceback="Trace")

    assert (entry.valid, entry.event, entry.type) == (False, None, None)
    assert entry.error == {**error.as_json(), "traceback": "Trace"}


@pytest.mark.parametrize("text", ["[1]", "7", '{"type":7}', '"type"', "{", ""])
def test_an_event_without_a_type_has_none(journal, text):
    assert add(journal, text).type is None


def test_the_oldest_entries_are_dropped_and_counted(journal):
    for number in range(5):
        add(journal, str(number))

    assert [entry.text for entry in journal.entries()] == ["2", "3", "4"]
    assert journal.dropped == 2


def test_long_texts_push_out_the_oldest_entries_too(journal):
    for size in (30, 10, 20):
        add(journal, "x" * size)

    assert [len(entry.text) for entry in journal.entries()] == [10, 20]


def test_a_single_text_over_the_bound_is_kept(journal):
    add(journal, "x" * 51)

    assert len(journal.entries()) == 1


def test_entries_are_narrowed_by_session_kind_direction_and_validity(journal):
    session = SessionJournal(journal, "sess_1")
    session.received("{}", "websocket", ApiError("No."))
    session.sent("{}", "websocket", None)
    journal.record("{}", channel="http", direction="in", kind="http")

    assert [entry.seq for entry in journal.entries("sess_1")] == [1, 2]
    assert [entry.seq for entry in journal.entries(kind="event", direction="out")] == [2]
    assert [entry.seq for entry in journal.entries(valid=False)] == [1]


def test_jsonl_has_one_line_for_each_entry_of_the_session(journal):
    add(journal, '{"type":"response.create"}', session_id="sess_1")
    add(journal, "{", session_id="sess_1")
    add(journal, "{}", session_id="sess_2")

    lines = [orjson.loads(line) for line in journal.jsonl("sess_1")]

    assert lines[0] == {
        "seq": 1,
        "at": 100.0,
        "mono": 7.0,
        "lane": "",
        "session_id": "sess_1",
        "channel": "websocket",
        "direction": "in",
        "kind": "event",
        "event": {"type": "response.create"},
        "valid": True,
        "error": None,
    }
    assert [line.get("text") for line in lines] == [None, "{"]


def test_a_listener_hears_every_entry_until_it_stops(journal):
    heard: list[Entry] = []
    stop = journal.listen(heard.append)

    first = add(journal, "1")
    stop()
    add(journal, "2")

    assert heard == [first]


def test_a_session_of_many_entries_is_told_like_one_of_few():
    journal = Journal(max_entries=300)
    for number in range(400):
        add(journal, str(number), session_id="sess_1")

    assert [entry.text for entry in journal.entries("sess_1")] == [str(number) for number in range(100, 400)]


@pytest.mark.parametrize("text", ["plain", "déjà vu", "\u4f60\u597d \U0001f600", "a lone \ud800 surrogate"])
def test_a_text_is_kept_whatever_letters_it_has(text):
    journal = Journal()
    told = []
    journal.listen(told.append)
    entry = add(journal, text, session_id="sess_1")

    assert [each.text for each in (entry, told[0], journal.entries()[0], journal.entries("sess_1")[0])] == [text] * 4
