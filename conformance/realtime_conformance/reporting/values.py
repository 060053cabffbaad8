"""Values of events as reports show them: plain JSON, of a length that can be read, and where two of them differ."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LONGEST = 400
"""Characters of a text that a report keeps: whole messages, the beginning of audio."""

_NO_VALUE = object()


def plain(value: object) -> object:
    """A value as JSON has it; what JSON cannot say is said in words, and long texts are cut."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else repr(value)
        case str():
            return cut(value, LONGEST)
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case bytes() | bytearray():
            return cut(repr(value), LONGEST)
        case Sequence():
            return [plain(one) for one in value]
        case set() | frozenset():
            return sorted((plain(one) for one in value), key=str)
        case _:
            return cut(repr(value), LONGEST)


def cut(text: str, longest: int) -> str:
    """A text, or its beginning and how long it is. What was cut is not cut again."""
    if len(text) <= longest + 30:
        return text
    return f"{text[:longest]}... ({len(text):,} characters)"


def compact(value: object, longest: int = LONGEST) -> str:
    """A value on one line."""
    return cut(json.dumps(plain(value), ensure_ascii=False, separators=(", ", ": ")), longest)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two values differ first: `path` is empty where they differ as a whole."""

    path: str
    expected: str
    actual: str


def first_difference(expected: object, actual: object) -> Difference:
    """The first place where two values differ, in the order of what was expected."""
    return _differing(plain(expected), plain(actual), "") or Difference("", compact(expected), compact(actual))


def _differing(expected: object, actual: object, path: str) -> Difference | None:
    if expected == actual:
        return None
    if isinstance(expected, dict) and isinstance(actual, dict):
        pairs = [(f"{path}.{key}", key) for key in [*expected, *(key for key in actual if key not in expected)]]
        return _first((expected.get(key, _NO_VALUE), actual.get(key, _NO_VALUE), place) for place, key in pairs)
    if isinstance(expected, list) and isinstance(actual, list):
        longest = range(max(len(expected), len(actual)))
        return _first((_at(expected, index), _at(actual, index), f"{path}[{index}]") for index in longest)
    return Difference(path, _told(expected), _told(actual))


def _first(places: Iterable[tuple[object, object, str]]) -> Difference | None:
    found = (_differing(expected, actual, path) for expected, actual, path in places)
    return next((difference for difference in found if difference is not None), None)


def _at(values: list[object], index: int) -> object:
    return values[index] if index < len(values) else _NO_VALUE


def _told(value: object) -> str:
    return "nothing" if value is _NO_VALUE else compact(value)
