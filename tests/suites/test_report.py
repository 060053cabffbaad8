"""What a report says of itself."""

from __future__ import annotations

import pytest
from tests.suites.examples import FAILED, FAILING, FAULTY, FINE, FITS, WARNED, WARNING, report

from realtime_conformance.report import CaseResult
from realtime_conformance.verdicts import CheckResult, Verdict

NOT_FIT = CheckResult("WIRE-001.schema", Verdict.FAILED)


def test_a_check_of_a_stream_counts_once_by_its_worst():
    found = report(FAILING, CaseResult("RESP-002", "Another", (FITS, NOT_FIT, FITS)))
    assert found.checks["WIRE-001.schema"] is NOT_FIT
    assert found.counts[Verdict.PASSED] == 1
    assert found.counts[Verdict.FAILED] == 2


def test_a_must_that_does_not_hold_fails_the_run():
    assert not report(FAILING).is_as_expected


def test_a_should_fails_only_a_strict_run():
    assert report(WARNING).is_as_expected
    assert not report(WARNING, is_strict=True).is_as_expected


def test_a_fault_of_the_suite_fails_the_run_even_where_it_is_known():
    assert not report(FAULTY, known={"ERR-001.code": ""}).is_as_expected


def test_a_known_failure_is_expected():
    found = report(FAILING, known={FAILED.id: "one day"})
    assert found.is_known(FAILED)
    assert found.is_as_expected


def test_a_known_failure_that_passes_is_stale():
    found = report(FINE, known={FAILED.id: "one day"})
    assert found.stale == (FAILED.id,)
    assert not found.is_as_expected


@pytest.mark.parametrize(
    "cases", [(WARNING,), (CaseResult("RESP-001", "", (CheckResult(FAILED.id, Verdict.SKIPPED),)),)]
)
def test_a_known_failure_that_was_not_judged_is_not_stale(cases):
    assert report(*cases, known={FAILED.id: ""}).stale == ()


def test_a_stream_is_stale_only_where_it_passes_in_every_case():
    broken = CaseResult("RESP-002", "Another", (NOT_FIT,))
    assert report(FAILING, broken, known={NOT_FIT.id: ""}).stale == ()
    assert report(FAILING, known={NOT_FIT.id: ""}).stale == (NOT_FIT.id,)


def test_failures_name_what_counts():
    assert [(case.id, check.id) for case, check in report().failures] == [("RESP-001", FAILED.id)]
    strict = report(is_strict=True)
    assert [check for _, check in strict.failures] == [FAILED, WARNED]
