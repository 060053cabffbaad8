"""Rules about the shape of what a client sends: names, keys and values, judged by the schemas of today."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.lint.findings import Fault
from realtime_mock.lint.session import Session
from realtime_mock.recording.entries import Entry
from realtime_mock.registry import SchemaRegistry, Transport

_MOST_FAULTS = 20
_STEP = re.compile(r"[^.\[\]]+")

FLAT_KEYS = frozenset(
    {
        "modalities",
        "voice",
        "speed",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "input_audio_noise_reduction",
        "turn_detection",
        "max_response_output_tokens",
        "temperature",
    }
)
"""Keys of the beta's flat session and response."""


def errors_of(entry: Entry, *, transport: Transport) -> Iterator[ApiError]:
    """Everything that is wrong with what the client sent: each fault is mended, and the rest judged again."""
    if entry.kind == "http":
        yield from _body_errors(entry)
    if entry.kind != "message" or entry.direction != "sent":
        return
    event = copy.deepcopy(dict(entry.data))
    for _ in range(_MOST_FAULTS):
        error = SchemaRegistry.bundled().first_error(event, transport=transport)
        if error is None:
            return
        yield error
        if not _mend(event, error):
            return


def _body_errors(entry: Entry) -> Iterator[ApiError]:
    """The first fault of the request for a client secret; other bodies are not judged."""
    request = entry.data.get("request")
    path = str(request.get("path", "")) if isinstance(request, Mapping) else ""
    if isinstance(request, Mapping) and path.partition("?")[0].endswith("/realtime/client_secrets"):
        error = SchemaRegistry.bundled().first_body_error("client_secrets.request", request.get("body"))
        if error is not None:
            yield error


def unknown_event(entry: Entry, session: Session) -> Iterator[Fault]:
    """An event that the service does not know; some of them it knew in the beta."""
    for error in session.schema_errors:
        if error.param != "type":
            continue
        if entry.type in SchemaRegistry.bundled().dialect("beta").client_types:
            advice = "use session.update with session.type 'transcription'"
            yield Fault(f"'{entry.type}' is an event of the beta", advice, "type", error.as_json())
        elif entry.type == "output_audio_buffer.clear":
            advice = "stop your own player; the service plays nothing on a WebSocket"
            yield Fault("a WebSocket has no output audio buffer", advice, "type", error.as_json())
        else:
            yield _fault(error)


def flat_key(_entry: Entry, session: Session) -> Iterator[Fault]:
    """A key of the beta, flat in the session or the response, that has moved or gone."""
    yield from (_fault(error) for error in session.schema_errors if _is_flat(error))


def missing_session_type(_entry: Entry, session: Session) -> Iterator[Fault]:
    """A session that does not say which it is: tools and instructions are dropped with the whole update."""
    yield from (_fault(error) for error in session.schema_errors if _lacks_type(error))


def unknown_key(_entry: Entry, session: Session) -> Iterator[Fault]:
    """A key that no schema has: the whole event is discarded."""
    for error in session.schema_errors:
        if error.code == "unknown_parameter" and not _is_flat(error):
            yield _fault(error)


def invalid_value(_entry: Entry, session: Session) -> Iterator[Fault]:
    """A value of the wrong type, outside its range, or missing."""
    for error in session.schema_errors:
        if error.code != "unknown_parameter" and not _lacks_type(error) and error.param != "type":
            yield _fault(error)


def not_an_event(entry: Entry, _session: Session) -> Iterator[Fault]:
    """A message that is no event at all."""
    if entry.direction != "sent":
        return
    if entry.kind == "binary":
        yield Fault("a binary frame: the service takes text", "send audio as base64 in input_audio_buffer.append")
    elif entry.kind == "text":
        yield Fault("this is no JSON object", "send one JSON object with a `type` in each text frame")


def _fault(error: ApiError) -> Fault:
    return Fault(error.message, param=error.param, error=error.as_json())


def _is_flat(error: ApiError) -> bool:
    parent, _, key = (error.param or "").rpartition(".")
    return error.code == "unknown_parameter" and parent in ("session", "response") and key in FLAT_KEYS


def _lacks_type(error: ApiError) -> bool:
    return error.code == "missing_required_parameter" and error.param == "session.type"


def _mend(event: dict[str, Any], error: ApiError) -> bool:
    """Take the fault out of the event, where that can be done without knowing what was meant."""
    if _lacks_type(error):
        event["session"] = {"type": "realtime", **event["session"]}
        return True
    if error.code != "unknown_parameter" or error.param is None:
        return False
    *way, key = _STEP.findall(error.param)
    owner: Any = event
    for step in way:
        if isinstance(owner, list) and step.isdecimal() and int(step) < len(owner):
            owner = owner[int(step)]
        else:
            owner = owner.get(step) if isinstance(owner, Mapping) else None
    return isinstance(owner, dict) and owner.pop(key, error) is not error
