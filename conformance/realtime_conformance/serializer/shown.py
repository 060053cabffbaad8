"""A report in words, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from realtime_conformance.serializer.baseline import Baseline
from realtime_conformance.serializer.survey import Finding, Report

_OF_CHECK = {
    "as_recorded": "as recorded",
    "round_trip": "round trip",
    "unknown_fields": "unknown fields",
    "unknown_types": "unknown types",
    "invalid": "invalid events",
}


def as_text(report: Report, baseline: Baseline) -> Iterator[str]:
    """Lines: how each check went, then what fails and is not in the baseline, then what is stale."""
    for check, name in _OF_CHECK.items():
        counts = totals(report, check)
        if counts:
            told = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.items())
            yield f"{name}: {told}"
    for finding in baseline.new(report.findings):
        yield ""
        yield from _finding(finding)
    for key in baseline.stale(report):
        yield ""
        yield f"stale in the baseline, take it out: {' / '.join(filter(None, key))}"


def as_json(report: Report, baseline: Baseline) -> dict[str, Any]:
    """The same for programs; a finding says whether it is `known`."""
    return {
        "checks": [asdict(tally) for tally in report.tallies],
        "findings": [asdict(finding) | {"known": finding.key in baseline.keys} for finding in report.findings],
        "stale": [list(key) for key in baseline.stale(report)],
    }


def totals(report: Report, check: str) -> dict[str, int]:
    """How often which outcome was seen in a check, over all types."""
    counts: Counter[str] = Counter()
    for tally in report.tallies:
        if tally.check == check:
            counts.update(tally.counts)
    return dict(sorted(counts.items()))


def types_with(report: Report, check: str, outcomes: Sequence[str]) -> list[str]:
    """The types of which some event had one of these outcomes."""
    return [
        tally.type
        for tally in report.tallies
        if tally.check == check and any(name in outcomes for name in tally.counts)
    ]


def _finding(finding: Finding) -> Iterator[str]:
    events = "event" if finding.count == 1 else "events"
    yield f"{finding.type}: {finding.outcome.replace('_', ' ')} ({_OF_CHECK[finding.check]}, {finding.count} {events})"
    yield from (f"  {line}" for line in finding.detail.splitlines())
    yield f"  the smallest event: {json.dumps(finding.event)}"
    yield f"  its schema: {finding.schema}"
