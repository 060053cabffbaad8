"""What several subcommands read from their options."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_mock.scenario.loader import ScenarioError, find_scenario, load_scenario
from realtime_mock.scenario.model import Scenario


def read_scenario(path: Path) -> Scenario:
    """The scenario in the file at `path`, or the bundled one of that name.

    A mistake in it ends the command with its file, line and remedy.
    """
    try:
        return load_scenario(find_scenario(str(path)))
    except ScenarioError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {error.strerror}") from None
