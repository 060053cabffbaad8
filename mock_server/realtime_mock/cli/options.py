"""What several subcommands read from their options."""

from __future__ import annotations

import click

from realtime_mock.scenario.loader import ScenarioError, find_scenario, load_scenario
from realtime_mock.scenario.model import Scenario

scenario_option = click.option(
    "--scenario", metavar="FILE|NAME", help="What the assistant does: a YAML file, or a bundled scenario by its name."
)


def read_scenario(name: str) -> Scenario:
    """The scenario in the file `name`, or the bundled one of that name.

    A mistake in it ends the command with its file, line and remedy.
    """
    try:
        return load_scenario(find_scenario(name))
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
