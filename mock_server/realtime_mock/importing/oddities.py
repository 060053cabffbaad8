"""What the mock would not do by itself: refusals, events of unknown types, errors out of nowhere, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.recording.entries import Entry
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.progress import is_main
from realtime_mock.replay.recording import Event, Frame, Recording, at, text_at
from realtime_mock.replay.schedule import APPEND, Answers
from realtime_mock.scenario import placeholders
from realtime_mock.scenario.emitted import PLACEHOLDER_ID
from realtime_mock.scenario.model import Close, Emit, Error, Rule, Step, Turn

OWN_CODES = frozenset(
    {
        "cannot_update_voice",
        "context_length_exceeded",
        "conversation_already_has_active_response",
        "input_audio_buffer_commit_empty",
        "invalid_event",
        "invalid_json",
        "invalid_parameter",
        "invalid_tool_call_id",
        "invalid_type",
        "invalid_value",
        "item_delete_invalid_item_id",
        "item_retrieve_invalid_item_id",
        "item_truncate_invalid_item_id",
        "missing_required_parameter",
        "response_cancel_not_active",
        "unknown_parameter",
        "unsupported_content_type",
    }
)
"""Codes with which the mock refuses by itself, where the client does the same again."""

_UNPROMPTED = frozenset({"input_audio_buffer.dtmf_event_received"})
"""Types that are known, and that the mock sends only when it is told to."""

_SENDABLE = (*range(1000, 1004), *range(1007, 1015), *range(3000, 5000))
_LONGEST_REASON = 123


@dataclass(frozen=True, slots=True)
class ServerClose:
    """How the service closed the connection, and when: seconds from the beginning of the recording."""

    code: int
    reason: str
    at: float | None


def server_close(entries: Sequence[Entry]) -> ServerClose | None:
    """The close by the service, where a close frame can say it again."""
    for entry in entries:
        if entry.kind == "close" and entry.direction == "received":
            code, reason = entry.data.get("code"), str(entry.data.get("reason") or "")
            if code in _SENDABLE and len(reason.encode()) <= _LONGEST_REASON:
                return ServerClose(int(str(code)), reason, entry.after)
    return None


def refusals(recording: Recording, *, own: frozenset[str] = OWN_CODES) -> Iterator[Rule]:
    """Rules that refuse what the service refused, but for errors with the codes in `own`, which the mock repeats."""
    answers = Answers(recording)
    counts: Counter[str] = Counter()
    automatic = _automatic_responses(recording)
    for frame in recording.sent:
        if frame.type == APPEND:
            continue
        counts[frame.type] += 1
        answer = answers.take(frame)
        if answer is None or answer.type != "error" or at(answer.event, "error.code") in own:
            continue
        nth = counts[frame.type]
        if frame.type == "response.create":
            nth += sum(number < frame.number for number in automatic)
        yield Rule(frame.type, [Error(_error(answer.event))], nth=nth)


def interjections(recording: Recording, close: ServerClose | None, registry: SchemaRegistry) -> Iterator[Rule]:
    """Rules that add to the session's own events what else the service sent, and its close."""
    answered = _answered(recording)
    anchored: dict[tuple[str, int], list[Step]] = {}
    counts: Counter[str] = Counter()
    anchor: tuple[str, int] | None = None
    now: float | None = None
    for frame in recording.received:
        if step := _step(frame, recording, answered, registry):
            if anchor is not None:
                anchored.setdefault(anchor, []).append(step(_gap(now, frame.at)))
                now = frame.at
        elif is_main(frame.event) and frame.type != "error":
            counts[frame.type] += 1
            anchor, now = (frame.type, counts[frame.type]), frame.at
    if close is not None and anchor is not None:
        anchored.setdefault(anchor, []).append(Close(close.code, close.reason, after=_gap(now, close.at)))
    for (kind, nth), steps in anchored.items():
        yield Rule(kind, [Turn(steps)], nth=nth)


def _step(frame: Frame, recording: Recording, answered: frozenset[int], registry: SchemaRegistry) -> Any:
    """Makes the step of an odd event from its delay; None where the mock sends such an event by itself."""
    if frame.type == "error":
        if frame.number in answered or at(frame.event, "error.code") in OWN_CODES:
            return None
        return lambda after: Error(_error(frame.event), after)
    if frame.type in registry.server_types and frame.type not in _UNPROMPTED:
        return None
    event = _written(frame, recording)
    invalid = registry.first_server_error({"event_id": PLACEHOLDER_ID, **event}) is not None
    return lambda after: Emit(event, after, invalid=invalid)


def _written(frame: Frame, recording: Recording) -> dict[str, Any]:
    """The event without its id, quoting the session where it names what is there at that time."""
    known: dict[str, str] = {}
    for earlier in recording.frames[: frame.number]:
        for path, name in _QUOTED.items():
            value = text_at(earlier.event, path)
            if value is not None:
                known = {**{key: stands for key, stands in known.items() if stands != name}, value: name}
    return {key: _quoted(value, known) for key, value in frame.event.items() if key != "event_id"}


_QUOTED = {"session.id": "$session.id", "response.id": "$response.id", "item.id": "$item.id"}


def _quoted(value: object, known: Mapping[str, str]) -> Any:
    match value:
        case str():
            return known.get(value) or placeholders.literal(value)
        case Mapping():
            return {key: _quoted(inner, known) for key, inner in value.items()}
        case list():
            return [_quoted(inner, known) for inner in value]
        case _:
            return value


def _answered(recording: Recording) -> frozenset[int]:
    """The numbers of the errors that answer a message."""
    answers = Answers(recording)
    taken = [answers.take(frame) for frame in recording.sent]
    return frozenset(frame.number for frame in taken if frame is not None and frame.type == "error")


def _automatic_responses(recording: Recording) -> list[int]:
    """The numbers of the frames that begin a response which no message asked for."""
    answers = Answers(recording)
    asked = {frame.number for frame in map(answers.take, recording.sent) if frame is not None}
    created = (frame.number for frame in recording.received if frame.type == "response.created")
    return [number for number in created if number not in asked]


def _error(event: Event) -> ApiError:
    def text(key: str) -> str | None:
        found = text_at(event, f"error.{key}")
        return placeholders.literal(found) if found and found.strip() else None

    message = text("message") or "The service gave no message."
    return ApiError(message, code=text("code"), param=text("param"), type=text("type") or "invalid_request_error")


def _gap(began: float | None, ended: float | None) -> float:
    return 0.0 if began is None or ended is None else max(round(ended - began, 2), 0.0)
