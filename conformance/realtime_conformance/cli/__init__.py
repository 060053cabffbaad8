"""The `realtime-conformance` command: one module per subcommand."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

from realtime_conformance import __version__

__all__ = ["main"]

COMMANDS = ("server", "client", "check", "list", "report", "serializer")


class _Commands(click.Group):
    """Imports a subcommand's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the parent's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        # `list` is what Python calls a list.
        name = f"{cmd_name}_" if cmd_name == "list" else cmd_name
        return cast(click.Command, getattr(import_module(f"{__name__}.{name}"), name))


@click.group(cls=_Commands, no_args_is_help=True)
@click.version_option(__version__, prog_name="realtime-conformance")
def main() -> None:
    """Check servers, clients and libraries of the OpenAI Realtime API against the protocol.

    The exit status is 0 where all is as expected, 1 where something fails, 2 where nothing could be checked.
    """
