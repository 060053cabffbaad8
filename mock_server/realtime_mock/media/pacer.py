"""One pacer for all calls: each line sends a packet every 20 ms, and the lines take turns within them."""

from __future__ import annotations

from typing import Protocol

from realtime_mock.clock import Clock, LoopClock, Timer
from realtime_mock.media.playout import PACKET_MS

PACKET_SECONDS = PACKET_MS / 1000

PHASES = 8
"""Moments within 20 ms at which some of the lines send, so that not all calls want the processor at once."""

LARGEST_LAG = 0.25
"""Seconds behind schedule at which the schedule moves, so that a pause is not followed by a burst."""

MAX_LATENESS_MS = 500


class Line(Protocol):
    """Whatever sends a packet each 20 ms."""

    def send_due(self, missed: int) -> None:
        """Send the packet of this 20 ms; `missed` times 20 ms before them are given up."""
        ...


class _Phase:
    """The lines of one moment, and when it comes next."""

    def __init__(self) -> None:
        self.lines: dict[Line, None] = {}
        self.due = 0.0


class Pacer:
    """Lets every line send at its time, by one timer; without lines there is none.

    Deadlines are absolute: a packet that left late does not delay those after it. `lateness` counts packets by the
    whole milliseconds that they were late.
    """

    def __init__(self, clock: Clock | None = None, *, phases: int = PHASES) -> None:
        self._clock = LoopClock() if clock is None else clock
        self.lateness = [0] * (MAX_LATENESS_MS + 1)
        self._phases = [_Phase() for _ in range(phases)]
        self._origin: float | None = None
        self._timer: Timer | None = None

    def add(self, line: Line) -> None:
        """Let a line send from now on, in the phase that has the fewest."""
        now = self._clock.time()
        if self._origin is None:
            self._origin = now
        number = min(range(len(self._phases)), key=lambda each: len(self._phases[each].lines))
        phase = self._phases[number]
        if not phase.lines:
            phase.due = self._next_due(number, now)
        phase.lines[line] = None
        self._arm()

    def remove(self, line: Line) -> None:
        """Let a line send no more; one that is not there is left so."""
        for phase in self._phases:
            phase.lines.pop(line, None)
        if not any(phase.lines for phase in self._phases):
            self.close()

    def close(self) -> None:
        """Send nothing more."""
        for phase in self._phases:
            phase.lines.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _next_due(self, number: int, now: float) -> float:
        """The next moment of a phase on the grid that the first line began."""
        assert self._origin is not None  # noqa: S101 - set with the first line
        offset = self._origin + number * PACKET_SECONDS / len(self._phases)
        periods = max(0, -int((offset - now) // PACKET_SECONDS))
        return offset + periods * PACKET_SECONDS

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = [phase.due for phase in self._phases if phase.lines]
        self._timer = self._clock.call_at(min(due), self._tick) if due else None

    def _tick(self) -> None:
        self._timer = None
        now = self._clock.time()
        try:
            for phase in self._phases:
                # A clock may fire early by its resolution.
                if phase.lines and phase.due <= now + 0.0005:
                    self._send(phase, now)
        finally:
            # Whatever one line raises, the others go on.
            self._arm()

    def _send(self, phase: _Phase, now: float) -> None:
        due = phase.due
        missed = int((now - due) // PACKET_SECONDS) if now - due > LARGEST_LAG else 0
        phase.due = due + (missed + 1) * PACKET_SECONDS
        for line in tuple(phase.lines):
            line.send_due(missed)
        late = self._clock.time() - due
        self.lateness[min(int(max(late, 0.0) * 1000), MAX_LATENESS_MS)] += len(phase.lines)
