"""The journal as a person reads it while it grows: a line per connection, turn, refusal and close."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from realtime_mock.cli.lines import one_line
from realtime_mock.core.hearing import Heard
from realtime_mock.dialects import BetaDialect
from realtime_mock.journal import Entry, Remark
from realtime_mock.remedies import remedy

_LONGEST_QUOTE = 100

_SENTENCES = frozenset(get_args(Remark))

_ROUTINE = {"attached", "detached", "call connected", BetaDialect.notice}
"""Notes that tell an operator nothing new: the connection and its close have lines of their own, the log warns."""


class LiveLines:
    """Turns journal entries into lines for `write`; most entries give none.

    An event that several channels of a session carry gives one line.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._last_event: dict[str | None, object] = {}
        self._calls: set[str | None] = set()
        self._ways_of_closing: dict[str | None, str] = {}

    def __call__(self, entry: Entry) -> None:
        """Write the line that `entry` deserves, if any."""
        line = self._line(entry)
        if line is not None:
            self._tell(f"{entry.session_id or entry.channel}  {one_line(line)}")

    def _tell(self, line: str) -> None:
        try:
            self._write(line)
        except BrokenPipeError:
            # Whoever read the lines is gone; the sessions go on without.
            self._write = _say_nothing

    def _line(self, entry: Entry) -> str | None:
        if entry.kind == "fault":
            return fault_line(entry)
        if not entry.valid and entry.kind == "event" and entry.fault is not None:
            # What a fault did is no mistake of the client's.
            return None
        if not entry.valid and entry.kind not in _SENTENCES:
            return refusal_line(entry)
        if entry.kind in _SENTENCES:
            return self._note(entry)
        if entry.kind == "heard":
            return str(Heard.of(entry.event))
        # Audio comes fifty times a second: its text is not even parsed.
        if entry.kind == "event" and entry.direction == "out" and not _is_delta(entry.text):
            return self._turn(entry)
        return None

    def _note(self, entry: Entry) -> str | None:
        if entry.text in _ROUTINE:
            return None
        if entry.text.startswith("call ended"):
            self._calls.add(entry.session_id)
        if entry.text.startswith("detached: "):
            return self._detached(entry)
        if entry.text.startswith("session closed"):
            return self._closed(entry)
        return entry.text + (f": {entry.error.get('message')}" if entry.error else "")

    def _detached(self, entry: Entry) -> str | None:
        # A session ends with its own channel: what happened to that goes into the line of the end.
        if entry.channel == "websocket":
            self._ways_of_closing[entry.session_id] = entry.text.removeprefix("detached: ")
        return None if entry.channel in {"websocket", "data-channel"} else f"{entry.channel} {entry.text}"

    def _closed(self, entry: Entry) -> str | None:
        if entry.session_id in self._calls:
            # A call has said already why it ended.
            self._calls.remove(entry.session_id)
            return None
        how = self._ways_of_closing.pop(entry.session_id, None)
        return entry.text if how is None else f"session closed: {how}"

    def _turn(self, entry: Entry) -> str | None:
        event = entry.event
        if not isinstance(event, dict) or self._is_repeated(entry.session_id, event):
            return None
        match event:
            case {"type": "session.created" | "transcription_session.created", "session": session}:
                about = session.get("model") or session.get("type") or "transcription"
                return f"connected by {_transport(entry.channel)}: {about}"
            case {
                "type": "conversation.item.done" | "conversation.item.created",
                "item": {"type": "message", "role": "user"} as item,
            }:
                return f"user: {_content(item)}"
            case {
                "type": "conversation.item.done" | "conversation.item.created",
                "item": {"type": "function_call_output", "output": output},
            }:
                return f"function output: {_quote(str(output))}"
            case {"type": "response.done", "response": response}:
                return f"assistant ({response.get('status')}): {_output(response)}"
        return None

    def _is_repeated(self, session_id: str | None, event: Mapping[str, Any]) -> bool:
        event_id = event.get("event_id")
        repeated = event_id is not None and self._last_event.get(session_id) == event_id
        self._last_event[session_id] = event_id
        return repeated


def refusal_line(entry: Entry) -> str:
    """Why an event or a request was refused, and what to do about it."""
    error = entry.error or {}
    if entry.direction == "out":
        return f"bug of the mock in {entry.type or entry.text}: {error.get('message')}"
    parts = [f"refused {_what(entry)}"]
    if error.get("param"):
        parts.append(f"param {error['param']}")
    parts.append(": ".join(str(part) for part in (error.get("code"), error.get("message")) if part))
    hint = remedy(error)
    if hint is not None:
        parts.append(f"remedy: {hint}")
    return " | ".join(parts)


def fault_line(entry: Entry) -> str:
    """What went wrong because somebody asked for it."""
    match entry.event:
        case {"event": {"type": str(kind)}}:
            return f"fault {entry.fault}: {kind}"
        case {"method": method, "path": path}:
            return f"fault {entry.fault}: {method} {path}"
    return f"fault {entry.fault}"


def _what(entry: Entry) -> str:
    match entry.event:
        case {"method": method, "path": path, "status": status, **rest} if entry.kind == "http":
            why = f" ({rest['reason']})" if "reason" in rest else ""
            return f"{method} {path} with {status}{why}"
    return entry.type or "a message that is no event"


def _say_nothing(line: str) -> None:
    """Take the place of a writer that nobody reads."""


def _is_delta(text: str) -> bool:
    return '.delta"' in text[:80]


def _transport(channel: str) -> str:
    names = {"data-channel": "WebRTC", "websocket": "WebSocket", "none": "a call without a data channel"}
    return names.get(channel, channel)


def _output(response: Mapping[str, Any]) -> str:
    items = response.get("output") or []
    shown = [_item(item) for item in items]
    error = (response.get("status_details") or {}).get("error")
    if error:
        shown.append(f"{error.get('type')}: {error.get('message')}" if "message" in error else str(error.get("type")))
    return "; ".join(shown) or "nothing"


def _item(item: Mapping[str, Any]) -> str:
    if item.get("type") == "function_call":
        return f"calls {item.get('name')}({item.get('arguments')})"
    return _content(item)


def _content(item: Mapping[str, Any]) -> str:
    return " ".join(_part(part) for part in item.get("content") or []) or "nothing"


def _part(part: Mapping[str, Any]) -> str:
    words = part.get("transcript") or part.get("text")
    return _quote(words) if words else f"[{str(part.get('type')).removeprefix('input_').removeprefix('output_')}]"


def _quote(text: str) -> str:
    shown = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
    return '"' + " ".join(shown.split()) + '"'
