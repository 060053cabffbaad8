"""`realtime-mock replay`: a recorded session against the mock."""

from __future__ import annotations

import json
from pathlib import Path

import click

from realtime_mock.cli.files import read_text, shown_name
from realtime_mock.cli.recordings import recording_argument, session_option
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.comparison import Difference
from realtime_mock.replay.layout import NotARecording, parse_recording
from realtime_mock.replay.player import replay as play
from realtime_mock.replay.recording import Recording

_CONTEXT = 3
_WIDTH = 110


@click.command()
@recording_argument
@session_option
def replay(file: Path, session: str | None) -> None:
    """Play the recorded session in FILE (or - for standard input) to the mock and compare what comes back.

    FILE is what `record` wrote, or a JSON list with one {kind, direction, data} for each WebSocket message, as its
    client saw them. The first difference is printed with what came before it. The exit status is 0 if mock and
    recording are equal, 1 if they differ, 2 if FILE is no such recording.
    """
    name = shown_name(file)
    registry = SchemaRegistry.bundled()
    try:
        text = read_text(file)
        recording = parse_recording(text, name, registry=registry, session=session, folder=file.parent)
    except NotARecording as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
    difference = play(recording, registry=registry)
    if difference is None:
        click.echo(f"{name}: equal; {len(recording.sent)} messages sent, {len(recording.received)} received")
        return
    for line in report(recording, difference):
        click.echo(line)
    raise SystemExit(1)


def report(recording: Recording, difference: Difference) -> list[str]:
    """The lines that tell a reader what differs, and where."""
    if difference.frame is None:
        lines = [f"{recording.name}: {difference.path} differs"]
    else:
        number = difference.frame.number
        before = recording.frames[max(number - _CONTEXT, 0) : number]
        lines = [f"{recording.name}: message {number} ({difference.frame.type}) differs in {difference.path}"]
        lines += [_cut(f"  {frame.number} {'->' if frame.sent else '<-'} {_json(frame.event)}") for frame in before]
        lines.append(_cut(f"  {number} <- {_json(difference.frame.event)}"))
    return [*lines, f"  recorded: {_shown(difference.recorded)}", f"  the mock: {_shown(difference.sent)}"]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 4]} ..."
