"""YAML as a person writes it: short mappings in one line, long ones in blocks, texts in quotes.

What is written is read back unchanged by `read_document`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from realtime_mock.scenario.document import ScenarioError, reads_as_text

WIDTH = 88
"""Characters of the longest mapping or list that stays in one line."""

BLOCKS = frozenset({"rules", "turns", "transcripts", "faults", "expect", "mcp"})
"""Keys whose value is always written over several lines."""

_NESTED = frozenset({"rules", "turns"})
"""Keys whose elements are written over several lines too."""

_WORD = re.compile(r"[A-Za-z0-9_$][A-Za-z0-9_.$/-]*")
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LITERAL = re.compile(r"[^\s][^\n]*(\n+[^\s][^\n]*)*\n?")
"""Text of which a literal block keeps every character: no line begins with a blank."""


def to_yaml(document: Mapping[str, object]) -> str:
    """The YAML text of a document made of mappings, lists, texts, numbers, truth values and None.

    Raises:
        ScenarioError: A value has no counterpart in JSON.
    """
    return "\n".join(_mapping(document)) + "\n"


def _mapping(value: Mapping[str, object]) -> Iterator[str]:
    for key, inner in value.items():
        head = f"{_flow(key)}:"
        if _is_block(inner, always=key in BLOCKS):
            yield head
            yield from map(_indented, _block(inner, is_nested=key in _NESTED))
        else:
            first, *others = _scalar(inner)
            yield f"{head} {first}"
            yield from map(_indented, others)


def _sequence(value: Sequence[object], *, is_nested: bool) -> Iterator[str]:
    for element in value:
        is_block = _is_block(element, always=is_nested)
        first, *others = _block(element, is_nested=is_nested) if is_block else _scalar(element)
        yield f"- {first}"
        yield from map(_indented, others)


def _is_block(value: object, *, always: bool) -> bool:
    return isinstance(value, Mapping | list) and bool(value) and (always or not _fits(value))


def _block(value: object, *, is_nested: bool) -> Iterator[str]:
    """The lines of a mapping or a list, not indented."""
    return (
        _mapping(value) if isinstance(value, Mapping) else _sequence(cast("list[object]", value), is_nested=is_nested)
    )


def _scalar(value: object) -> list[str]:
    """What stands behind a key: one line, or the header of a literal block and its lines."""
    if isinstance(value, str) and _is_literal(value):
        return ["|" if value.endswith("\n") else "|-", *value.removesuffix("\n").split("\n")]
    return [_flow(value)]


def _indented(line: str) -> str:
    return f"  {line}" if line else ""


def _fits(value: object) -> bool:
    return not _holds_literal(value) and len(_flow(value)) <= WIDTH


def _holds_literal(value: object) -> bool:
    match value:
        case str():
            return _is_literal(value)
        case Mapping():
            return any(map(_holds_literal, value.values()))
        case list():
            return any(map(_holds_literal, value))
        case _:
            return False


def _is_literal(text: str) -> bool:
    printable = text.replace("\n", " ")
    return (
        "\n" in text
        and _LITERAL.fullmatch(text) is not None
        and printable.isprintable()
        and not _UNPRINTABLE.search(text)
    )


def _flow(value: object) -> str:
    """A value in one line."""
    match value:
        case str():
            return value if _WORD.fullmatch(value) and reads_as_text(value) else _quoted(value)
        case Mapping():
            return f"{{{', '.join(f'{_flow(key)}: {_flow(inner)}' for key, inner in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(_flow, value))}]"
        case float() if not math.isfinite(value):
            raise ScenarioError(f"{value} cannot be written to a scenario: JSON has no such number; give a finite one")
        case None | bool() | int() | float():
            return json.dumps(value)
        case _:
            raise ScenarioError(f"{value!r} cannot be written to a scenario: it is no JSON; give plain values")


def _quoted(text: str) -> str:
    """Text in double quotes; JSON's escapes are YAML's too."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ScenarioError(f"{text!r} cannot be written to a scenario: half of a surrogate pair is no text") from None
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
