"""Waiting for entries that are still to come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable

from realtime_mock.journal.entry import Entry
from realtime_mock.journal.journal import Journal, Listener
from realtime_mock.journal.queries import Query

LONGEST_BACKLOG = 10_000
"""Entries that wait for a reader of a stream; a slower one is told to come again."""


class Overrun(Exception):
    """A reader of a stream was too slow: entries were left out."""


class Watch:
    """Everybody who waits for entries of one journal. It belongs to the thread of the event loop.

    Hundreds of tests may wait at once: an entry is shown to those who ask for its lane, and to those who ask for all.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._takers: dict[str | None, list[Listener]] = {}
        self._stop_listening: Callable[[], None] | None = None
        self._wakes: set[asyncio.Event] = set()
        self._is_over = False

    async def wait_for(self, query: Query, *, count: int, seconds: float) -> list[Entry]:
        """The first `count` entries asked for, or fewer where no more came within so many `seconds`."""
        found = self._journal.find(query, limit=count)
        wake = asyncio.Event()

        def take(entry: Entry) -> None:
            if len(found) < count and query.takes(entry):
                found.append(entry)
                if len(found) == count:
                    wake.set()

        stop = self._listen(query, take)
        try:
            if len(found) < count:
                await self._rest(wake, seconds)
        finally:
            stop()
        return found

    async def stream(self, query: Query, *, beat: float) -> AsyncGenerator[Entry | None, None]:
        """The entries asked for, those kept and then those that come; None after each `beat` seconds without one.

        It ends when the mock does.

        Raises:
            Overrun: too many entries wait for whoever reads.
        """
        waiting: deque[Entry] = deque(self._journal.find(query))
        wake = asyncio.Event()
        is_late = False

        def take(entry: Entry) -> None:
            nonlocal is_late
            if not query.takes(entry):
                return
            is_late = is_late or len(waiting) >= max(LONGEST_BACKLOG, kept)
            if not is_late:
                waiting.append(entry)
            wake.set()

        kept = len(waiting)
        stop = self._listen(query, take)
        try:
            while not self._is_over:
                wake.clear()
                while waiting:
                    yield waiting.popleft()
                if is_late:
                    raise Overrun
                if not wake.is_set() and not await self._rest(wake, beat):
                    yield None
        finally:
            stop()

    @property
    def watchers(self) -> int:
        """How many wait."""
        return sum(map(len, self._takers.values()))

    def close(self) -> None:
        """Let go of everybody."""
        self._is_over = True
        for wake in self._wakes:
            wake.set()

    def _show(self, entry: Entry) -> None:
        for taker in (*self._takers.get(entry.lane, ()), *self._takers.get(None, ())):
            taker(entry)

    def _listen(self, query: Query, taker: Listener) -> Callable[[], None]:
        self._takers.setdefault(query.lane, []).append(taker)
        # While nobody waits, no entry is shown to anybody: most of the time that is so.
        if self._stop_listening is None:
            self._stop_listening = self._journal.listen(self._show)

        def stop() -> None:
            self._takers[query.lane].remove(taker)
            if not self._takers[query.lane]:
                del self._takers[query.lane]
            if not self._takers and self._stop_listening is not None:
                self._stop_listening()
                self._stop_listening = None

        return stop

    async def _rest(self, wake: asyncio.Event, seconds: float) -> bool:
        """Whether somebody woke us within so many seconds."""
        if self._is_over:
            return True
        self._wakes.add(wake)
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return False
        finally:
            self._wakes.discard(wake)
        return True
