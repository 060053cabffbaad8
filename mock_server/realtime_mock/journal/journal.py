"""The journal in memory: bounded, and quick to read by session and by lane.

The oldest entries go first, by their number and by their text; `dropped` counts them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from realtime_mock.api_error import ApiError
from realtime_mock.journal.entry import Direction, Entry, Kind, entry_line
from realtime_mock.journal.queries import Query

Listener = Callable[[Entry], None]

Fields = tuple[
    int,
    float,
    str,
    Direction,
    Kind,
    str | bytes,
    str | None,
    bool,
    Mapping[str, Any] | None,
    bool,
    str,
    str | None,
    float,
]
"""An entry as it is kept, with the fields of `Entry` in their order. Such tuples are made in a third of the time, and
the garbage collector does not look at them again."""

_SEQ: Final = 0
_TEXT: Final = 5
_SESSION_ID: Final = 6
_LANE: Final = 10
_Kin = list[Fields] | deque[Fields]
"""The entries of one session or lane, oldest first. Most sessions have few, for which a deque is large."""

_LONGEST_LIST = 64


class Journal:
    """Keeps the newest entries and tells listeners of each as it is made.

    Args:
        max_entries: how many are kept.
        max_characters: how much text they have together; one alone may have more.
        clock: gives Unix seconds.
        monotonic: gives seconds that never go backwards.
    """

    def __init__(
        self,
        *,
        max_entries: int = 100_000,
        max_characters: int = 256 * 2**20,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dropped = 0
        self._entries: deque[Fields] = deque()
        self._of_session: dict[str, _Kin] = {}
        self._of_lane: dict[str, _Kin] = {}
        self._characters = 0
        self._seq = 0
        self._max_entries = max_entries
        self._max_characters = max_characters
        self._clock = clock
        self._monotonic = monotonic
        self._listeners: tuple[Listener, ...] = ()

    @property
    def newest(self) -> int:
        """The `seq` of the newest entry; 0 before there is one."""
        return self._seq

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
        told = None if error is None else _error_as_json(error, traceback)
        return _entry(self.enter(text, channel, direction, kind, session_id, told, scripted, lane, fault))

    def enter(  # noqa: PLR0913, PLR0917 - names cost as much again as the entry
        self,
        text: str,
        channel: str,
        direction: Direction,
        kind: Kind,
        session_id: str | None,
        error: Mapping[str, Any] | None,
        scripted: bool,  # noqa: FBT001
        lane: str,
        fault: str | None,
    ) -> Fields:
        """Do what `record` does, for whoever writes thousands of entries a second, with the error as JSON."""
        self._seq += 1
        at, mono = self._clock(), self._monotonic()
        # As UTF-8, a text with one letter outside Latin-1 takes half the room.
        kept = text if text.isascii() else text.encode("utf-8", "surrogatepass")
        fields: Fields = (
            self._seq, at, channel, direction, kind, kept, session_id, error is None, error, scripted, lane, fault, mono
        )  # fmt: skip
        self._keep(fields)
        if self._listeners:
            entry = _entry(fields)
            for listener in self._listeners:
                listener(entry)
        return fields

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
        kinds = frozenset() if kind is None else frozenset({kind})
        return self.find(Query(session_id=session_id, lane=lane, kinds=kinds, direction=direction, valid=valid))

    def find(self, query: Query, *, limit: int | None = None) -> list[Entry]:
        """The entries asked for, oldest first; with a `limit` so many of the oldest. Safe from any thread."""
        found = (entry for entry in map(_entry, self._since(query)) if query.takes(entry))
        return list(found if limit is None else islice(found, limit))

    def jsonl(self, session_id: str | None = None) -> Iterator[bytes]:
        """The entries as JSON Lines, one newline-ended line each."""
        return map(entry_line, self.entries(session_id))

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every new entry, in the server's thread, until the returned function is called."""
        self._listeners += (listener,)
        return lambda: self._stop_telling(listener)

    def forget(self, lane: str | None = None) -> None:
        """Begin anew: what asks for this lane, or its sessions, finds nothing older; without a lane, nothing does."""
        if lane is None:
            self._entries.clear()
            self._of_session.clear()
            self._of_lane.clear()
            self._characters = 0
            return
        for session_id in {entry[_SESSION_ID] for entry in self._of_lane.pop(lane, ())}:
            if session_id is not None:
                self._of_session.pop(session_id, None)

    def _stop_telling(self, listener: Listener) -> None:
        # A new tuple each time: one may stop while all are being told.
        listeners = list(self._listeners)
        listeners.remove(listener)
        self._listeners = tuple(listeners)

    def _keep(self, fields: Fields) -> None:
        session_id, lane = fields[_SESSION_ID], fields[_LANE]
        self._entries.append(fields)
        kin = self._of_lane.get(lane)
        if kin is None or len(kin) == _LONGEST_LIST:
            _index(self._of_lane, lane, fields)
        else:
            kin.append(fields)
        if session_id is not None:
            kin = self._of_session.get(session_id)
            if kin is None or len(kin) == _LONGEST_LIST:
                _index(self._of_session, session_id, fields)
            else:
                kin.append(fields)
        self._characters += len(fields[_TEXT])
        while len(self._entries) > self._max_entries or (
            self._characters > self._max_characters and len(self._entries) > 1
        ):
            self._drop(self._entries.popleft())

    def _drop(self, oldest: Fields) -> None:
        self._characters -= len(oldest[_TEXT])
        self.dropped += 1
        _unindex(self._of_lane, oldest[_LANE], oldest)
        if oldest[_SESSION_ID] is not None:
            _unindex(self._of_session, oldest[_SESSION_ID], oldest)

    def _since(self, query: Query) -> Iterator[Fields]:
        """The entries that can be meant, oldest first; the copy makes it safe while others write."""
        known: _Kin | None = self._entries
        if query.session_id is not None:
            known = self._of_session.get(query.session_id)
        elif query.lane is not None:
            known = self._of_lane.get(query.lane)
        entries: _Kin = [] if known is None else known.copy()
        if not entries or query.after < entries[0][_SEQ]:
            return iter(entries)
        newer = 0
        for entry in reversed(entries):
            if entry[_SEQ] <= query.after:
                break
            newer += 1
        return islice(entries, len(entries) - newer, None)


def _entry(fields: Fields) -> Entry:
    text = fields[_TEXT]
    if isinstance(text, bytes):
        return Entry._make((*fields[:_TEXT], text.decode("utf-8", "surrogatepass"), *fields[_TEXT + 1 :]))
    return Entry._make(fields)


def _index(index: dict[str, _Kin], key: str, newest: Fields) -> None:
    kin = index.get(key)
    if kin is None:
        index[key] = [newest]
    elif len(kin) == _LONGEST_LIST and isinstance(kin, list):
        index[key] = deque((*kin, newest))
    else:
        kin.append(newest)


def _unindex(index: dict[str, _Kin], key: str, oldest: Fields) -> None:
    """The oldest of all is the oldest of its kin too, unless those were forgotten."""
    kin = index.get(key)
    if kin is None or kin[0] is not oldest:
        return
    if isinstance(kin, deque):
        kin.popleft()
    else:
        del kin[0]
    if not kin:
        del index[key]


def _error_as_json(error: ApiError, traceback: str | None) -> dict[str, Any]:
    return error.as_json() if traceback is None else {**error.as_json(), "traceback": traceback}
