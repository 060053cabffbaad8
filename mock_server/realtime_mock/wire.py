"""Events as text: JSON in, JSON out, and the errors that need no session to be found."""

from __future__ import annotations

import json
from typing import Any

import orjson

from realtime_mock.api_error import ApiError, ClientFault

MAX_DEPTH = 128
"""Deepest nesting accepted in an event. Ours: JSON of any use is far flatter, and encoders give up near 254."""

BINARY_FRAME = ApiError("Expected a text WebSocket message; binary frames are not supported.", code="invalid_event")
"""The answer to a binary frame (recorded)."""

INTERNAL_ERROR = ApiError(
    "The server had an error while processing your request. Sorry about that!", type="server_error"
)
"""What a client is told of our own bug; the journal holds the traceback."""


def parse_json(text: str | bytes) -> object:
    """The value of a JSON text; of a repeated key the last one counts.

    Raises:
        ValueError: not JSON, or nested too deep; the text says what and where.
    """
    value: object = orjson.loads(text)
    if _may_be_deep(text) and _depth(value) > MAX_DEPTH:
        raise ValueError(f"nested more than {MAX_DEPTH} levels deep")
    return value


def parse_event(text: str | bytes) -> object:
    """The JSON value of a client's message.

    Raises:
        ClientFault: `invalid_json`, "Invalid event: failed to parse JSON value. <parser detail>" (recorded).
    """
    try:
        return parse_json(text)
    except ValueError as error:
        message = f"Invalid event: failed to parse JSON value. {error}"
        raise ClientFault(ApiError(message, code="invalid_json")) from None


def event_text(event: dict[str, Any]) -> str:
    """The event as JSON text, keys in the order of the event."""
    try:
        return orjson.dumps(event).decode()
    except orjson.JSONEncodeError:
        # A scenario may emit what orjson refuses: integers over 64 bits, lone surrogates.
        return json.dumps(event, separators=(",", ":"))


def event_too_large(size: int, limit: int) -> ApiError:
    """An event of `size` bytes where `limit` are accepted. The wording is ours: no such answer was captured."""
    return ApiError(
        f"Invalid event: message too large. Expected at most {limit} bytes, but got {size} bytes instead.",
        code="invalid_event",
    )


def printable(text: str | bytes, *, limit: int = 4096) -> str:
    """At most `limit` characters of a text that was refused unread, fit for the journal."""
    if isinstance(text, bytes):
        return text[:limit].decode("utf-8", "replace")
    return text[:limit].encode("utf-8", "replace").decode()


def _may_be_deep(text: str | bytes) -> bool:
    """Whether there are brackets enough: spares nearly every event the walk."""
    if isinstance(text, str):
        return text.count("{") + text.count("[") > MAX_DEPTH
    return text.count(b"{") + text.count(b"[") > MAX_DEPTH


def _depth(value: object) -> int:
    """How many containers deep `value` is, counted level by level."""
    level: list[object] = [value]
    depth = 0
    while containers := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in containers for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def concerns_audio(event: object) -> bool:
    """Whether an event acts on the input audio buffer, or on what listens to it."""
    kind = event.get("type") if isinstance(event, dict) else None
    return isinstance(kind, str) and (kind.startswith("input_audio_buffer.") or kind.endswith("session.update"))


def event_id_of(event: object) -> str | None:
    """The id that a client gave its event, if any."""
    given = event.get("event_id") if isinstance(event, dict) else None
    return given if isinstance(given, str) else None
