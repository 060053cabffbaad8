"""What a client never sends is judged as the client could know it, and its end by how the mock saw it."""

import pytest

from realtime_conformance.client.passive import judged
from realtime_conformance.client.run import PROGRAM
from realtime_conformance.client.subject import BUG, MOCK, own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import is_of_stream
from realtime_conformance.transcript import Passage, Transcript
from realtime_conformance.verdicts import Verdict

LEVELS = {check: one.level for check, one in Requirements.read("client").checks.items() if is_of_stream(check)}
CHANNEL = "websocket sess_1"
CREATE = {"type": "response.create"}
CREATED = {"type": "response.created", "response": {"id": "resp_1", "conversation_id": "conv_1"}}
REFUSED = {"type": "error", "error": {"code": "invalid_value", "message": "No.", "event_id": None}}
ENDED = {"exit": 0, "errors": ""}


def by_client(at, event):
    return Passage(at, CHANNEL, "received", event)


def by_mock(at, event, *, is_wrong=False):
    return Passage(at, CHANNEL, "sent", event, is_wrong=is_wrong)


def told(at, words):
    return Passage(at, CHANNEL, "sent", words)


def end(at, **told):
    return Passage(at, PROGRAM, "received", {**ENDED, **told})


def unmet(*passages):
    results = judged(Transcript(list(passages)), LEVELS)
    return {result.slug for result in results if result.verdict is not Verdict.PASSED}


def test_a_second_create_is_found():
    assert unmet(by_client(0, CREATE), by_mock(0.1, CREATED), by_client(0.2, CREATE)) == {"one-response-at-a-time"}


def test_a_create_that_crosses_with_a_response_of_the_servers_own_is_excused():
    assert unmet(by_mock(0.1, CREATED), by_client(0.12, CREATE)) == set()


def test_a_refusal_is_found():
    assert unmet(by_client(0, {"type": "input_audio_buffer.clear"}), by_mock(0, REFUSED)) == {"not-refused"}


def test_a_refusal_that_the_case_asked_for_is_none():
    refusal = by_mock(0, REFUSED, is_wrong=True)
    assert unmet(by_client(0, {"type": "input_audio_buffer.clear"}), refusal) == set()


def test_what_is_wrong_in_two_sessions_is_told_once():
    other = Passage(1, "websocket sess_2", "received", {"type": "hello"})
    found = [one for one in judged(Transcript([by_client(0, {"type": "hello"}), other]), LEVELS) if one.evidence]
    assert [(one.slug, one.evidence.at) for one in found] == [("known-event", 0)]


def test_a_text_that_is_no_event_is_found():
    assert unmet(Passage(0, CHANNEL, "received", "hello")) == {"an-event"}


@pytest.mark.parametrize(
    "words", ["detached: the client closed: 1000", "session closed: 1001 going away", "call ended: the session ended"]
)
def test_a_client_that_hangs_up_has_ended_well(words):
    assert unmet(by_mock(0, CREATED), told(1, words), end(2)) == set()


@pytest.mark.parametrize("words", ["detached: the connection broke", "call ended: the client vanished"])
def test_a_client_that_goes_without_a_word_is_found(words):
    # The mock closes its end of the session afterwards.
    assert unmet(by_mock(0, CREATED), told(1, words), told(1, "session closed: 1000"), end(2)) == {"hangs-up"}


def test_the_mock_may_notice_the_end_of_a_connection_late():
    assert unmet(by_mock(0, CREATED), end(1), told(1.1, "detached: the client closed: 1000")) == set()


def test_a_client_that_dies_is_found():
    assert unmet(end(0, exit=1)) == {"in-order"}


def test_a_client_that_has_to_be_ended_is_found():
    # What it left open is no second finding.
    assert unmet(by_mock(0, CREATED), end(1, exit=None)) == {"in-time"}


def test_what_the_mock_did_wrong_is_the_suites_own_fault():
    bug = Passage(1, MOCK, "sent", {BUG: "Traceback: ..."})
    assert own_fault(Transcript([by_mock(0, CREATED), bug])) == "Traceback: ..."


def test_what_a_case_let_the_mock_do_wrong_is_no_fault():
    assert own_fault(Transcript([by_mock(0, {"type": "nope"}, is_wrong=True)])) is None
