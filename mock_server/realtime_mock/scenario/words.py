"""Words that a scenario writes: what a wrong one was meant to be, and how long a duration is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)")


def suggest(word: str, allowed: Iterable[str]) -> str:
    """The remedy for a wrong word: the nearest one allowed, else all of them."""
    names = list(allowed)
    nearest = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if nearest:
        return f"did you mean '{nearest[0]}'?"
    return f"use one of: {', '.join(names)}"


def seconds(value: object) -> float | None:
    """The seconds of `120ms`, `1.5s` or the plain number `2`; None for anything else."""
    match value:
        case bool():
            return None
        case int() | float():
            return float(value)
        case str() if found := _DURATION.fullmatch(value):
            return float(found[1]) / (1000 if found[2] == "ms" else 1)
        case _:
            return None
