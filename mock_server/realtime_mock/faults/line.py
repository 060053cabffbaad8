"""One direction of one channel: what is held back on it, until its time comes or others have passed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime_mock.clock import Clock, Timer
from realtime_mock.faults.changes import Delivery


@dataclass(frozen=True, slots=True)
class Carrier:
    """What moves an event on.

    Args:
        carry: lets a text arrive; the word is that of the fault that touched it, None where none did.
        lose: journals a text that does not arrive, and the word of the fault that kept it from that.
    """

    carry: Callable[[str, str | None], None]
    lose: Callable[[str, str | None], None]


@dataclass(slots=True, eq=False)
class _Held:
    text: str
    fault: str | None
    carrier: Carrier
    passes: int
    timer: Timer | None = None


class Line:
    """Carries deliveries, each at its time.

    Args:
        clock: the time that delays go by.
        on_empty: called whenever nothing is held back any more.
    """

    def __init__(self, clock: Clock, *, on_empty: Callable[[], object]) -> None:
        self._clock = clock
        self._on_empty = on_empty
        self._held: list[_Held] = []

    def carry(self, delivery: Delivery, fault: str | None, carrier: Carrier) -> None:
        """Let a delivery arrive at once, or hold it back."""
        if delivery.passes == 0 and delivery.delay == 0:
            self._arrive(delivery.text, fault, carrier)
            return
        held = _Held(delivery.text, fault, carrier, delivery.passes)
        self._held.append(held)
        when = self._clock.time() + (delivery.within if delivery.passes else delivery.delay)
        held.timer = self._clock.call_at(when, lambda: self._release(held))

    def cut(self) -> None:
        """Nothing arrives any more: lose what is held back."""
        for held in self._held:
            self._disarm(held)
            held.carrier.lose(held.text, held.fault)
        self._held.clear()

    def _arrive(self, text: str, fault: str | None, carrier: Carrier) -> None:
        """Carry a text; every event that waits for others to pass has seen one more of them."""
        carrier.carry(text, fault)
        waiting = [held for held in self._held if held.passes > 0]
        for held in waiting:
            held.passes -= 1
        for held in waiting:
            if held.passes == 0 and held in self._held:
                self._release(held)

    def _release(self, held: _Held) -> None:
        self._disarm(held)
        self._held.remove(held)
        self._arrive(held.text, held.fault, held.carrier)
        if not self._held:
            self._on_empty()

    def _disarm(self, held: _Held) -> None:
        if held.timer is not None:
            held.timer.cancel()
            held.timer = None
