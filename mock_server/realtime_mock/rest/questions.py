"""What a request asks of the journal, read from its query."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast, get_args

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.journal import Direction, Kind, Query
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import named_lane
from realtime_mock.rest.operations import Parameter
from realtime_mock.scenario.fields import suggest
from realtime_mock.scenario.matching import problems
from realtime_mock.wire import parse_json, printable

_KINDS = get_args(Kind)
_DIRECTIONS = get_args(Direction)
_CHANNELS = ("websocket", "data-channel", "sideband", "http", "call", "control", "none")
_FLAGS = {"true": True, "false": False}

LANE = Parameter("lane", "Only what belongs to this lane, by its name; also as the header `X-Realtime-Mock-Lane`.")
QUESTIONS = (
    LANE,
    Parameter("session", "Only the session of this id."),
    Parameter("kind", f"Only these kinds of entries, with commas between: {', '.join(_KINDS)}."),
    Parameter("direction", "`in` for what clients sent, `out` for what the mock sent.", {"enum": list(_DIRECTIONS)}),
    Parameter("type", "Only events of these types, with commas between."),
    Parameter("channel", f"Only what passed by this channel: {', '.join(_CHANNELS)}."),
    Parameter("valid", "Whether the client, or the mock, kept to the rules.", {"enum": list(_FLAGS)}),
    Parameter("pattern", "What an event must contain, as JSON, with the operators that patterns in scenarios have."),
    Parameter("after", "Only entries with a larger `seq`.", {"type": "integer", "minimum": 0}),
)
LIMIT = Parameter("limit", "At most so many, the oldest first.", {"type": "integer", "minimum": 1})


def question(request: web.Request) -> Query:
    """Which entries a request asks for.

    Raises:
        HttpFault: 400, a part of the query cannot be read.
    """
    return Query(
        session_id=request.match_info.get("id", request.query.get("session")),
        lane=named_lane(request),
        kinds=cast("frozenset[Kind]", frozenset(_words(request, "kind", _KINDS))),
        direction=cast("Direction | None", choice(request, "direction", _DIRECTIONS)),
        channel=_channel(request),
        valid=_FLAGS.get(choice(request, "valid", tuple(_FLAGS)) or ""),
        types=frozenset(_words(request, "type")),
        pattern=_pattern(request),
        after=whole_number(request, "after", 0, least=0),
    )


def whole_number(request: web.Request, name: str, default: int, *, least: int) -> int:
    """A whole number of the query.

    Raises:
        HttpFault: 400, it is none, or too small.
    """
    text = request.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 15 or int(text) < least:
        raise _invalid(name, f"expected a whole number from {least} on")
    return int(text)


def seconds(request: web.Request, name: str, default: float, *, most: float) -> float:
    """A time of the query, in seconds.

    Raises:
        HttpFault: 400, it is none, or too long.
    """
    text = request.query.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise _invalid(name, f"expected seconds from 0 to {most:g}")
    return value


def choice(request: web.Request, name: str, known: tuple[str, ...]) -> str | None:
    """A word of the query that is one of those known; None where it has none.

    Raises:
        HttpFault: 400, it is another.
    """
    word = request.query.get(name)
    if word is not None and word not in known:
        raise _invalid(name, f"expected {' or '.join(known)}")
    return word


def _channel(request: web.Request) -> str | None:
    word = request.query.get("channel")
    if word is not None and word not in _CHANNELS:
        raise _invalid("channel", suggest(printable(word, limit=100), _CHANNELS))
    return word


def _words(request: web.Request, name: str, known: tuple[str, ...] = ()) -> list[str]:
    given = [word.strip() for text in request.query.getall(name, ()) for word in text.split(",")]
    for word in given:
        if known and word not in known:
            raise _invalid(name, suggest(printable(word, limit=100), list(known)))
    return given


def _pattern(request: web.Request) -> Mapping[str, Any] | None:
    text = request.query.get("pattern")
    if text is None:
        return None
    try:
        pattern = parse_json(text)
    except ValueError as error:
        raise _invalid("pattern", f"it is not JSON: {error}") from None
    if not isinstance(pattern, dict):
        raise _invalid("pattern", 'expected a JSON object such as {"type": "response.create"}')
    problem = next(problems(pattern), None)
    if problem is not None:
        raise _invalid("pattern", problem.what)
    return pattern


def _invalid(name: str, why: str) -> HttpFault:
    end = "" if why.endswith("?") else "."
    return HttpFault(400, ApiError(f"Invalid '{name}': {why}{end}", code="invalid_value", param=name))
