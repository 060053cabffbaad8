"""A report on a terminal: what fails and why, then a table of the areas and a last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.failures import Failure, failures
from realtime_conformance.reporting.tables import Row, is_own, rows, share, summary, telling
from realtime_conformance.reporting.values import compact
from realtime_conformance.verdicts import Verdict

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.WARNED: "yellow",
    Verdict.SKIPPED: "dim",
    Verdict.ERROR: "bold magenta",
}
_SAME = 8
"""Cases that are named where a fault recurs."""


def show(report: Report, console: Console) -> None:
    """Write the whole report."""
    show_failures(report, console)
    for name in report.stale:
        _write(console, f"\n{name} passes: take it out of the baseline", "bold red")
    if report.cases:
        _write(console, "")
        console.print(_table(report))
    _write(console, summary(report), "green" if report.is_as_expected else "bold red")


def show_failures(report: Report, console: Console) -> None:
    """Write what does not hold and is not known, each with its reasons."""
    for failure in failures(report, (Verdict.FAILED, Verdict.WARNED)):
        _write(console, "")
        for line in _told(failure, longest=max(console.width, 100)):
            console.print(line, soft_wrap=True)
    for case in report.cases:
        if case.error is not None:
            _write(console, f"\n{case.id} is at fault itself, please report it:\n{case.error.rstrip()}", "magenta")


def case_line(case: CaseResult) -> Text:
    """A case that has run, on one line."""
    line = Text(f"{case.verdict:>7} ", style=STYLES[case.verdict])
    line.append(f"{case.id} {case.title}", style="default")
    failed = [check.id for check in case.checks if check.verdict in {Verdict.FAILED, Verdict.WARNED}]
    told = f": {', '.join(failed)}" if failed else ""
    line.append(f"{told} ({case.seconds:.1f} s)", style="dim")
    return line


def _told(failure: Failure, *, longest: int) -> Iterator[Text]:
    check, claim = failure.check, failure.claim
    yield Text(f"{check.verdict.upper()} {check.id}", style=STYLES[check.verdict]).append(
        f"  {failure.case.title}" + ("" if is_own(failure.case, check) else f" ({failure.case.id})"),
        style="default",
    )
    if claim is not None:
        yield Text(f"  {claim.level}  {claim.text}")
        yield from (Text(f"  {source}: {said}", style="dim") for source, said in claim.evidence.items())
    if check.evidence is not None:
        yield Text(f"  expected  {_value(check.evidence.expected)}")
        yield Text(f"  actual    {_value(check.evidence.actual)}")
        if check.evidence.note:
            yield Text(f"  note      {check.evidence.note}")
    difference = failure.difference
    if difference is not None and difference.path:
        yield Text(f"  differs   at {difference.path}: {difference.expected} expected, {difference.actual} came")
    if failure.others:
        named = ", ".join(failure.others[:_SAME]) + (", ..." if len(failure.others) > _SAME else "")
        yield Text(f"  the same in {len(failure.others)} more: {named}", style="dim")
    place = check.evidence.at if check.evidence else -1
    for number, line in failure.around(longest=longest - 6):
        mark = ">" if number == place else " "
        yield Text(f"  {mark}{line}", style="dim" * (mark == " "))


def _value(value: object) -> str:
    """Words as they are, data as JSON."""
    if isinstance(value, str) and (" " in value or value == "nothing"):
        return value.replace("\n", "\n            ")
    return compact(value)


def _table(report: Report) -> Table:
    names = [str(verdict) for verdict in Verdict]
    table = Table("area", "cases", *names, box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows(report):
        table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> Iterator[Text]:
    yield Text(row.area)
    yield Text(str(row.cases))
    for verdict in Verdict:
        count = row.counts.get(verdict, 0)
        yield Text(str(count) if count else "-", style=STYLES[verdict] if count else "dim")


def _write(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def show_matrix(reports: Sequence[Report], console: Console) -> None:
    """Write a table of cases by agents, and a line for each agent."""
    table = Table("case", *(report.agent for report in reports), box=None, pad_edge=False, header_style="bold")
    titles = {case.id: case.title for report in reports for case in report.cases}
    by_agent = [{case.id: case for case in report.cases} for report in reports]
    for name in sorted(titles):
        table.add_row(Text(f"{name} {titles[name]}"), *(_cell(cases.get(name)) for cases in by_agent))
    console.print(table)
    for report in reports:
        _write(console, f"{report.agent}: {summary(report)}", "green" if report.is_as_expected else "red")


def _cell(case: CaseResult | None) -> Text:
    if case is None:
        return Text("-", style="dim")
    return Text(f"{case.verdict} {share(telling(case))}".rstrip(), style=STYLES[case.verdict])
