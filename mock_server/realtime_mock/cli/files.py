"""How subcommands read a file that they are given, or standard input."""

from __future__ import annotations

from pathlib import Path

import click


def shown_name(file: Path) -> str:
    """What messages call the file."""
    return "<stdin>" if str(file) == "-" else str(file)


def read_text(file: Path) -> str:
    """The text of the file, or of standard input where it is `-`.

    Raises:
        click.UsageError: It cannot be read.
    """
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as stream:
            text: str = stream.read()
            return text
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"cannot read {file}: {error}") from None
