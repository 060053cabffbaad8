"""Questions to the journal: what is found, in which order, and how much is looked at for it."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Journal, Query, SessionJournal
from realtime_mock.journal import queries as queries_module


@pytest.fixture
def journal() -> Journal:
    """Two sessions of one lane and one of another; entry 5 is invalid, entry 6 an exchange by HTTP."""
    journal = Journal(max_entries=100)
    one, two = SessionJournal(journal, "sess_1", lane="a"), SessionJournal(journal, "sess_2", lane="a")
    three = SessionJournal(journal, "sess_3", lane="b")
    one.sent('{"type":"session.created"}', "websocket", None)
    two.sent('{"type":"session.created"}', "data-channel", None)
    three.sent('{"type":"session.created"}', "websocket", None)
    one.received('{"type":"response.create","response":{"metadata":{"n":"1"}}}', "websocket", None)
    two.received('{"type":"respons.create"}', "data-channel", ApiError("No.", code="invalid_value"))
    journal.record('{"method":"GET"}', channel="http", direction="in", kind="http", lane="a")
    three.noted("attached", kind="lifecycle")
    return journal


@pytest.mark.parametrize(
    "query, found",
    [
        (Query(), [1, 2, 3, 4, 5, 6, 7]),
        (Query(lane="a"), [1, 2, 4, 5, 6]),
        (Query(session_id="sess_3"), [3, 7]),
        (Query(session_id="sess_3", lane="a"), []),
        (Query(session_id="sess_none"), []),
        (Query(after=5), [6, 7]),
        (Query(lane="a", after=4), [5, 6]),
        (Query(lane="a", after=6), []),
        (Query(types=frozenset({"session.created"}), channel="websocket"), [1, 3]),
        (Query(types=frozenset({"response.create", "respons.create"}), valid=False), [5]),
        (Query(kinds=frozenset({"http", "lifecycle"})), [6, 7]),
        (Query(direction="in", pattern={"response": {"metadata": {"n": {"$regex": "[0-9]"}}}}), [4]),
    ],
)
def test_a_question_finds_what_it_asks_for_in_order(journal, query, found):
    assert [entry.seq for entry in journal.find(query)] == found


def test_a_limit_gives_the_oldest(journal):
    assert [entry.seq for entry in journal.find(Query(after=2), limit=2)] == [3, 4]


def test_a_type_is_found_behind_escapes():
    journal = Journal()
    session = SessionJournal(journal, "sess_1")
    session.received('{"type":"respons\\u0065.create"}', "websocket", None)
    session.received('{"type":"session.update","of":"response.create"}', "websocket", None)

    assert [entry.seq for entry in journal.find(Query(types=frozenset({"response.create"})))] == [1]


def test_a_question_about_one_session_looks_at_no_other(monkeypatch):
    journal = Journal()
    for number in range(1000):
        SessionJournal(journal, f"sess_{number % 100}", lane=f"lane-{number % 10}").noted("x")
    looked_at = []
    takes = Query.takes
    monkeypatch.setattr(
        queries_module.Query, "takes", lambda self, entry: looked_at.append(entry) or takes(self, entry)
    )

    assert len(journal.find(Query(session_id="sess_7", lane="lane-7"))) == 10
    assert len(journal.find(Query(lane="lane-7", after=900))) == 10
    assert len(looked_at) == 20


def test_what_is_dropped_is_dropped_for_its_session_and_lane_too():
    journal = Journal(max_entries=2)
    for session_id in ("sess_1", "sess_2", "sess_1"):
        SessionJournal(journal, session_id, lane="a").noted("x")

    assert [entry.seq for entry in journal.entries("sess_1")] == [3]
    assert [entry.seq for entry in journal.entries(lane="a")] == [2, 3]


def test_a_lane_that_is_forgotten_begins_anew_and_others_stay(journal):
    journal.forget("a")
    SessionJournal(journal, "sess_1", lane="a").noted("again")

    assert [entry.seq for entry in journal.entries(lane="a")] == [8]
    assert [entry.seq for entry in journal.entries("sess_1")] == [8]
    assert [entry.seq for entry in journal.entries(lane="b")] == [3, 7]


def test_dropping_goes_on_behind_what_was_forgotten():
    journal = Journal(max_entries=2)
    writer = SessionJournal(journal, "sess_1", lane="a")
    writer.noted("x")
    journal.forget("a")
    for _ in range(3):
        writer.noted("x")

    assert [entry.seq for entry in journal.entries("sess_1")] == [3, 4]
    assert journal.dropped == 2


def test_all_is_forgotten_at_once(journal):
    journal.forget()

    assert (journal.entries(), journal.entries(lane="a"), journal.newest) == ([], [], 7)
