"""Waiting for an event of a lane, a look at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from realtime_mock.scenario.matching import shown
from realtime_mock.testing.excerpt import excerpt
from realtime_mock.testing.expectations import near_miss
from realtime_mock.testing.journal import JournalEntry

PATIENCE = 5.0
"""Seconds that a wait lasts, unless it says otherwise."""

LONGEST_LOOK = 1.0
"""Seconds of one look: so soon a wait ends that nobody waits for any more."""


class NeverCame(AssertionError):
    """What was waited for did not come in time; the text tells what came nearest, and what passed."""


class Journal(Protocol):
    """What is asked of the journal of a lane."""

    def wait(self, pattern: Mapping[str, Any], *, count: int, seconds: float) -> Sequence[JournalEntry]:
        """The first `count` events that match, or fewer where no more pass within so many seconds."""
        ...

    def events(self) -> list[JournalEntry]:
        """The events that passed."""
        ...


class Wait:
    """Looks for an event, again and again, until its time is over."""

    def __init__(self, journal: Journal, pattern: Mapping[str, Any], *, count: int, timeout: float) -> None:
        self._journal = journal
        self._pattern = pattern
        self._count = count
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout

    def look(self, seconds: float) -> JournalEntry | None:
        """The event, if it passes within so many seconds.

        Raises:
            NeverCame: it does not, and the time is over.
        """
        __tracebackhide__ = True
        rest = self._deadline - time.monotonic()
        seconds = max(min(seconds, rest), 0.0)
        found = self._journal.wait(self._pattern, count=self._count, seconds=seconds)
        if len(found) >= self._count:
            return found[self._count - 1]
        if rest <= seconds:
            raise NeverCame(self._told(len(found)))
        return None

    def _told(self, found: int) -> str:
        events = self._journal.events()
        came = f"only {found} of {self._count} such events passed" if found else "no such event passed"
        miss = "" if found else near_miss(self._pattern, events)
        return f"waited {self._timeout:g} s for {shown(self._pattern)}, but {came}{miss}\n\n{excerpt(events)}"
