"""The `realtime-conformance` command."""

from __future__ import annotations

import click

from realtime_conformance import __version__


@click.group(no_args_is_help=True)
@click.version_option(__version__, prog_name="realtime-conformance")
def main() -> None:
    """Check servers and clients of the OpenAI Realtime API against the protocol.

    The suites are not in this release: this command has no subcommands yet.
    """
