"""Failures as readers want them: each kind once, with the claim, the first difference and the events around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.tables import is_own
from realtime_conformance.reporting.values import Difference, compact, cut, first_difference
from realtime_conformance.requirement import Requirement
from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Verdict

BEFORE, AFTER = 3, 1
"""Passages that are shown around the one at which a check was decided."""

_IDS = re.compile(r"\b(?:item|resp|event|sess|conv|call|rtc|msg|fc)_[\w-]+")
_ARROWS = {"sent": "->", "received": "<-"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One check that does not hold, in `case` and in `others` the same way.

    `claim` is None where no requirement is known, in a report of another version for instance.
    """

    case: CaseResult
    check: CheckResult
    claim: Requirement | None
    others: tuple[str, ...] = ()

    @property
    def difference(self) -> Difference | None:
        """The first difference between what was expected and what came."""
        seen = self.check.evidence
        return None if seen is None else first_difference(seen.expected, seen.actual)

    @property
    def around(self) -> Iterator[tuple[int, Passage]]:
        """The passages around the place where it showed, with their numbers."""
        place = -1 if self.check.evidence is None else self.check.evidence.at
        if place >= 0:
            start, end = max(place - BEFORE, 0), place + AFTER + 1
            yield from enumerate(self.case.transcript[start:end], start)


def failures(report: Report, verdicts: Iterable[Verdict]) -> Iterator[Failure]:
    """The checks with one of these verdicts, known failures left out; a stream's fault that recurs is told once."""
    claims, wanted = report.claims, set(verdicts)
    found: dict[tuple[str, ...], list[tuple[CaseResult, CheckResult]]] = {}
    for case in report.cases:
        for check in case.checks:
            if check.verdict in wanted and not report.is_known(check):
                found.setdefault(_kind(case, check), []).append((case, check))
    for same in found.values():
        (case, check), *others = same
        yield Failure(case, check, claims.get(check.id), tuple(other.id for other, _ in others))


def passage_line(number: int, passage: Passage, *, longest: int) -> str:
    """A passage on one line: its number, time and direction, its type, and the beginning of the rest."""
    head = f"{number:>4} {passage.at:>8.3f} {_ARROWS[passage.direction]} "
    kind, rest = parts(passage.data)
    wrong = " (wrong on purpose)" if passage.is_wrong else ""
    return cut(f"{head}{kind}{wrong} {compact(rest) if rest else ''}".rstrip(), longest)


def parts(data: object) -> tuple[str, object]:
    """What a passage is, in a word or two, and what else is in it."""
    if isinstance(data, Mapping) and "type" in data:
        return str(data["type"]), {key: value for key, value in data.items() if key not in {"type", "event_id"}}
    if isinstance(data, Mapping) and "method" in data:
        body = data.get("body")
        return f"{data['method']} {data.get('path')}", {"body": body} if body else None
    if isinstance(data, Mapping) and "status" in data:
        return f"HTTP {data['status']}", {key: value for key, value in data.items() if key != "status"}
    return "message", data


def _kind(case: CaseResult, check: CheckResult) -> tuple[str, ...]:
    """What makes two failures one: the check, and for a check of a stream what it found, whatever the ids."""
    if is_own(case, check) or check.evidence is None:
        return (case.id, check.id)
    return (check.id, _IDS.sub("_", str(check.evidence.actual)))
