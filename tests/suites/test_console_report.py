"""A report on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.suites.examples import FAILED, FAILING, FAULTY, FINE, FITS, TRANSCRIPT, report

from realtime_conformance.report import CaseResult
from realtime_conformance.reporting.console import show, show_matrix
from realtime_conformance.reporting.failures import channel_labels
from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Evidence, Verdict


def shown(found):
    console = Console(file=io.StringIO(), width=100, highlight=False)
    show(found, console)
    return console.file.getvalue()


def test_a_failure_has_its_claim_its_evidence_and_the_events_around_it():
    text = shown(report(FAILING))
    told, _, table = text.strip().partition("\n\n")
    assert told == (
        "FAILED RESP-001.status  A response\n"
        "  MUST  A response ends `completed`.\n"
        "  documented: API reference, `response.done`\n"
        '  expected  "completed"\n'
        '  actual    "failed"\n'
        '      0    0.000 <- session.created {"session": {"id": "sess_1"}}\n'
        "      1    0.100 -> response.create\n"
        '  >   2    0.500 <- response.done {"response": {"id": "resp_1", "status": "failed"}}\n'
        '      3    0.600 <- rate_limits.updated {"rate_limits": []}'
    )
    assert table.splitlines()[-1] == "1 case, 3 checks: 2 passed, 1 failed"


def test_the_first_difference_of_data_is_named():
    assert "  differs   at .total: 3 expected, 4 came\n" in shown(report())


def test_a_fault_of_a_stream_that_recurs_is_told_once():
    def broken(case, item):
        odd = CheckResult(FITS.id, Verdict.FAILED, Evidence("a schema", f"response.done: item_{item} is odd", 2))
        return CaseResult(case, "", (odd,), transcript=TRANSCRIPT)

    text = shown(report(broken("A-001", "x"), broken("A-002", "y"), broken("A-003", "z")))
    assert text.count("FAILED WIRE-001.schema") == 1
    assert "the same in 2 more: A-002, A-003" in text


def test_known_failures_are_counted_and_stale_entries_named():
    assert shown(report(FAILING, known={FAILED.id: ""})).strip().endswith("1 failed, 1 of them known")
    assert "RESP-001.status passes: take it out of the baseline" in shown(report(FINE, known={FAILED.id: ""}))


def test_a_fault_of_the_suite_is_shown_as_such():
    assert "ERR-001 is at fault itself, please report it:\nTraceback ...\nKeyError: 'code'" in shown(report(FAULTY))


def test_what_a_server_sends_is_no_markup():
    odd = replace(FAILED, evidence=Evidence("[bold]", "[/nothing]"))
    assert '"[/nothing]"' in shown(report(replace(FAILING, checks=(odd,))))


def test_several_agents_are_a_matrix():
    console = Console(file=io.StringIO(), width=100, highlight=False)
    show_matrix([report(), report(FINE, agent="mock")], console)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert lines[0] == ["case", "gateway", "mock"]
    assert lines[1] == ["RESP-001", "A", "response", "failed", "1/2", "passed", "1/1"]
    assert lines[2] == ["USE-001", "Usage", "warned", "0/1", "-"]


@pytest.mark.parametrize(
    ("channels", "labels"),
    [
        ("a a", []),
        ("http 1", ["http", "1"]),
        ("http,websocket sess_1,websocket sess_2", ["http", "websocket 1", "websocket 2"]),
    ],
)
def test_channels_have_short_names_where_there_are_several(channels, labels):
    names = channels.split(",") if "," in channels else channels.split()
    assert list(channel_labels(Passage(0.0, name, "sent", {}) for name in names).values()) == labels
