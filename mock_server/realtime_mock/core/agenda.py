"""What is still to happen in a session, and when.

A `Performance` is a generator of beats: effects, and pauses between them. The agenda runs each performance up to
its next pause and knows the time of the earliest one, so the session needs one timer however much is going on.
Pauses add up from the performance's start: lateness of the driver never accumulates.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from realtime_mock.core.effects import Effect


@dataclass(frozen=True, slots=True)
class Pause:
    """Let this many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait until somebody calls `resume`, but no longer than `at_most` seconds."""

    at_most: float


Beat = Effect | Pause | Hold
Beats = Generator[Beat, None, None]


class Performance:
    """One generator of beats under way. `due` is when it goes on."""

    def __init__(self, beats: Beats, *, due: float, number: int) -> None:
        self.beats = beats
        self.due = due
        self.number = number
        self.held = False


class Agenda:
    """All performances of one session, in order of their due times."""

    def __init__(self) -> None:
        self._performances: list[Performance] = []
        self._started = 0
        self._now = 0.0

    @property
    def now(self) -> float:
        """The time of the last `run`."""
        return self._now

    def start(self, beats: Beats) -> Performance:
        """Put a performance on the agenda, due at the time of the last `run`; it begins with the next one."""
        performance = Performance(beats, due=self._now, number=self._started)
        self._started += 1
        self._performances.append(performance)
        return performance

    def begin(self, beats: Beats) -> Iterator[Effect]:
        """Put a performance on the agenda and perform it up to its first real pause, ahead of what else is due."""
        performance = self.start(beats)
        while performance in self._performances and performance.due <= self._now and not performance.held:
            yield from self._advance(performance)

    def stop(self, performance: Performance) -> None:
        """Take a performance off the agenda; nothing more of it happens."""
        if performance in self._performances:
            self._performances.remove(performance)
            performance.beats.close()

    def resume(self, performance: Performance) -> None:
        """End the `Hold` that a performance is in; without one, nothing changes."""
        if performance.held:
            performance.held = False
            performance.due = self._now

    def clear(self) -> None:
        """Stop everything."""
        for performance in list(self._performances):
            self.stop(performance)

    def next_due(self) -> float | None:
        """When `run` next has something to do, or None."""
        earliest = self._earliest()
        return None if earliest is None else earliest.due

    def run(self, now: float) -> Iterator[Effect]:
        """Perform everything that is due, earliest first."""
        self._now = max(now, self._now)
        while (performance := self._earliest()) is not None and performance.due <= self._now:
            yield from self._advance(performance)

    def _earliest(self) -> Performance | None:
        """What is due first; of what is due at one time, what was started first."""
        earliest: Performance | None = None
        for performance in self._performances:
            if earliest is None or performance.due < earliest.due:
                earliest = performance
        return earliest

    def _advance(self, performance: Performance) -> Iterator[Effect]:
        performance.held = False
        for beat in performance.beats:
            if isinstance(beat, Pause):
                if beat.seconds > 0.0:
                    performance.due += beat.seconds
                elif not self._awaits_another(performance):
                    continue
                return
            if isinstance(beat, Hold):
                performance.due += beat.at_most
                performance.held = True
                return
            yield beat
        if performance in self._performances:
            self._performances.remove(performance)

    def _awaits_another(self, performance: Performance) -> bool:
        """Whether somebody else's turn comes between."""
        # Not `any`: this is asked between any two deltas, and a generator would cost as much again.
        for other in self._performances:  # noqa: SIM110
            if other.due <= self._now and other is not performance:
                return True
        return False
