"""Placeholders: what a scenario's texts and events quote from the session.

`$response.id`, or `${response.id}` where letters follow, is a name and the way from it to a value: keys and, in lists,
positions from 0, joined by dots. The way leads on into a text that is JSON, such as the arguments of a call. `$$` is a
dollar sign. A text that is nothing but one placeholder becomes the value itself, whatever its type; in a longer text
the value is written out. What has no value yet is null, or nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

NAMES = (
    "event",
    "session",
    "response",
    "previous_response",
    "item",
    "call",
    "function_output",
    "user_text",
    "heard",
    "match",
)
"""What a placeholder can begin with: the event that the rule matched; the session; the newest response and the one
before it; the newest item, function call and function output, as the session last sent them; the newest text that the
user wrote, and what the user said in the newest spoken turn; what the named groups of the rule's patterns found."""

_PATH = r"[a-z_]\w*(?:\.\w+)*"
_NO_JSON = object()
_JSON_TEXT = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?')
"""A text in JSON text; a colon follows a key."""
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


def fill_text(text: str, known: Mapping[str, object]) -> str:
    """`text` with its placeholders written out, also where it is nothing but one."""
    return _as_text(_fill_text(text, known))


def fill_json(text: str, known: Mapping[str, object]) -> str:
    """JSON text with the placeholders in its texts replaced by JSON: numbers stay numbers, quotes are escaped.

    What stands between them is kept to the letter, and so are keys. Text that is no JSON is filled like any other.
    """
    if _decoded(text) is _NO_JSON:
        return fill_text(text, known)
    return _JSON_TEXT.sub(lambda found: found[0] if found["colon"] else _filled_literal(found["text"], known), text)


def literal(text: str) -> str:
    """The text that stands for `text` where placeholders are looked for."""
    return _PLACEHOLDER.sub(lambda found: f"${found[0]}" if _path(found) else "$$$$", text)


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
    return _as_text(_look_up(known, path))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _filled_literal(found: str, known: Mapping[str, object]) -> str:
    """One text of a JSON text, quotes and all."""
    given = json.loads(found)
    filled = _fill_text(given, known)
    return found if filled == given else json.dumps(filled, ensure_ascii=False, separators=(",", ":"))


def _decoded(text: str) -> object:
    """What a JSON text says, or `_NO_JSON`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NO_JSON


def _path(found: re.Match[str]) -> str | None:
    return found["bare"] or found["braced"]


def _look_up(known: object, path: str) -> object:
    for key in path.split("."):
        match _decoded(known) if isinstance(known, str) else known:
            case Mapping() as fields:
                known = fields.get(key)
            case list() | tuple() as elements if key.isdecimal() and int(key) < len(elements):
                known = elements[int(key)]
            case _:
                return None
    return known
