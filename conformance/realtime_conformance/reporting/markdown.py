"""Reports as Markdown: for a pull request, a wiki, or the summary of a CI job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.failures import Failure, failures
from realtime_conformance.reporting.tables import rows, share, summary, telling
from realtime_conformance.reporting.values import compact
from realtime_conformance.verdicts import Verdict

SIGNS = {
    Verdict.PASSED: "✅",
    Verdict.FAILED: "❌",
    Verdict.WARNED: "⚠️",
    Verdict.SKIPPED: "➖",
    Verdict.ERROR: "💥",
}
LONGEST = 140


def as_markdown(*reports: Report) -> str:
    """One report with its failures, or several as a matrix of cases by agents."""
    lines = _of_one(reports[0]) if len(reports) == 1 else _of_several(reports)
    return "\n".join(lines) + "\n"


def _of_one(report: Report) -> Iterator[str]:
    yield f"# Realtime conformance of {_safe(report.agent)}"
    yield ""
    yield f"{SIGNS[Verdict.PASSED if report.is_as_expected else Verdict.FAILED]} {summary(report)}."
    yield ""
    yield from _areas(report)
    yield from _failures(report)
    for name in report.stale:
        yield f"- `{name}` passes: take it out of the baseline"
    yield ""
    yield from _about(report)


def _areas(report: Report) -> Iterator[str]:
    yield "| area | cases | " + " | ".join(str(verdict) for verdict in Verdict) + " |"
    yield "|---|--:|" + "--:|" * len(Verdict)
    for row in rows(report):
        counts = " | ".join(str(row.counts.get(verdict, 0) or "") for verdict in Verdict)
        yield f"| {row.area} | {row.cases or ''} | {counts} |"
    yield ""


def _failures(report: Report) -> Iterator[str]:
    titles = {Verdict.FAILED: "What does not hold", Verdict.WARNED: "What should hold and does not"}
    for verdict, title in titles.items():
        found = list(failures(report, [verdict]))
        if found:
            yield f"## {title}"
            yield ""
        for failure in found:
            yield from _failure(failure)
    known = sorted({check.id for check in report.checks.values() if report.is_known(check)})
    if known:
        yield "## What is known not to hold"
        yield ""
        yield from (f"- `{name}`" + (f": {_safe(why)}" if (why := report.known[name]) else "") for name in known)
        yield ""


def _failure(failure: Failure) -> Iterator[str]:
    claim = f": {_safe(failure.claim.text)}" if failure.claim else ""
    yield f"<details><summary>{SIGNS[failure.check.verdict]} <code>{failure.check.id}</code>{claim}</summary>"
    yield ""
    yield f"In {failure.case.id}, {_safe(failure.case.title)}" + _others(failure)
    yield ""
    yield "```"
    yield from (line.replace("```", "'''") for line in _seen(failure))
    yield "```"
    yield ""
    yield "</details>"
    yield ""


def _others(failure: Failure) -> str:
    return f", and the same in {len(failure.others)} more: {', '.join(failure.others)}" if failure.others else ""


def _seen(failure: Failure) -> Iterator[str]:
    seen = failure.check.evidence
    if seen is not None:
        yield f"expected  {compact(seen.expected)}"
        yield f"actual    {compact(seen.actual)}"
        if seen.note:
            yield f"note      {seen.note}"
    if (difference := failure.difference) is not None and difference.path:
        yield f"differs   at {difference.path}: {difference.expected} expected, {difference.actual} came"
    yield from (line for _, line in failure.around(longest=LONGEST))


def _about(report: Report) -> Iterator[str]:
    facts = {"started": report.started, **report.about}
    yield "<sub>" + ", ".join(f"{name}: {_safe(value)}" for name, value in facts.items()) + "</sub>"


def _of_several(reports: Sequence[Report]) -> Iterator[str]:
    yield "# Realtime conformance"
    yield ""
    agents = [_safe(report.agent) for report in reports]
    yield f"| | {' | '.join(agents)} |"
    yield "|---|" + "---|" * len(reports)
    yield f"| all checks | {' | '.join(share(report.checks.values()) for report in reports)} |"
    titles = {case.id: case.title for report in reports for case in report.cases}
    by_agent = [{case.id: case for case in report.cases} for report in reports]
    for name in sorted(titles):
        cells = (_cell(cases.get(name)) for cases in by_agent)
        yield f"| {name} {_safe(titles[name])} | {' | '.join(cells)} |"
    yield ""
    yield from (f"- {_safe(report.agent)}: {summary(report)}" for report in reports)


def _cell(case: CaseResult | None) -> str:
    return "" if case is None else f"{SIGNS[case.verdict]} {share(telling(case))}"


def _safe(text: str) -> str:
    """Text that neither ends a cell nor begins a tag."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
