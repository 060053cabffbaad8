"""Which fault happens to an event, and what is to be done then. No clock and no socket: the edge does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from realtime_mock.faults.changes import Delivery, Event, applies, deliveries
from realtime_mock.faults.connection_kinds import Break
from realtime_mock.faults.event_kinds import EventKind, Oversize
from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.model import Always, Fault, Kind, OnConnect, OnEvent, Side, Way
from realtime_mock.scenario.matching import contains

_EVENT_KINDS: tuple[type[Kind], ...] = get_args(EventKind)
_BREAKS: tuple[type[Kind], ...] = get_args(Break)


@dataclass(frozen=True, slots=True)
class Torn:
    """The first part of an event, in a frame that never ends."""

    text: str


Step = Delivery | Torn | Break


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of an event, in order: nothing at all where there are no steps; `strike` is why."""

    steps: tuple[Step, ...]
    strike: Strike | None = None


class Injector:
    """Asks sets of faults, one after the other, about each event of a session.

    Args:
        sets: the first fault of the first set that has one for an event happens; the others count it.
    """

    def __init__(self, sets: Sequence[FaultSet] = ()) -> None:
        self._sets = tuple(sets)
        self._in_force = tuple(each.in_force for each in sets)

    @property
    def is_idle(self) -> bool:
        """Whether no fault is in force: nothing is to be asked then."""
        # Not `any`: asked for every event.
        for in_force in self._in_force:  # noqa: SIM110
            if in_force:
                return False
        return True

    def outgoing(self, event: Event, text: str, *, meant: Event | None = None) -> Passage:
        """What leaves by one channel in place of an event of the session's, whose text is `text`.

        `meant` is the event as the session made it, where a dialect changed it: a fault may name either.
        """
        return self._passage(event, text, "server", () if meant is None else (meant,))

    def incoming(self, event: Event, text: str) -> Passage:
        """What the session gets in place of an event of the client's."""
        return self._passage(event, text, "client", ())

    def connected(self, way: Way) -> Strike | None:
        """What ends a connection some time after it was opened."""

        def fits(fault: Fault) -> bool:
            kind, on = fault.kind, fault.on
            if not isinstance(kind, _BREAKS) or not isinstance(on, OnConnect) or on.way not in (None, way):
                return False
            return cast("Break", kind).after > 0

        return self._strike(fits)

    def _passage(self, event: Event, text: str, side: Side, others: tuple[Event, ...]) -> Passage:
        strike = self._strike(lambda fault: _fits(fault, event, side, others))
        if strike is None:
            return Passage((Delivery(text),))
        return Passage(_steps(strike, event, text, side), strike)

    def _strike(self, fits: Callable[[Fault], bool]) -> Strike | None:
        found = None
        for each in self._sets:
            if found is None:
                found = each.strike(fits)
            else:
                each.count(fits)
        return found


def _fits(fault: Fault, event: Event, side: Side, others: tuple[Event, ...]) -> bool:
    """Whether a fault is about such an event, whatever its number."""
    kind, on = fault.kind, fault.on
    if isinstance(kind, _EVENT_KINDS):
        if not isinstance(on, Always | OnEvent) or not applies(cast("EventKind", kind), event):
            return False
        if side == "client" and isinstance(kind, Oversize):
            return False
    elif not isinstance(kind, _BREAKS) or not isinstance(on, OnEvent):
        return False
    if isinstance(on, Always):
        return True
    return on.side in (None, side) and any(contains(each, on.pattern) for each in (event, *others))


def _steps(strike: Strike, event: Event, text: str, side: Side) -> tuple[Step, ...]:
    kind: Any = strike.fault.kind
    if isinstance(kind, _EVENT_KINDS):
        return deliveries(cast("EventKind", kind), event, text, strike.chance)
    match kind.when:
        case "before":
            return (kind,)
        case "during" if side == "client":
            # It has arrived whole: only the session can be kept from it.
            return (kind,)
        case "during":
            return (Torn(text[: len(text) // 2]), kind)
        case _:
            return (Delivery(text), kind)
