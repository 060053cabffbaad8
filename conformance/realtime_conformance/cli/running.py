"""Runs a plan with a progress bar, shows and writes the report, and says how to exit."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from realtime_conformance import __version__
from realtime_conformance.baseline import BaselineError, as_baseline, read_baseline
from realtime_conformance.cli.options import RunOptions, Unusable
from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting import as_html, as_json, as_junit, as_markdown
from realtime_conformance.reporting.console import case_line, show
from realtime_conformance.reporting.tables import counted
from realtime_conformance.requirement import Requirements, Side
from realtime_conformance.runner import Plan, run
from realtime_conformance.verdicts import Verdict

INTERRUPTED = 130
"""The exit status of a shell's command that Ctrl-C ended."""

Planned = AbstractAsyncContextManager[Plan[Any]]


@dataclass(slots=True)
class Progressing:
    """A run as it goes: the plan once it stands, and the cases that are over."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    plan: Plan[Any] | None = None
    results: list[CaseResult] = field(default_factory=list)


def run_and_report(side: Side, agent: str, planned: Planned, options: RunOptions, about: Mapping[str, str]) -> int:
    """Run what was planned, report it everywhere, and give the exit status.

    Args:
        side: which suite it is.
        agent: what is tested, unless `--name` says otherwise.
        planned: brings the subject up, gives the plan, and takes the subject down.
        options: of the run.
        about: what else a reader must know to repeat it.

    Raises:
        Unusable: nothing could be checked.
    """
    requirements = Requirements.read(side)
    known = _baseline(options.baseline, requirements)
    progress = Progressing()
    is_interrupted = _run(planned, progress, sys.stderr.isatty())
    report = _report(side, options.name or agent, progress, options, known, {**about, **_facts(options, progress)})
    if not is_interrupted and all(check.verdict is Verdict.SKIPPED for check in report.checks.values()):
        raise Unusable("nothing was checked: every case needs what --without takes away, or waits for --slow")
    show(report, Console(highlight=False))
    _write(report, options)
    if is_interrupted:
        return INTERRUPTED
    return 0 if report.is_as_expected else 1


def _run(planned: Planned, progress: Progressing, is_terminal: bool) -> bool:  # noqa: FBT001 - where it is shown
    """Run the plan; whether it was interrupted."""
    watching = _bar if is_terminal else _lines
    try:
        asyncio.run(_all_of(planned, progress, watching))
    except KeyboardInterrupt:
        if progress.plan is None:
            raise
        return True
    return False


async def _all_of(planned: Planned, progress: Progressing, watching: Callable[[Plan[Any]], Any]) -> None:
    async with planned as plan:
        progress.plan = plan
        with watching(plan) as note:
            async for result in run(plan):
                progress.results.append(result)
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


def _report(
    side: Side,
    agent: str,
    progress: Progressing,
    options: RunOptions,
    known: Mapping[str, str],
    about: Mapping[str, str],
) -> Report:
    results = sorted(progress.results, key=lambda result: result.id)
    done = {result.id for result in results}
    plan = progress.plan
    checked = {check.id for result in results for check in result.checks}
    return Report(
        agent=agent,
        suite=side,
        started=progress.started.isoformat(timespec="seconds"),
        cases=tuple(results),
        about=about,
        requirements=tuple(one for one in plan.requirements.all if checked & set(one.checks)) if plan else (),
        known=known,
        is_strict=options.strict,
        missing=tuple(case.id for case in plan.chosen if case.id not in done) if plan else (),
    )


def _facts(options: RunOptions, progress: Progressing) -> Mapping[str, str]:
    left_out = progress.plan.left_out if progress.plan else ()
    facts = {
        "ids": " ".join(options.wanted),
        "requirements": options.requirements,
        "seed": None if options.seed is None else str(options.seed),
        "timeout scale": f"{options.timeout_scale:g}" if options.timeout_scale != 1 else None,
        "jobs": str(options.jobs),
        "left out": f"{len(left_out)} slow cases, without --slow" if left_out else None,
        "versions": f"realtime-conformance {__version__}, Python {python_version()}",
        "took": f"{time.monotonic() - progress.began:.1f} s",
    }
    return {name: value for name, value in facts.items() if value}


def _baseline(path: Path | None, requirements: Requirements) -> Mapping[str, str]:
    if path is None:
        return {}
    try:
        return read_baseline(path, requirements.checks)
    except BaselineError as error:
        raise Unusable(str(error)) from None


def _write(report: Report, options: RunOptions) -> None:
    """Write every form that was asked for."""
    forms = (
        (options.json, as_json),
        (options.junit, as_junit),
        (options.markdown, as_markdown),
        (options.html, lambda one: as_html([one])),
        (options.write_baseline, as_baseline),
    )
    for path, form in forms:
        if path is not None:
            write_file(path, form(report))


def write_file(path: Path, text: str) -> None:
    """Write a file, and the folders that it is in.

    Raises:
        Unusable: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror or error}") from None
