"""Text of clients, made fit for a terminal."""

from __future__ import annotations

LONGEST_LINE = 500
"""Characters after which a line is cut."""


def one_line(text: str) -> str:
    """`text` as one line of bounded length, with every character that does not print spelled out.

    What a client sends must neither break a line in two nor move the cursor of whoever reads it.
    """
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown if len(shown) <= LONGEST_LINE else shown[:LONGEST_LINE] + "..."
