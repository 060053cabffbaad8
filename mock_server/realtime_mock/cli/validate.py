"""`realtime-mock validate`: events and scenarios against the schemas."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from realtime_mock.cli.documents import Located, Unreadable, read_values
from realtime_mock.cli.files import read_text, shown_name
from realtime_mock.cli.lines import one_line
from realtime_mock.registry import SchemaRegistry
from realtime_mock.remedies import remedy
from realtime_mock.scenario.loader import ScenarioError, parse_scenario
from realtime_mock.scenario.model import Scenario

Side = Literal["client", "server"]
Transport = Literal["websocket", "webrtc"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One value that was checked: where it stands and what is wrong with it, if anything."""

    line: int
    fault: str | None = None


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--side", type=click.Choice(["client", "server"]), help="Who sends these events; told by type if absent.")
@click.option(
    "--transport",
    type=click.Choice(["websocket", "webrtc"]),
    default="webrtc",
    show_default=True,
    help="A WebSocket client may not send output_audio_buffer.clear.",
)
def validate(file: Path, side: Side | None, transport: Transport) -> None:
    """Check client or server events, or a scenario, in FILE (or - for standard input).

    Events are one JSON value, a JSON array or JSON Lines; a scenario is YAML. Each fault is printed
    with its line and what to do about it. The exit status is 0 if all is well, 1 if something is wrong.
    """
    text, name = read_text(file), shown_name(file)
    if _is_scenario(file, text):
        _check_scenario(text, name)
        return
    findings = check_events(text, side=side, transport=transport)
    for finding in findings:
        if finding.fault is not None:
            click.echo(f"{name}:{finding.line}: {one_line(finding.fault)}")
    faults = sum(finding.fault is not None for finding in findings)
    click.echo(f"{name}: {len(findings)} checked, {faults} wrong")
    if faults or not findings:
        raise SystemExit(1)


def check_events(text: str, *, side: Side | None, transport: Transport) -> list[Finding]:
    """Check every event in `text`; without `side` the event's type tells who sends it."""
    registry = SchemaRegistry.bundled()
    return [_check(value, registry, side, transport) for value in read_values(text)]


def _check(value: Located | Unreadable, registry: SchemaRegistry, side: Side | None, transport: Transport) -> Finding:
    if isinstance(value, Unreadable):
        return Finding(value.line, value.reason)
    sender = side or _sender(value.value, registry)
    if sender is None:
        return Finding(value.line, _unknown_type(value.value, registry))
    if sender == "server":
        return Finding(value.line, registry.first_server_error(value.value))
    error = registry.first_error(value.value, transport=transport)
    if error is None:
        return Finding(value.line)
    hint = remedy(error.as_json())
    return Finding(value.line, f"{error.message} [{error.code}]" + (f" Remedy: {hint}." if hint else ""))


def _sender(event: object, registry: SchemaRegistry) -> Side | None:
    kind = event.get("type") if isinstance(event, dict) else None
    if kind in registry.client_types:
        return "client"
    return "server" if kind in registry.server_types else None


def _unknown_type(event: object, registry: SchemaRegistry) -> str:
    if not isinstance(event, dict):
        return "an event is a JSON object"
    kind = event.get("type")
    if not isinstance(kind, str):
        return "the event has no `type`"
    known = [*registry.client_types, *registry.server_types]
    near = difflib.get_close_matches(kind, known, n=1)
    return f"unknown event type '{kind}'" + (f"; did you mean '{near[0]}'?" if near else "")


def _is_scenario(file: Path, text: str) -> bool:
    if file.suffix in {".yaml", ".yml"}:
        return True
    return str(file) == "-" and not text.lstrip().startswith(("{", "["))


def _confusions(scenario: Scenario) -> list[str]:
    """What may be heard wrongly of a scenario's phrases."""
    if not scenario.known_phrases:
        return []
    from realtime_mock.hearing.teaching import teach, warnings  # noqa: PLC0415 - few scenarios listen
    from realtime_mock.media.voice import default_voice  # noqa: PLC0415 - the same

    return warnings(teach(scenario.known_phrases, default_voice()))


def _check_scenario(text: str, name: str) -> None:
    try:
        scenario = parse_scenario(text, name, folder=Path(name).parent)
    except ScenarioError as error:
        for each in error.all:
            click.echo(one_line(str(each)))
        raise SystemExit(1) from None
    for warning in _confusions(scenario):
        click.echo(f"{name}: warning: {one_line(warning)}")
    count = len(scenario.rules)
    click.echo(f"{name}: scenario '{scenario.name}', {count} {'rule' if count == 1 else 'rules'}, nothing wrong")
