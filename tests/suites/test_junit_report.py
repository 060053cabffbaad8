"""JUnit XML, as a CI reads it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from tests.suites.examples import FAILED, FAILING, FAULTY, FINE, WARNED, report

from realtime_conformance.reporting import as_junit
from realtime_conformance.verdicts import Evidence


def outcomes(found):
    """What each test became, and in what words."""
    root = ET.fromstring(as_junit(found))
    kinds = {
        test.get("name"): [(kind.tag, kind.get("message") or kind.text) for kind in test]
        for test in root.iter("testcase")
    }
    return {name: kinds[name][0] if kinds[name] else None for name in kinds}


def test_each_check_is_a_test():
    found = outcomes(report())
    assert list(found) == ["RESP-001.status", "RESP-001.once", "USE-001.sum", "VAD-001.started", "WIRE-001.schema"]
    assert found["RESP-001.status"] == ("failure", "MUST A response ends `completed`.")
    assert found["RESP-001.once"] is None
    assert found["VAD-001.started"] == ("skipped", "the other side does not claim what it needs")


def test_a_should_is_told_and_fails_only_a_strict_run():
    kind, text = outcomes(report())[WARNED.id]
    assert kind == "system-out"
    assert 'actual: {"total": 4}' in text
    assert outcomes(report(is_strict=True))[WARNED.id][0] == "failure"


def test_a_known_failure_is_skipped_and_a_stale_one_fails():
    assert outcomes(report(known={FAILED.id: "one day"}))[FAILED.id] == ("skipped", "known to fail: one day")
    assert outcomes(report(FINE, known={FAILED.id: ""}))[FAILED.id][0] == "failure"


def test_a_fault_of_the_suite_is_an_error():
    assert outcomes(report(FAULTY))["ERR-001.code"] == ("error", "the suite is at fault")


def test_the_counts_add_up():
    root = ET.fromstring(as_junit(report()))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }


def test_what_xml_cannot_say_does_not_break_it():
    odd = replace(FAILED, evidence=Evidence("a\x00b", "\ud800<&>"))
    found = ET.fromstring(as_junit(report(replace(FAILING, title="\x07 bell", checks=(odd,)))))
    assert found.find(".//failure") is not None
