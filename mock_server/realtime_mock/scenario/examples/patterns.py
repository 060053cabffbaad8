"""Strings that match a regular expression, for the common part of the syntax."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

VARIANTS = 30
"""Different strings tried for one pattern."""

_parser: Any = importlib.import_module("re._parser")
"""The parser behind `re`: its tree is not public, so everything here gives up where it is unknown."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PREFERRED = _LETTERS + _LETTERS.upper() + "0123456789" + " _-.,:;/@#!?()[]{}<>+*=%&|~^$'\"\\`\t\n"
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}


class _UnknownSyntaxError(Exception):
    """The pattern uses what this module cannot write."""


def candidates(pattern: str, *, shortest: int = 0) -> Iterator[str]:
    """Strings that match `pattern` somewhere and have at least `shortest` characters where they can.

    Nothing where the pattern is invalid or beyond the supported syntax.
    """
    try:
        tree = _parser.parse(pattern)
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return
    for variant in range(VARIANTS):
        try:
            text = _Writer(variant, spare=0).write(tree)
            if len(text) < shortest:
                text = _Writer(variant, spare=shortest - len(text)).write(tree)
        except _UnknownSyntaxError:
            return
        for attempt in (text, text.ljust(shortest, "a"), text.rjust(shortest, "a")):
            if compiled.search(attempt):
                yield attempt


class _Writer:
    """Writes one string.

    `variant` picks branches and characters; `spare` repetitions go to the first that take them.
    """

    def __init__(self, variant: int, *, spare: int) -> None:
        self._variant = variant
        self._spare = spare
        self._groups: dict[int, str] = {}

    def write(self, tree: Any) -> str:
        return "".join(self._write_one(str(operation), detail) for operation, detail in tree)

    def _write_one(self, operation: str, detail: Any) -> str:
        match operation:
            case "LITERAL":
                return chr(detail)
            case "NOT_LITERAL":
                return self._pick([character for character in _PREFERRED if ord(character) != detail])
            case "ANY":
                return self._pick(_LETTERS)
            case "IN":
                return self._pick(_members(detail))
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                return self._repeat(*detail)
            case "BRANCH":
                return self.write(detail[1][self._variant % len(detail[1])])
            case "SUBPATTERN":
                return self._group(detail[0], detail[3])
            case "ATOMIC_GROUP":
                return self.write(detail)
            case "GROUPREF":
                return self._groups.get(detail, "")
            case "AT" | "ASSERT" | "ASSERT_NOT":
                # Not written, only hoped for: the caller tries the whole pattern on the result.
                return ""
            case _:
                raise _UnknownSyntaxError(operation)

    def _repeat(self, least: int, most: Any, tree: Any) -> str:
        extra = min(self._spare, int(most) - least)
        self._spare -= extra
        if least + extra == 0 and self._variant % 2:
            extra = min(1, int(most))
        return "".join(self.write(tree) for _ in range(least + extra))

    def _group(self, number: int | None, tree: Any) -> str:
        text = self.write(tree)
        if number is not None:
            self._groups[number] = text
        return text

    def _pick(self, characters: Any) -> str:
        if not characters:
            raise _UnknownSyntaxError("an empty set of characters")
        return str(characters[self._variant % len(characters)])


def _members(detail: Any) -> list[str]:
    """The characters of a set, readable ones first."""
    is_member = re.compile(f"[{''.join(map(_as_source, detail))}]", re.DOTALL)
    readable = [character for character in _PREFERRED if is_member.match(character)]
    return readable or [chr(code) for code in range(0xD800) if is_member.match(chr(code))][:VARIANTS]


def _as_source(part: tuple[Any, Any]) -> str:
    operation, detail = str(part[0]), part[1]
    match operation:
        case "NEGATE":
            return "^"
        case "LITERAL":
            return re.escape(chr(detail))
        case "RANGE":
            return f"{re.escape(chr(detail[0]))}-{re.escape(chr(detail[1]))}"
        case "CATEGORY" if str(detail) in _CATEGORIES:
            return _CATEGORIES[str(detail)]
        case _:
            raise _UnknownSyntaxError(operation)
