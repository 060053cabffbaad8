"""Which faults happen to a call, and when. No clock and no socket: the call does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, get_args

from realtime_mock.faults.call_kinds import (
    ChannelClose,
    ChannelLate,
    ChannelStall,
    Direction,
    PacketKind,
    SessionCreated,
    Vanish,
)
from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.model import Always, Fault, Kind, OnConnect, OnEvent, Side
from realtime_mock.scenario.matching import contains

_PACKET_KINDS: tuple[type[PacketKind], ...] = get_args(PacketKind)
_ON_EVENTS: tuple[type[Kind], ...] = (*_PACKET_KINDS, ChannelStall, ChannelClose, Vanish)
_SIDES: Mapping[Direction, Side] = {"out": "server", "in": "client"}


class CallInjector:
    """Asks sets of faults about one call. All that are due happen: they bear one another."""

    def __init__(self, sets: Sequence[FaultSet] = ()) -> None:
        self.sets = tuple(sets)

    @property
    def watches_events(self) -> bool:
        """Whether a fault waits for an event: else none needs to be shown."""
        return any(each.has(*_ON_EVENTS) for each in self.sets)

    def is_in_force(self, fault: Fault) -> bool:
        """Whether nobody has stopped a fault that happened."""
        return any(fault is other for each in self.sets for other in each.faults)

    def opening(self, kind: type[ChannelLate | SessionCreated]) -> Strike | None:
        """What happens to the opening of the data channel, or of the session on it."""

        def fits(fault: Fault) -> bool:
            return isinstance(fault.kind, kind) and (isinstance(fault.on, Always) or _is_on_a_call(fault))

        return next(iter(self._strikes(fits)), None)

    def connected(self) -> tuple[Strike, ...]:
        """What happens to a call some time after it was connected."""
        return self._strikes(lambda fault: isinstance(fault.kind, ChannelClose | Vanish) and _is_on_a_call(fault))

    def passing(
        self, event: Mapping[str, Any], direction: Direction, *, stalled: Collection[Direction] = ()
    ) -> tuple[Strike, ...]:
        """What happens as an event passes on the data channel; a direction that is `stalled` does not stall again."""

        def fits(fault: Fault) -> bool:
            if isinstance(fault.kind, ChannelStall) and fault.kind.direction in stalled:
                return False
            return _is_on_event(fault, event, direction)

        return self._strikes(fits)

    def _strikes(self, fits: Callable[[Fault], bool]) -> tuple[Strike, ...]:
        return tuple(strike for each in self.sets for strike in each.strikes(fits))


def _is_on_a_call(fault: Fault) -> bool:
    return isinstance(fault.on, OnConnect) and fault.on.way in (None, "call")


def _is_on_event(fault: Fault, event: Mapping[str, Any], direction: Direction) -> bool:
    kind, on = fault.kind, fault.on
    if not isinstance(kind, _ON_EVENTS):
        return False
    if isinstance(on, Always):
        return isinstance(kind, ChannelStall) and kind.direction == direction
    return isinstance(on, OnEvent) and on.side in (None, _SIDES[direction]) and contains(event, on.pattern)
