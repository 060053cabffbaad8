"""Writes docs/cli.md from the commands' own help: `python docs/write_cli_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from realtime_conformance.cli import main as conformance
from realtime_mock.cli import main as mock

PAGE = Path(__file__).parent / "cli.md"
HEAD = """\
# The command line

Made from `--help` by `python docs/write_cli_reference.py`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections("realtime-mock", mock), *_sections("realtime-conformance", conformance)])


def _sections(program: str, main: click.Group) -> Iterator[str]:
    with click.Context(main, info_name=program) as context:
        for name in main.list_commands(context):
            yield _section(name, main, context)


def _section(name: str, main: click.Group, parent: click.Context) -> str:
    command = main.get_command(parent, name)
    if command is None:
        raise LookupError(name)
    # The width of a terminal must not show in the page.
    with click.Context(command, info_name=name, parent=parent, max_content_width=100, terminal_width=100) as context:
        return f"## {parent.info_name} {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
