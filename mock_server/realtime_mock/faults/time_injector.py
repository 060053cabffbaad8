"""Which fault of time happens, and to what. Pure: whoever tells the time does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.model import Always, Fault, OnConnect, Way
from realtime_mock.faults.requests import Arrival, concerns
from realtime_mock.faults.time_kinds import ClockSkew, SecretExpires, SessionExpires


def clock_skew(sets: Sequence[FaultSet], arrival: Arrival) -> Strike | None:
    """The fault of the clock that a request is answered by."""
    return _first(sets, lambda fault: isinstance(fault.kind, ClockSkew) and concerns(fault.on, arrival))


def webhook_skew(sets: Sequence[FaultSet]) -> Strike | None:
    """The fault of the clock that a webhook is sent by: one of everything, for no request of a client's causes it."""
    return _first(sets, lambda fault: isinstance(fault.kind, ClockSkew) and isinstance(fault.on, Always))


def secret_expiry(sets: Sequence[FaultSet], arrival: Arrival) -> Strike | None:
    """What ends a client secret that a request mints before its time."""
    return _first(sets, lambda fault: isinstance(fault.kind, SecretExpires) and concerns(fault.on, arrival))


def session_expiry(sets: Sequence[FaultSet], way: Way) -> Strike | None:
    """What ends a session before its time."""

    def fits(fault: Fault) -> bool:
        if not isinstance(fault.kind, SessionExpires):
            return False
        return isinstance(fault.on, Always) or (isinstance(fault.on, OnConnect) and fault.on.way in (None, way))

    return _first(sets, fits)


def _first(sets: Sequence[FaultSet], fits: Callable[[Fault], bool]) -> Strike | None:
    """The first fault that happens; every one that fits counts the occasion."""
    found = None
    for each in sets:
        if found is None:
            found = each.strike(fits)
        else:
            each.count(fits)
    return found
