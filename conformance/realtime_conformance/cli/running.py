"""Runs a plan with a progress bar, and reports it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from platform import python_version
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from realtime_conformance import __version__
from realtime_conformance.cli.finishing import finish, read_known
from realtime_conformance.cli.options import ReportOptions, RunOptions, Unusable
from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.console import case_line
from realtime_conformance.reporting.tables import counted
from realtime_conformance.requirement import Requirements, Side
from realtime_conformance.runner import Plan, run
from realtime_conformance.verdicts import Verdict

INTERRUPTED = 130
"""The exit status of a shell's command that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, the name of what is tested, and what else a reader must know to repeat the run."""

    plan: Plan[Any]
    agent: str
    about: Mapping[str, str]


Preparing = AbstractAsyncContextManager[Prepared]
"""Brings the subject up, gives the plan, and takes the subject down."""


@dataclass(slots=True)
class Course:
    """A run as it goes: what was prepared once it stands, and the cases that are over."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    prepared: Prepared | None = None
    results: list[CaseResult] = field(default_factory=list)


def run_and_report(side: Side, preparing: Preparing, options: RunOptions, reports: ReportOptions) -> int:
    """Run a plan, report it everywhere, and give the exit status.

    Raises:
        Unusable: nothing could be checked.
    """
    known = read_known(reports.baseline, Requirements.read(side))
    course = Course()
    is_interrupted = _run(preparing, course)
    if course.prepared is None:
        raise KeyboardInterrupt
    report = _report(side, course, course.prepared, options)
    is_empty = all(check.verdict is Verdict.SKIPPED for check in report.checks.values())
    if is_empty and not is_interrupted:
        raise Unusable("nothing was checked: every case needs what is not claimed, or waits for --slow")
    status = finish(report, known, reports)
    return INTERRUPTED if is_interrupted else status


def _run(preparing: Preparing, course: Course) -> bool:
    """Run the plan; whether it was interrupted."""
    try:
        asyncio.run(_all_of(preparing, course))
    except KeyboardInterrupt:
        return True
    return False


async def _all_of(preparing: Preparing, course: Course) -> None:
    watching = _bar if sys.stderr.isatty() else _lines
    async with preparing as prepared:
        course.prepared = prepared
        with watching(prepared.plan) as note:
            async for result in run(prepared.plan):
                course.results.append(result)
                note(result)


@contextmanager
def _bar(plan: Plan[Any]) -> Iterator[Callable[[CaseResult], None]]:
    """A progress bar on the terminal; what fails is told above it as it happens."""
    console = Console(stderr=True, highlight=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(plan.chosen))

        def note(result: CaseResult) -> None:
            bar.update(task, advance=1, description=f"{result.id} {result.title}")
            if result.verdict in {Verdict.FAILED, Verdict.ERROR}:
                console.print(case_line(result))

        yield note


@contextmanager
def _lines(plan: Plan[Any]) -> Iterator[Callable[[CaseResult], None]]:
    """A line for each case, for the log of a CI job."""
    console = Console(stderr=True, highlight=False)
    console.print(Text(counted(len(plan.chosen), "case")))
    yield lambda result: console.print(case_line(result), soft_wrap=True)


def _report(side: Side, course: Course, prepared: Prepared, options: RunOptions) -> Report:
    results = sorted(course.results, key=lambda result: result.id)
    done = {result.id for result in results}
    checked = {check.id for result in results for check in result.checks}
    plan = prepared.plan
    return Report(
        agent=prepared.agent,
        suite=side,
        started=course.started.isoformat(timespec="seconds"),
        cases=tuple(results),
        about={**prepared.about, **_facts(plan, options), "took": f"{time.monotonic() - course.began:.1f} s"},
        requirements=tuple(one for one in plan.requirements.all if checked & set(one.checks)),
        missing=tuple(case.id for case in plan.chosen if case.id not in done),
    )


def _facts(plan: Plan[Any], options: RunOptions) -> Mapping[str, str]:
    facts = {
        "ids": " ".join(options.wanted),
        "requirements": options.requirements,
        "seed": None if options.seed is None else str(options.seed),
        "timeout scale": f"{options.timeout_scale:g}" if options.timeout_scale != 1 else None,
        "jobs": str(options.jobs),
        "left out": f"{counted(len(plan.left_out), 'slow case')}, without --slow" if plan.left_out else None,
        "versions": f"realtime-conformance {__version__}, Python {python_version()}",
    }
    return {name: value for name, value in facts.items() if value}
