"""What commands are told alike: what to run, what is expected, and where the reports go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)


class Unusable(click.ClickException):
    """Nothing could be checked, which is neither a pass nor a failure of what was to be tested."""

    exit_code = 2


def words(_context: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    """Words with commas between them, as an option's callback."""
    return tuple(word.strip() for word in value.split(",") if word.strip())


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What is expected, and where reports go. Each is an option of the same name."""

    strict: bool
    baseline: Path | None
    write_baseline: Path | None
    name: str | None
    json: Path | None
    junit: Path | None
    markdown: Path | None
    html: Path | None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is told whatever it tests. Each is an option of the same name."""

    wanted: tuple[str, ...]
    timeout_scale: float
    slow: bool
    jobs: int
    seed: int | None
    requirements: str | None


_OF_RUNS = (
    click.argument("wanted", nargs=-1, metavar="[ID]..."),
    click.option(
        "--timeout-scale",
        type=click.FloatRange(min=0, min_open=True),
        default=1.0,
        show_default=True,
        help="Multiply every wait and every deadline, for a slow model or a busy machine.",
    ),
    click.option("--slow", is_flag=True, help="Run cases too that wait for real seconds."),
    click.option("--jobs", type=click.IntRange(min=1), default=4, show_default=True, help="Cases that run at once."),
    click.option("--seed", type=int, help="Run the cases in an order of chance, the same for the same number."),
    click.option("--requirements", metavar="SET", help="Judge by a frozen requirement set, such as ga-2026-11."),
)
_OF_REPORTS = (
    click.option("--strict", is_flag=True, help="Let a SHOULD that does not hold fail the run."),
    click.option("--baseline", type=FILE, help="YAML of checks that are known to fail; one that passes fails the run."),
    click.option("--write-baseline", type=FILE, help="Write the checks that fail as a baseline."),
    click.option("--name", help="What reports call the one that is tested."),
    click.option("--json", type=FILE, help="Write the report as JSON here, for `report`."),
    click.option("--junit", type=FILE, help="Write it as JUnit XML here."),
    click.option("--markdown", type=FILE, help="Write it as Markdown here."),
    click.option("--html", type=FILE, help="Write it as an HTML page here, with the journal of each case."),
)


def run_options(command: Command) -> Command:
    """Give a command the options of a run and of its reports."""
    return _given((*_OF_RUNS, *_OF_REPORTS), command)


def report_options(command: Command) -> Command:
    """Give a command the options of reports."""
    return _given(_OF_REPORTS, command)


def run_of(values: dict[str, Any]) -> RunOptions:
    """The options of a run out of everything that a command was given."""
    return RunOptions(**{field.name: values[field.name] for field in fields(RunOptions)})


def reports_of(values: dict[str, Any]) -> ReportOptions:
    """The options of reports out of everything that a command was given."""
    return ReportOptions(**{field.name: values[field.name] for field in fields(ReportOptions)})


def _given(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
