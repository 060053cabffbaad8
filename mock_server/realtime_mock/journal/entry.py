"""One entry of the journal: what it holds, and how it looks as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

import orjson

Direction = Literal["in", "out"]
Remark = Literal["note", "warning", "lifecycle"]
"""The kinds of entries that are sentences."""
Kind = Literal["event", "http", "audio", "heard", "fault", "warning", "lifecycle", "note"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Entry(NamedTuple):
    """One thing that passed. A tuple, because thousands are made in a second.

    `at` is Unix seconds, `mono` seconds that never go backwards and count from anywhere; both are of the mock's clock.
    `lane` is that of the session or of the request.

    `channel` is "http", "websocket", "data-channel", "sideband", "call" for what concerns media, "control" for what
    the control API made happen, or "none" for an event that found no channel to leave by.

    `kind` says what `text` is: the wire text of an event (the first part of it, where it was refused unread); a JSON
    object for an exchange by HTTP, for a stretch of audio, for what was heard of the words in it (`heard`) and for a
    fault that happened; a sentence for a change in a life (`lifecycle`: a channel attached or lost, a call or a session
    ended), for what somebody should look into (`warning`), and for what is merely worth knowing (`note`).

    `valid` is False where the client broke a rule or where an event of ours breaks its schema; `error` then says how.
    `scripted` tells an event that a scenario or a test wrote, changed or held back: what is wrong with it is no bug.
    `fault` is the kind of the fault that touched an event: what is wrong with it was asked for.
    """

    seq: int
    at: float
    channel: str
    direction: Direction
    kind: Kind
    text: str
    session_id: str | None = None
    valid: bool = True
    error: Mapping[str, Any] | None = None
    scripted: bool = False
    lane: str = ""
    fault: str | None = None
    mono: float = 0.0

    @property
    def event(self) -> Any:
        """The event, or what else is JSON, as a value; None where the text is none."""
        try:
            return orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return None

    @property
    def type(self) -> str | None:
        """The `type` of an event that has one."""
        event = self.event if self.kind == "event" else None
        kind = event.get("type") if isinstance(event, dict) else None
        return kind if isinstance(kind, str) else None

    def as_json(self) -> dict[str, Any]:
        """The entry for export: `event` holds JSON, and `text` what is none."""
        event = self.event
        return _fields(self, {"text": self.text} if event is None else {"event": event})


def _fields(entry: Entry, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "mono": entry.mono,
        "lane": entry.lane,
        "session_id": entry.session_id,
        "channel": entry.channel,
        "direction": entry.direction,
        "kind": entry.kind,
        **body,
        "valid": entry.valid,
        "error": None if entry.error is None else dict(entry.error),
        **({"scripted": True} if entry.scripted else {}),
        **({} if entry.fault is None else {"fault": entry.fault}),
    }


def entry_line(entry: Entry) -> bytes:
    """The entry as one line of JSON Lines, with its end."""
    body = {"event": orjson.Fragment(entry.text)} if _is_known_json(entry) else None
    try:
        if body is not None:
            return orjson.dumps(_fields(entry, body), option=orjson.OPT_APPEND_NEWLINE)
        return orjson.dumps(entry.as_json(), option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A lone surrogate, in a text that never was JSON, or whole numbers that only Python writes.
        text = entry.text.encode("utf-8", "replace").decode()
        return orjson.dumps(_fields(entry, {"text": text}), option=orjson.OPT_APPEND_NEWLINE)


def _is_known_json(entry: Entry) -> bool:
    """Whether we wrote the text, as one line of JSON: then it need not be read again."""
    if entry.kind == "event":
        return entry.direction == "out" and entry.error is None and entry.fault is None
    return entry.kind in _OWN_JSON


_OWN_JSON = frozenset({"http", "audio", "heard", "fault"})
