"""Options about who may use the control API."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

_OPTIONS = (
    click.option(
        "--control-host",
        "control_hosts",
        multiple=True,
        metavar="NAME",
        help="A further name by which the control API may be asked for; may be repeated. "
        "Default: localhost, any address, and the --host.",
    ),
    click.option(
        "--control-origin",
        "control_origins",
        multiple=True,
        metavar="ORIGIN",
        help="An origin whose pages may use the control API; may be repeated. Default: none but the mock's own.",
    ),
    click.option(
        "--control-token",
        envvar="REALTIME_MOCK_CONTROL_TOKEN",
        metavar="TOKEN",
        help="What every request to the control API has to show. The environment variable "
        "REALTIME_MOCK_CONTROL_TOKEN gives it without showing it to other users of the machine.",
    ),
)


def control_options(command: Command) -> Command:
    """Add the options to a command."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)
