"""What several subcommands read from their options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import click

from realtime_mock.faults.model import Fault
from realtime_mock.faults.reading import parse_faults
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.loader import ScenarioError, find_scenario, load_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.settings import SdpProfile, Settings

Beta = Literal["serve", "retired"]
Command = TypeVar("Command", bound=Callable[..., Any])

scenario_option = click.option(
    "--scenario", metavar="FILE|NAME", help="What the assistant does: a YAML file, or a bundled scenario by its name."
)

fault_option = click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="YAML|@FILE",
    help="What goes wrong, such as 'on: response.created, close: 1011'; may be repeated.",
)

sdp_profile_option = click.option(
    "--sdp-profile",
    type=click.Choice(get_args(SdpProfile)),
    default=Settings().sdp_profile,
    show_default=True,
    help="What SDP answers look like: the service's today, the service's until August 2026, or aiortc's own.",
)


def beta_option(*, default: Beta) -> Callable[[Command], Command]:
    """What becomes of beta clients."""
    return click.option(
        "--beta",
        type=click.Choice(["serve", "retired"]),
        default=default,
        show_default=True,
        help="Serve clients of the beta API, or refuse them as the service has done since 2026-05-12.",
    )


def read_scenario(name: str) -> Scenario:
    """The scenario in the file `name`, or the bundled one of that name.

    Mistakes in it end the command, each with its file, line and remedy.
    """
    try:
        return load_scenario(find_scenario(name))
    except ScenarioError as error:
        raise click.ClickException("\n".join(map(str, error.all))) from None


def read_faults(texts: Sequence[str]) -> tuple[Fault, ...]:
    """The faults in each text, or in the file behind an `@`.

    A mistake in one ends the command with its place and a remedy.
    """
    registry = SchemaRegistry.bundled()
    try:
        faults = [fault for text in texts for fault in parse_faults(*_named_text(text), registry)]
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
    named = [fault.id for fault in faults if fault.id]
    for fault_id in named:
        if named.count(fault_id) > 1:
            raise click.ClickException(f"--fault: two faults have the id '{fault_id}'; change one")
    return tuple(faults)


def _named_text(given: str) -> tuple[str, str]:
    """A text and what stands for its file in errors."""
    if not given.startswith("@"):
        return given, "--fault"
    path = Path(given.removeprefix("@"))
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except UnicodeDecodeError:
        raise click.ClickException(f"{path}: the file is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise click.ClickException(f"{path}: the file cannot be read: {error.strerror}; check the path") from None
