"""`realtime-conformance serializer`: what a library makes of every event."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from realtime_conformance.serializer import Baseline, Report, Survey


@click.command()
@click.option("--command", "command", required=True, help="The program: an event in per line, a line out.")
@click.option(
    "--side",
    type=click.Choice(["server", "client"]),
    default="server",
    show_default=True,
    help="Whose events it is given.",
)
@click.option("--dialect", type=click.Choice(["ga", "beta"]), default="ga", show_default=True)
@click.option("--types", help="Only these, with commas between; all by default.")
@click.option("--examples", type=click.IntRange(min=1), default=50, show_default=True, help="Events per type.")
@click.option("--deadline", type=float, default=5.0, show_default=True, help="Seconds that an event may take.")
@click.option("--validates", is_flag=True, help="It claims to refuse invalid client events: check that.")
@click.option("--baseline", type=click.Path(path_type=Path), help="YAML of known findings; a stale one fails.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Write what was found as a baseline.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report as JSON here.")
def serializer(  # noqa: PLR0913 - each is an option
    *,
    command: str,
    side: Literal["server", "client"],
    dialect: Literal["ga", "beta"],
    types: str | None,
    examples: int,
    deadline: float,
    validates: bool,
    baseline: Path | None,
    write_baseline: Path | None,
    json_file: Path | None,
) -> None:
    """Check that a serializer keeps every event of the protocol, in any language.

    The program reads events from its input and writes each as the library encodes it again, one JSON object per line,
    or {"error": "..."}. The exit status is 1 where something was found that the baseline does not have.
    """
    if validates and side == "server":
        raise click.UsageError("--validates is about client events: add --side client")
    try:
        from realtime_conformance.serializer import Survey  # noqa: PLC0415 - Hypothesis is no must
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise click.ClickException("this needs Hypothesis: pip install hypothesis") from None
    wanted = None if types is None else [kind.strip() for kind in types.split(",")]
    known = _read_baseline(baseline)
    survey = Survey(side=side, dialect=dialect, types=wanted, examples=examples, validates=validates)
    report = _surveyed(survey, command, deadline)
    _write(report, known, json_file, write_baseline)
    if known.new(report.findings) or known.stale(report):
        raise SystemExit(1)


def _read_baseline(path: Path | None) -> Baseline:
    from realtime_conformance.serializer import Baseline, BaselineError  # noqa: PLC0415

    if path is None:
        return Baseline()
    try:
        return Baseline.read(path)
    except BaselineError as error:
        raise click.ClickException(str(error)) from None


def _surveyed(survey: Survey, command: str, deadline: float) -> Report:
    from realtime_conformance.serializer import Program, ProgramError  # noqa: PLC0415

    try:
        with Program(command, deadline=deadline) as program:
            return survey.run(program.ask)
    except (ProgramError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _write(report: Report, known: Baseline, json_file: Path | None, write_baseline: Path | None) -> None:
    from realtime_conformance.serializer import baseline, shown  # noqa: PLC0415

    for line in shown.as_text(report, known):
        click.echo(line)
    if json_file is not None:
        json_file.write_text(json.dumps(shown.as_json(report, known), indent=1) + "\n", encoding="utf-8")
    if write_baseline is not None:
        write_baseline.write_text(baseline.written(report.findings), encoding="utf-8")
