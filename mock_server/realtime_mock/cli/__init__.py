"""The `realtime-mock` command: one module per subcommand."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import cast

import click

from realtime_mock import __version__

__all__ = ["main"]

COMMANDS = ("demo", "serve", "run", "speak", "validate", "record", "import", "replay", "lint")


class _Commands(click.Group):
    """Imports a subcommand's module only when it is asked for: a WebRTC stack takes most of a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the parent's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        # `import` is no name that Python lets a module have.
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        return cast(click.Command, getattr(import_module(f"{__name__}.{name}"), name))


@click.group(cls=_Commands, no_args_is_help=True)
@click.version_option(__version__, prog_name="realtime-mock")
def main() -> None:
    """A local mock of the OpenAI Realtime API, over WebRTC and WebSocket.

    No key, no network, no model: the same answers each time.
    """
