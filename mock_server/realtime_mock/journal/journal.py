"""The journal in memory: bounded, and quick to read by session and by lane.

The oldest entries go first, by their number and by their text; `dropped` counts them.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.journal.entry import Direction, Entry, Kind, entry_line
from realtime_mock.journal.queries import Query

Listener = Callable[[Entry], None]


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
        self._entries: deque[Entry] = deque()
        self._of_session: defaultdict[str, deque[Entry]] = defaultdict(deque)
        self._of_lane: defaultdict[str, deque[Entry]] = defaultdict(deque)
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
        self._seq += 1
        told = None if error is None else _error_as_json(error, traceback)
        at, mono = self._clock(), self._monotonic()
        # In the order of the fields: names cost as much again as the entry.
        entry = Entry(
            self._seq, at, channel, direction, kind, text, session_id, error is None, told, scripted, lane, fault, mono
        )
        self._keep(entry)
        for listener in self._listeners:
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
        kinds = frozenset() if kind is None else frozenset({kind})
        return self.find(Query(session_id=session_id, lane=lane, kinds=kinds, direction=direction, valid=valid))

    def find(self, query: Query, *, limit: int | None = None) -> list[Entry]:
        """The entries asked for, oldest first; with a `limit` so many of the oldest. Safe from any thread."""
        found = (entry for entry in self._since(query) if query.takes(entry))
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
        for session_id in {entry.session_id for entry in self._of_lane.pop(lane, ())}:
            if session_id is not None:
                self._of_session.pop(session_id, None)

    def _stop_telling(self, listener: Listener) -> None:
        # A new tuple each time: one may stop while all are being told.
        listeners = list(self._listeners)
        listeners.remove(listener)
        self._listeners = tuple(listeners)

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._of_lane[entry.lane].append(entry)
        if entry.session_id is not None:
            self._of_session[entry.session_id].append(entry)
        self._characters += len(entry.text)
        while len(self._entries) > self._max_entries or (
            self._characters > self._max_characters and len(self._entries) > 1
        ):
            self._drop(self._entries.popleft())

    def _drop(self, oldest: Entry) -> None:
        self._characters -= len(oldest.text)
        self.dropped += 1
        _unindex(self._of_lane, oldest.lane, oldest)
        if oldest.session_id is not None:
            _unindex(self._of_session, oldest.session_id, oldest)

    def _since(self, query: Query) -> Iterator[Entry]:
        """The entries that can be meant, oldest first; the copy makes it safe while others write."""
        if query.session_id is not None:
            known = self._of_session.get(query.session_id)
        elif query.lane is not None:
            known = self._of_lane.get(query.lane)
        else:
            known = self._entries
        if known is None:
            return iter(())
        entries = known.copy()
        if not entries or query.after < entries[0].seq:
            return iter(entries)
        newer = 0
        for entry in reversed(entries):
            if entry.seq <= query.after:
                break
            newer += 1
        return islice(entries, len(entries) - newer, None)


def _unindex(index: dict[str, deque[Entry]], key: str, oldest: Entry) -> None:
    """The oldest of all is the oldest of its kin too, unless those were forgotten."""
    known = index.get(key)
    if known and known[0] is oldest:
        known.popleft()
        if not known:
            del index[key]


def _error_as_json(error: ApiError, traceback: str | None) -> dict[str, Any]:
    return error.as_json() if traceback is None else {**error.as_json(), "traceback": traceback}
