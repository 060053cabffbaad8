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
_NAMED = ("report", "fault", "exit")
"""What names a passage that is neither an event nor HTTP: a report of a driver, a fault of the mock, an exit status."""

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

    def around(self, *, longest: int) -> Iterator[tuple[int, str]]:
        """The passages around the place where it showed, as lines of at most this length, with their numbers."""
        place = -1 if self.check.evidence is None else self.check.evidence.at
        if place >= 0:
            start, end = max(place - BEFORE, 0), place + AFTER + 1
            labels = channel_labels(self.case.transcript)
            for number, passage in enumerate(self.case.transcript[start:end], start):
                yield number, passage_line(number, passage, labels.get(passage.channel, ""), longest=longest)


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


def channel_labels(transcript: Iterable[Passage]) -> Mapping[str, str]:
    """What reports call each channel, in a word; nothing where there is only one."""
    names = list(dict.fromkeys(passage.channel for passage in transcript))
    if len(names) < 2:
        return {}
    kinds = [name.partition(" ")[0] for name in names]
    numbers = [kinds[:place].count(kind) + 1 for place, kind in enumerate(kinds)]
    labels = (
        f"{kind} {number}" if kinds.count(kind) > 1 else kind for kind, number in zip(kinds, numbers, strict=True)
    )
    return dict(zip(names, labels, strict=True))


def passage_line(number: int, passage: Passage, label: str, *, longest: int) -> str:
    """A passage on one line: its number, time and direction, its channel and type, and the beginning of the rest."""
    kind, rest = parts(passage.data)
    wrong = "(wrong on purpose)" if passage.is_wrong else ""
    words = (
        f"{number:>4} {passage.at:>8.3f} {_ARROWS[passage.direction]}",
        label,
        kind,
        wrong,
        compact(rest) if rest else "",
    )
    return cut(" ".join(word for word in words if word), longest)


def parts(data: object) -> tuple[str, object]:
    """What a passage is, in a word or two, and what else is in it."""
    if not isinstance(data, Mapping):
        return "message", data
    if "type" in data:
        return str(data["type"]), _without(data, "type", "event_id")
    if "method" in data:
        return f"{data['method']} {data.get('path')}", _without(data, "method", "path")
    if "status" in data:
        return f"HTTP {data['status']}", _without(data, "status")
    named = next((key for key in _NAMED if key in data), None)
    return ("message", data) if named is None else (f"{named} {data[named]}", _without(data, named))


def _without(data: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    return {key: value for key, value in data.items() if key not in keys and value not in (None, "", b"")}


def _kind(case: CaseResult, check: CheckResult) -> tuple[str, ...]:
    """What makes two failures one: the check, and for a check of a stream what it found, whatever the ids."""
    if is_own(case, check) or check.evidence is None:
        return (case.id, check.id)
    return (check.id, _IDS.sub("_", str(check.evidence.actual)))
