"""One entry of the journal: what it holds, and how it looks as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

Direction = Literal["in", "out"]
Remark = Literal["note", "warning", "lifecycle"]
"""The kinds of entries that are sentences."""
Kind = Literal["event", "http", "audio", "fault", "warning", "lifecycle", "note"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that passed.

    `at` is Unix seconds, `mono` seconds that never go backwards and count from anywhere; both are of the mock's clock.
    `lane` is that of the session or of the request.

    `channel` is "http", "websocket", "data-channel", "sideband", "call" for what concerns media, "control" for what
    the control API made happen, or "none" for an event that found no channel to leave by.

    `kind` says what `text` is: the wire text of an event (the first part of it, where it was refused unread); a JSON
    object for an exchange by HTTP, for a stretch of audio and for a fault that happened; a sentence for a change in a
    life (`lifecycle`: a channel attached or lost, a call or a session ended), for what somebody should look into
    (`warning`), and for what is merely worth knowing (`note`).

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
        return {
            "seq": self.seq,
            "at": self.at,
            "mono": self.mono,
            "lane": self.lane,
            "session_id": self.session_id,
            "channel": self.channel,
            "direction": self.direction,
            "kind": self.kind,
            **({"text": self.text} if event is None else {"event": event}),
            "valid": self.valid,
            "error": None if self.error is None else dict(self.error),
            **({"scripted": True} if self.scripted else {}),
            **({} if self.fault is None else {"fault": self.fault}),
        }


def entry_line(entry: Entry) -> bytes:
    """The entry as one line of JSON Lines, with its end."""
    try:
        return orjson.dumps(entry.as_json(), option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A lone surrogate, in a text that never was JSON.
        text = entry.text.encode("utf-8", "replace").decode()
        return orjson.dumps({**entry.as_json(), "text": text}, option=orjson.OPT_APPEND_NEWLINE)
