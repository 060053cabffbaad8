"""A report as JUnit XML, which every CI reads: a suite for each case, a test for each check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from realtime_conformance.report import Report
from realtime_conformance.reporting.tables import is_own
from realtime_conformance.reporting.values import compact
from realtime_conformance.verdicts import CheckResult, Verdict

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """The report as an XML document.

    A SHOULD that does not hold is a passed test that says so, unless the run was strict; a known failure is a skipped
    one; a stale entry of the baseline is a failure.
    """
    root = ET.Element("testsuites", name=_clean(f"realtime-conformance {report.suite}: {report.agent}"))
    for case in report.cases:
        own = [check for check in case.checks if is_own(case, check)]
        _add_suite(root, report, f"{case.id} {case.title}", own, seconds=case.seconds, error=case.error or "")
    cases = {case.id for case in report.cases}
    streams = [check for check in report.checks.values() if check.id.partition(".")[0] not in cases]
    if streams:
        _add_suite(root, report, "What every stream must be", streams)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(
    root: ET.Element,
    report: Report,
    name: str,
    checks: Iterable[CheckResult],
    *,
    seconds: float = 0.0,
    error: str = "",
) -> None:
    suite = ET.SubElement(root, "testsuite", name=_clean(name), timestamp=report.started, time=f"{seconds:.3f}")
    for check in checks:
        test = ET.SubElement(suite, "testcase", classname=check.id.partition(".")[0], name=check.id)
        _add_outcome(test, report, check, error)
    suite.set("tests", str(len(suite)))
    for kind, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{kind}"))))


def _add_outcome(test: ET.Element, report: Report, check: CheckResult, error: str) -> None:
    if check.verdict is Verdict.SKIPPED:
        ET.SubElement(test, "skipped", message="the other side does not claim what it needs")
    elif check.verdict is Verdict.ERROR:
        ET.SubElement(test, "error", message="the suite is at fault").text = _clean(error)
    elif check.id in report.stale:
        ET.SubElement(test, "failure", message="it passes: take it out of the baseline")
    elif report.is_known(check):
        ET.SubElement(test, "skipped", message=_clean(f"known to fail: {report.known[check.id]}"))
    elif report.counts_against(check):
        ET.SubElement(test, "failure", message=_clean(_claim(report, check))).text = _clean(_seen(check))
    elif check.verdict is Verdict.WARNED:
        ET.SubElement(test, "system-out").text = _clean(f"{_claim(report, check)}\n{_seen(check)}")


def _claim(report: Report, check: CheckResult) -> str:
    claim = report.claims.get(check.id)
    return check.id if claim is None else f"{claim.level} {claim.text}"


def _seen(check: CheckResult) -> str:
    seen = check.evidence
    if seen is None:
        return ""
    lines = [f"expected: {compact(seen.expected)}", f"actual: {compact(seen.actual)}"]
    return "\n".join(lines + ([f"note: {seen.note}"] if seen.note else []))


def _clean(text: str) -> str:
    """The text without what XML has no way to say."""
    return _NOT_IN_XML.sub("\ufffd", text)
