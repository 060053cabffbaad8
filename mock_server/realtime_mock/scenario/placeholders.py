"""Placeholders: what a scenario's events quote from the session.

`$response.id`, or `${response.id}` where letters follow, is a name and the way from it to a value: keys and, in lists,
positions from 0, joined by dots. `$$` is a dollar sign. A text that is nothing but one placeholder becomes the value
itself, whatever its type; in a longer text the value is written out. What has no value yet is null, or nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

NAMES = ("event", "session", "response", "previous_response", "item", "call")
"""What a placeholder can begin with: the event that the rule matched; the session; the newest response and the one
before it; the newest item; the newest function call. All but the first are objects as the session last sent them."""

_PATH = r"[a-z_]\w*(?:\.\w+)*"
_PLACEHOLDER = re.compile(rf"\$(?:(?P<dollar>\$)|(?P<bare>{_PATH})|\{{(?P<braced>{_PATH})\}})", re.ASCII)


def fill(value: object, known: Mapping[str, object]) -> object:
    """`value` with every placeholder in its texts replaced, by what `known` holds under its name."""
    match value:
        case str():
            return _fill_text(value, known)
        case Mapping():
            return {key: fill(inner, known) for key, inner in value.items()}
        case list() | tuple():
            return [fill(inner, known) for inner in value]
        case _:
            return value


def paths(value: object) -> Iterator[str]:
    """Every placeholder in the texts of `value`, without its dollar sign."""
    match value:
        case str():
            yield from filter(None, map(_path, _PLACEHOLDER.finditer(value)))
        case Mapping():
            for inner in value.values():
                yield from paths(inner)
        case list() | tuple():
            for inner in value:
                yield from paths(inner)


def is_placeholder(text: str) -> bool:
    """Whether a text is one placeholder and nothing else."""
    found = _PLACEHOLDER.fullmatch(text)
    return found is not None and _path(found) is not None


def _fill_text(text: str, known: Mapping[str, object]) -> object:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole is not None and (path := _path(whole)) is not None:
        return _look_up(known, path)
    return _PLACEHOLDER.sub(lambda found: _written(found, known), text)


def _written(found: re.Match[str], known: Mapping[str, object]) -> str:
    path = _path(found)
    if path is None:
        return "$"
    value = _look_up(known, path)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _path(found: re.Match[str]) -> str | None:
    return found["bare"] or found["braced"]


def _look_up(known: object, path: str) -> object:
    for key in path.split("."):
        match known:
            case Mapping():
                known = known.get(key)
            case Sequence() if not isinstance(known, str) and key.isdecimal() and int(key) < len(known):
                known = known[int(key)]
            case _:
                return None
    return known
