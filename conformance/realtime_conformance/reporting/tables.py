"""The figures of a report by area, for tables of every form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.verdicts import CheckResult, Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One area: how many cases ran, and how many of its checks have each verdict."""

    area: str
    cases: int
    counts: Mapping[Verdict, int]


def rows(report: Report) -> Iterator[Row]:
    """The areas of a report; checks of a stream, which belong to no case, come last."""
    cases = Counter(area(case.id) for case in report.cases)
    by_area: dict[str, Counter[Verdict]] = {name: Counter() for name in cases}
    for check in report.checks.values():
        by_area.setdefault(area(check.id), Counter())[check.verdict] += 1
    for name, counts in by_area.items():
        yield Row(name, cases.get(name, 0), counts)


def area(name: str) -> str:
    """The area of a case or a check, such as `RESP`."""
    return name.partition("-")[0]


def counted(count: int, what: str) -> str:
    """A number of things, in words."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def share(checks: Iterable[CheckResult]) -> str:
    """How many of the checks that apply have passed."""
    verdicts = [check.verdict for check in checks if check.verdict is not Verdict.SKIPPED]
    return f"{verdicts.count(Verdict.PASSED)}/{len(verdicts)}" if verdicts else ""


def telling(case: CaseResult) -> Iterator[CheckResult]:
    """The checks of a case that say something of it: its own, and those of its stream that did not pass."""
    return (check for check in case.checks if is_own(case, check) or check.verdict is not Verdict.PASSED)


def is_own(case: CaseResult, check: CheckResult) -> bool:
    """Whether a check is the case's; the others judge a stream, and are asked in every case."""
    return check.id.startswith(f"{case.id}.")


def summary(report: Report) -> str:
    """One line: how many checks of how many cases, and how they went."""
    counts = report.counts
    known = sum(report.is_known(check) for check in report.checks.values())
    told = [f"{count} {verdict}" for verdict, count in counts.items() if count]
    told += [f"{known} of them known"] * bool(known) + [f"{len(report.stale)} stale"] * bool(report.stale)
    took = f" in {report.about['took']}" if "took" in report.about else ""
    missing = f"; interrupted, {counted(len(report.missing), 'case')} did not run" if report.missing else ""
    cases, checks = counted(len(report.cases), "case"), counted(sum(counts.values()), "check")
    return f"{cases}, {checks}: {', '.join(told) or 'nothing was run'}{took}{missing}"
