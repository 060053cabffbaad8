"""What several subcommands read from their options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args

import click

from realtime_mock.scenario.loader import ScenarioError, find_scenario, load_scenario
from realtime_mock.scenario.model import Scenario
from realtime_mock.settings import SdpProfile, Settings

Beta = Literal["serve", "retired"]
Command = TypeVar("Command", bound=Callable[..., Any])

scenario_option = click.option(
    "--scenario", metavar="FILE|NAME", help="What the assistant does: a YAML file, or a bundled scenario by its name."
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

    A mistake in it ends the command with its file, line and remedy.
    """
    try:
        return load_scenario(find_scenario(name))
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
