"""Where two JSON values differ first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Step = str | int
Change = Literal["lost", "added", "replaced"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of the value at these steps: keys, and indexes of lists. As text it is a sentence."""

    steps: tuple[Step, ...]
    change: Change
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        where, after = f"'{path(self.steps)}' was", json.dumps(self.after, default=repr)
        match self.change:
            case "lost":
                return f"{where} lost"
            case "added":
                return f"{where} added: {after}"
            case "replaced":
                return f"{where} {json.dumps(self.before)} and became {after}"

    @property
    def place(self) -> str:
        """The change without the numbers of elements, which is alike in all events: "item.content[].text lost"."""
        return f"{path(self.steps, numbered=False)} {self.change}"


def path(steps: Iterable[Step], *, numbered: bool = True) -> str:
    """The steps in the notation of the API's `param`: "item.content[0].text", or "item.content[].text"."""
    told = ""
    for step in steps:
        if isinstance(step, int):
            told += f"[{step if numbered else ''}]"
        else:
            told += f".{step}" if told else step
    return told


def difference(expected: object, actual: object, steps: tuple[Step, ...] = ()) -> Difference | None:
    """The first place at which two JSON values differ; None where they are the same.

    `1` and `1.0` are the same number, `1` and `true` are not the same value, and the order of keys means nothing.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _first(_of_objects(expected, actual, steps))
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        return _first(difference(one, other, (*steps, at)) for at, (one, other) in pairs)
    if isinstance(expected, bool) is isinstance(actual, bool) and expected == actual:
        return None
    return Difference(steps, "replaced", expected, actual)


def _of_objects(
    expected: dict[str, Any], actual: dict[str, Any], steps: tuple[Step, ...]
) -> Iterable[Difference | None]:
    for key in (*expected, *(key for key in actual if key not in expected)):
        if key not in actual:
            yield Difference((*steps, key), "lost", expected[key])
        elif key not in expected:
            yield Difference((*steps, key), "added", after=actual[key])
        else:
            yield difference(expected[key], actual[key], (*steps, key))


def _first(found: Iterable[Difference | None]) -> Difference | None:
    return next((one for one in found if one is not None), None)
