"""The journal: every HTTP request and every event, both ways, in the order in which they passed.

It is bounded in memory, by entries and by text: the oldest entries go first, and `dropped` counts them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from realtime_mock.api_error import ApiError

Direction = Literal["in", "out"]
Kind = Literal["event", "http", "note", "fault"]
Listener = Callable[["Entry"], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that passed.

    `at` is Unix seconds. `channel` is "http", "websocket", "data-channel", "sideband", or "none" for an event that
    found no channel to leave by. `text` is the wire text of an event (the first part of it, where it was
    refused unread), a JSON object for an HTTP exchange, a sentence for a note. `valid` is False where the
    client broke a rule or where an event of ours breaks its schema; `error` then says how. `scripted` tells an
    event that a scenario wrote, changed or held back: what is wrong with it is no bug. `lane` is that of the session or
    of the request. `fault` is the kind of the fault that touched an event: what is wrong with it was asked for. An
    entry of the kind "fault" tells of one that happened; its `text` is a JSON object.
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

    @property
    def event(self) -> Any:
        """The event, or the HTTP exchange, as a value; None where the text is not JSON."""
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


class Journal:
    """Keeps the newest entries and tells listeners of each as it is made."""

    def __init__(
        self,
        *,
        max_entries: int = 100_000,
        max_characters: int = 256 * 2**20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.dropped = 0
        self._entries: deque[Entry] = deque()
        self._characters = 0
        self._seq = 0
        self._max_entries = max_entries
        self._max_characters = max_characters
        self._clock = clock
        self._listeners: list[Listener] = []

    def record(  # noqa: PLR0913 - one argument for each field
        self,
        text: str,
        *,
        channel: str,
        direction: Direction,
        kind: Kind,
        session_id: str | None = None,
        error: ApiError | None = None,
        traceback: str | None = None,
        scripted: bool = False,
        lane: str = "",
        fault: str | None = None,
    ) -> Entry:
        """Append one entry, at this moment; it is invalid where it comes with an error."""
        self._seq += 1
        entry = Entry(
            seq=self._seq,
            at=self._clock(),
            channel=channel,
            direction=direction,
            kind=kind,
            text=text,
            session_id=session_id,
            valid=error is None,
            error=None if error is None else _error_as_json(error, traceback),
            scripted=scripted,
            lane=lane,
            fault=fault,
        )
        self._entries.append(entry)
        self._characters += len(text)
        self._drop_oldest()
        for listener in tuple(self._listeners):
            listener(entry)
        return entry

    def entries(
        self,
        session_id: str | None = None,
        *,
        lane: str | None = None,
        kind: Kind | None = None,
        direction: Direction | None = None,
        valid: bool | None = None,
    ) -> list[Entry]:
        """The entries kept, oldest first, of one session or of all, narrowed where asked. Safe from any thread."""
        return [
            entry
            for entry in self._entries.copy()
            if (session_id is None or entry.session_id == session_id)
            and (lane is None or entry.lane == lane)
            and (kind is None or entry.kind == kind)
            and (direction is None or entry.direction == direction)
            and (valid is None or entry.valid == valid)
        ]

    def jsonl(self, session_id: str | None = None) -> Iterator[bytes]:
        """The entries as JSON Lines, one newline-ended line each."""
        for entry in self.entries(session_id):
            yield orjson.dumps(entry.as_json(), option=orjson.OPT_APPEND_NEWLINE)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every new entry, in the server's thread, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _drop_oldest(self) -> None:
        while len(self._entries) > self._max_entries or (
            self._characters > self._max_characters and len(self._entries) > 1
        ):
            self._characters -= len(self._entries.popleft().text)
            self.dropped += 1


class SessionJournal:
    """The journal as one session writes it."""

    def __init__(self, journal: Journal, session_id: str, *, lane: str = "") -> None:
        self._journal = journal
        self._lane = lane
        self._session_id = session_id

    def received(self, text: str, channel: str, error: ApiError | None, *, fault: str | None = None) -> None:
        """A client's event; `error` is what it was refused with, `fault` what happened to it on its way."""
        self._record(text, channel, "in", "event", error, fault=fault)

    def sent(
        self, text: str, channel: str, violation: str | None, *, scripted: bool = False, fault: str | None = None
    ) -> None:
        """An event of ours; `violation` says how it breaks its schema, `fault` what happened to it on its way."""
        error = None if violation is None else ApiError(violation, type="server_error")
        self._record(text, channel, "out", "event", error, scripted=scripted, fault=fault)

    def struck(self, text: str, channel: str, direction: Direction, *, fault: str) -> None:
        """A fault that happens now; `text` is the JSON object that describes it."""
        self._record(text, channel, direction, "fault", None, fault=fault)

    def noted(
        self, text: str, channel: str = "none", *, error: ApiError | None = None, traceback: str | None = None
    ) -> None:
        """Anything else worth knowing."""
        self._record(text, channel, "out", "note", error, traceback)

    def _record(
        self,
        text: str,
        channel: str,
        direction: Direction,
        kind: Kind,
        error: ApiError | None,
        traceback: str | None = None,
        *,
        scripted: bool = False,
        fault: str | None = None,
    ) -> None:
        self._journal.record(
            text,
            channel=channel,
            direction=direction,
            kind=kind,
            session_id=self._session_id,
            error=error,
            traceback=traceback,
            scripted=scripted,
            lane=self._lane,
            fault=fault,
        )


def _error_as_json(error: ApiError, traceback: str | None) -> dict[str, Any]:
    return error.as_json() if traceback is None else {**error.as_json(), "traceback": traceback}
