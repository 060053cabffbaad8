"""A report as JSON, and back: what `--json` writes and `report` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.values import plain
from realtime_conformance.requirement import Requirement
from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Evidence, Level, Verdict

FORMAT = 1
"""Grows when a reader of the last one would be misled."""


Document = dict[str, Any]


class ReportError(Exception):
    """A text is no report; `str()` says why."""


def as_json(report: Report) -> str:
    """The report as a JSON document; long texts in events are cut."""
    return json.dumps(document(report), indent=1) + "\n"


def document(report: Report) -> Document:
    """What stands in the JSON document."""
    return {
        "format": FORMAT,
        "agent": report.agent,
        "suite": report.suite,
        "started": report.started,
        "about": dict(report.about),
        "strict": report.is_strict,
        "as_expected": report.is_as_expected,
        "counts": {str(verdict): count for verdict, count in report.counts.items()},
        "known": dict(report.known),
        "stale": list(report.stale),
        "missing": list(report.missing),
        "requirements": [_requirement(one) for one in report.requirements],
        "cases": [_case(report, case) for case in report.cases],
    }


def from_json(text: str) -> Report:
    """The report that was written as this text.

    Raises:
        ReportError: it is none, or of a later format.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ReportError(f"no JSON: {error}") from None
    if not isinstance(found, dict) or "format" not in found or "cases" not in found:
        raise ReportError("no report of a suite; write one with --json")
    if found["format"] != FORMAT:
        raise ReportError(f"a report of format {found['format']}; this version reads format {FORMAT}")
    try:
        return _read(found)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReportError(f"a report that is damaged: {type(error).__name__}: {error}") from None


def _read(found: Mapping[str, Any]) -> Report:
    return Report(
        agent=found["agent"],
        suite=found["suite"],
        started=found["started"],
        cases=tuple(_read_case(case) for case in found["cases"]),
        about=found["about"],
        requirements=tuple(_read_requirement(one) for one in found["requirements"]),
        known=found["known"],
        is_strict=found["strict"],
        missing=tuple(found["missing"]),
    )


def _requirement(one: Requirement) -> Document:
    return {
        "id": one.id,
        "text": one.text,
        "level": str(one.level),
        "evidence": dict(one.evidence),
        "checks": list(one.checks),
        "needs": sorted(one.needs),
    }


def _read_requirement(value: Mapping[str, Any]) -> Requirement:
    return Requirement(
        id=value["id"],
        text=value["text"],
        level=Level(value["level"]),
        evidence=value["evidence"],
        checks=tuple(value["checks"]),
        needs=frozenset(value["needs"]),
    )


def _case(report: Report, case: CaseResult) -> Document:
    return {
        "id": case.id,
        "title": case.title,
        "verdict": str(case.verdict),
        "seconds": round(case.seconds, 3),
        "error": case.error,
        "checks": [_check(report, check) for check in case.checks],
        "transcript": [_passage(passage) for passage in case.transcript],
    }


def _read_case(value: Mapping[str, Any]) -> CaseResult:
    return CaseResult(
        id=value["id"],
        title=value["title"],
        checks=tuple(_read_check(check) for check in value["checks"]),
        seconds=float(value["seconds"]),
        transcript=tuple(_read_passage(passage) for passage in value["transcript"]),
        error=value["error"],
    )


def _check(report: Report, check: CheckResult) -> Document:
    found: Document = {"id": check.id, "verdict": str(check.verdict)}
    if report.is_known(check):
        found["known"] = True
    if check.evidence is not None:
        seen = check.evidence
        found |= {"expected": plain(seen.expected), "actual": plain(seen.actual), "at": seen.at, "note": seen.note}
    return found


def _read_check(value: Mapping[str, Any]) -> CheckResult:
    evidence = None
    if "expected" in value:
        evidence = Evidence(value["expected"], value["actual"], value["at"], value["note"])
    return CheckResult(value["id"], Verdict(value["verdict"]), evidence)


def _passage(passage: Passage) -> Document:
    found: Document = {
        "at": round(passage.at, 4),
        "channel": passage.channel,
        "direction": passage.direction,
        "data": plain(passage.data),
    }
    return found | ({"wrong": True} if passage.is_wrong else {})


def _read_passage(value: Mapping[str, Any]) -> Passage:
    return Passage(value["at"], value["channel"], value["direction"], value["data"], value.get("wrong", False))
