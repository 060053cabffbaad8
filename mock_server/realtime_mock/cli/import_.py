"""`realtime-mock import`: a recorded session as a scenario."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_mock.cli.files import read_text, shown_name
from realtime_mock.cli.recordings import recording_argument, session_option
from realtime_mock.cli.replay import report
from realtime_mock.importing.session import Imported, import_session
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.layout import NotARecording, parse_recording
from realtime_mock.scenario.writer import write_scenario


@click.command(name="import")
@recording_argument
@click.option(
    "-o",
    "--output",
    metavar="SCENARIO",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; a file that is there already is kept, and the command ends. Default: standard output.",
)
@click.option("--name", "title", metavar="NAME", help="The name of the scenario. Default: that of the file.")
@session_option
def import_(file: Path, output: Path | None, title: str | None, session: str | None) -> None:
    """Write the recorded session in FILE (or - for standard input) as a scenario that `serve --scenario` plays.

    FILE is what `record` wrote, or a JSON list with one {kind, direction, data} for each WebSocket message. What is
    written is tried: the mock plays it to the recorded client, and if an answer differs from the recording, the first
    difference is told on standard error. The exit status is 0 if there is a scenario, 2 if FILE is no such recording.
    """
    name, text, registry = shown_name(file), read_text(file), SchemaRegistry.bundled()
    try:
        imported = import_session(
            text, name, registry=registry, session=session, folder=file.parent, title=title or _title(file)
        )
    except NotARecording as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
    _write(write_scenario(imported.scenario), output)
    if imported.difference is not None:
        recording = parse_recording(text, name, registry=registry, session=session)
        click.echo("The mock that plays this differs from the recording:", err=True)
        for line in report(recording, imported.difference):
            click.echo(line, err=True)
    elif output is not None:
        click.echo(f"{output}: {_counts(imported)}; the mock answers by it as recorded")


def _title(file: Path) -> str:
    return file.stem.strip("-") or "imported"


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise click.UsageError(f"{output} is there already; remove it, or give another name") from None
    except OSError as error:
        raise click.UsageError(f"cannot write {output}: {error.strerror}") from None


def _counts(imported: Imported) -> str:
    rules, transcripts = len(imported.scenario.rules), len(imported.scenario.transcripts)
    return f"{rules} rule{'s' * (rules != 1)}, {transcripts} transcript{'s' * (transcripts != 1)}"
