"""JSON documents with the line on which each value starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a document and its line, counted from 1."""

    line: int
    value: object


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not JSON, and what is wrong with it."""

    line: int
    reason: str


def read_values(text: str) -> list[Located | Unreadable]:
    """The values of a JSON document, of a JSON array, or of JSON Lines.

    An array gives its elements. Of JSON Lines, one bad line does not hide the others.
    """
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if not _first_line_is_json(text):
            return [_unreadable(error, first_line=1)]
        return list(_lines(text))
    start = _skip(text, 0)
    if text[start] == "[":
        return list(_elements(text, start))
    return [_decode(text, start)[0]]


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _first_line_is_json(text: str) -> bool:
    first = next((line for line in text.split("\n") if line.strip()), "")
    try:
        _DECODER.decode(first.strip())
    except (ValueError, RecursionError):
        return False
    return True


def _lines(text: str) -> Iterator[Located | Unreadable]:
    # Only line feeds part JSON Lines: a JSON string may hold U+2028, at which `splitlines` would cut.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Located(number, _DECODER.decode(line.strip()))
        except (ValueError, RecursionError) as error:
            yield _unreadable(error, first_line=number)


def _elements(text: str, start: int) -> Iterator[Located]:
    """The elements of an array that is known to be well formed."""
    position = _skip(text, start + 1)
    while text[position] != "]":
        element, end = _decode(text, position)
        yield element
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _decode(text: str, position: int) -> tuple[Located, int]:
    value, end = _DECODER.raw_decode(text, position)
    return Located(text.count("\n", 0, position) + 1, value), end


def _skip(text: str, position: int) -> int:
    blank = _SPACE.match(text, position)
    return blank.end() if blank else position


def _unreadable(error: ValueError | RecursionError, *, first_line: int) -> Unreadable:
    if isinstance(error, RecursionError):
        return Unreadable(first_line, "JSON nested too deeply to be read")
    if isinstance(error, json.JSONDecodeError):
        return Unreadable(first_line + error.lineno - 1, f"not JSON: {error.msg} (column {error.colno})")
    return Unreadable(first_line, f"not JSON: {error}")
