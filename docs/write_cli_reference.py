"""Writes docs/cli.md from the commands' own help: `python docs/write_cli_reference.py`."""

from __future__ import annotations

from pathlib import Path

import click

from realtime_mock.cli import main

PAGE = Path(__file__).parent / "cli.md"
HEAD = """\
# The command line

Made from `--help` by `python docs/write_cli_reference.py`.
"""


def page() -> str:
    """The whole page."""
    with click.Context(main, info_name="realtime-mock") as context:
        return "\n".join([HEAD, *(_section(name, context) for name in main.list_commands(context))])


def _section(name: str, parent: click.Context) -> str:
    command = main.get_command(parent, name)
    if command is None:
        raise LookupError(name)
    # The width of a terminal must not show in the page.
    with click.Context(command, info_name=name, parent=parent, max_content_width=100, terminal_width=100) as context:
        return f"## realtime-mock {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
