"""How subcommands are given a recording."""

from __future__ import annotations

from pathlib import Path

import click

recording_argument = click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))

session_option = click.option(
    "--session", metavar="NAME", help="The connection to take, where a recording or a journal holds several."
)
