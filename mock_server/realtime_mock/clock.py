"""The one clock of a mock: real, or virtual and moved by whoever holds it.

Everything of a session that waits for time (speech at its pace, silences, its lifetime) and the expiry of client
secrets go by it. What belongs to the network does not: time limits of connections, and playback on calls.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

VIRTUAL_START = 1_800_000_000.0
"""The Unix time at which a virtual clock begins if nothing is said: the same for every run."""


class Timer(Protocol):
    """A callback that waits for its time."""

    def cancel(self) -> None:
        """Never call back. Once it has, this changes nothing."""
        ...


class Clock(Protocol):
    """What time it is, and who wants to know."""

    def time(self) -> float:
        """Seconds that never go backwards; they count from anywhere."""
        ...

    def now(self) -> float:
        """Unix seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Call back once at `when`, in the seconds of `time`."""
        ...


class LoopClock:
    """Real time, by the event loop that runs.

    Args:
        wall: gives Unix seconds.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        # Both are asked for every event, so there is nothing around them.
        self.now = wall

    time = staticmethod(time.monotonic)
    """The loop's own seconds; to ask the loop for them costs more."""

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """See `Clock`."""
        return asyncio.get_running_loop().call_at(when, callback)


class VirtualClock:
    """Stands still until it is advanced. It counts whole microseconds, so that ten tenths are one.

    It belongs to one thread, that of the loop.

    Args:
        start: Unix seconds at the beginning.
    """

    def __init__(self, start: float = VIRTUAL_START) -> None:
        self._start = start
        self._time = 0.0
        self._timers: list[_VirtualTimer] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        """Seconds it was advanced by."""
        return self._time

    def now(self) -> float:
        """Unix seconds."""
        return _whole_microseconds(self._start + self._time)

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Call back at `when`, during an `advance`; what is due already waits for the next one too."""
        timer = _VirtualTimer(_whole_microseconds(when), next(self._numbers), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def next_timer(self) -> float | None:
        """When the earliest timer is due; None where nothing waits."""
        while self._timers and self._timers[0].is_cancelled:
            heapq.heappop(self._timers)
        return self._timers[0].when if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass, with every timer that falls due on the way, new ones included.

        Timers run in the order of their times, those of one time in the order in which they were set.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds} s")
        end = _whole_microseconds(self._time + seconds)
        while self.step(end):
            pass

    def step(self, end: float) -> bool:
        """Go on to the next timer and run it, or to `end` where none is due until then; tell which it was."""
        due = self.next_timer()
        if due is None or due > end:
            self._time = max(self._time, end)
            return False
        timer = heapq.heappop(self._timers)
        self._time = max(self._time, due)
        timer.callback()
        return True


@dataclass(order=True, slots=True)
class _VirtualTimer:
    when: float
    number: int
    callback: Callable[[], object] = field(compare=False)
    is_cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.is_cancelled = True


def _whole_microseconds(seconds: float) -> float:
    return round(seconds, 6)
