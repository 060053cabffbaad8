"""A report as JSON says all that it says, and comes back."""

from __future__ import annotations

import json

import pytest
from tests.suites.examples import FAILED, FAULTY, FINE, report

from realtime_conformance.reporting import ReportError, as_json, from_json

WHOLE = report(known={FAILED.id: "one day"}, is_strict=True, missing=("RESP-009",))


@pytest.mark.parametrize("found", [WHOLE, report(FAULTY), report(FINE, known={FAILED.id: ""})])
def test_it_comes_back(found):
    assert from_json(as_json(found)) == found


def test_a_reader_finds_the_outcome_without_counting():
    document = json.loads(as_json(WHOLE))
    assert document["as_expected"] is False
    assert document["counts"] == {"passed": 2, "failed": 1, "warned": 1, "skipped": 1, "error": 0}
    assert document["cases"][0]["verdict"] == "failed"
    assert document["cases"][0]["checks"][0]["known"] is True


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON"),
        ("[]", "write one with --json"),
        ('{"format": 1, "cases": [{}]}', "damaged: KeyError"),
        ('{"format": 9, "cases": []}', "format 9; this version reads format 1"),
    ],
)
def test_what_is_no_report_is_refused(text, why):
    with pytest.raises(ReportError, match=why):
        from_json(text)


def test_a_damaged_value_is_refused():
    with pytest.raises(ReportError, match="'fine' is not a valid Verdict"):
        from_json(as_json(WHOLE).replace('"verdict": "warned"', '"verdict": "fine"'))
