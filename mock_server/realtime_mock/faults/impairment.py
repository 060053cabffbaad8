"""What a bad network does to packets: pure, so that a test with a seed meets the same losses every time.

A schedule is asked once for each packet, when it would go, and says what goes instead and when. It counts packets, not
seconds, wherever it can: a late packet on a busy machine changes nothing of what is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, assert_never, get_args

from realtime_mock.faults.call_kinds import (
    Direction,
    PacketKind,
    RtpDuplicate,
    RtpGap,
    RtpJitter,
    RtpLoss,
    RtpReorder,
    RtpSilence,
)
from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.model import Always, Fault

PacketT = TypeVar("PacketT")
PACKET_KINDS: tuple[type[PacketKind], ...] = get_args(PacketKind)


@dataclass(frozen=True, slots=True)
class Departure(Generic[PacketT]):
    """A packet, when it goes, in the seconds that the schedule was asked with, and whether it holds silence."""

    packet: PacketT
    due: float
    is_silent: bool = False


@dataclass(slots=True)
class _Lasting:
    """A fault that befalls more packets than the one it was drawn for; until when, or for how many."""

    strike: Strike
    packets: int = 1
    until: float | None = None

    def lasts(self, now: float) -> bool:
        return self.packets > 0 if self.until is None else now < self.until


@dataclass(slots=True)
class _Outcome:
    """What becomes of one packet: how many `times` it goes, how late, behind how many others, and as what."""

    times: int = 1
    delay: float = 0.0
    passes: int = 0
    is_silent: bool = False


@dataclass(slots=True)
class _Held(Generic[PacketT]):
    packet: PacketT
    is_silent: bool
    passes: int


class PacketSchedule(Generic[PacketT]):
    """Says of each packet of one direction when it goes, if at all, by all the faults that strike it.

    Args:
        sets: the faults in force, which may change while packets go; those on packets `Always` are drawn here.
        direction: whose packets these are.
        kinds: the only ones that happen here.
    """

    def __init__(
        self,
        sets: Sequence[FaultSet],
        *,
        direction: Direction = "out",
        kinds: tuple[type[PacketKind], ...] = PACKET_KINDS,
    ) -> None:
        self._sets = tuple(sets)
        self._direction = direction
        self._kinds = kinds
        self._lasting: list[_Lasting] = []
        self._held: list[_Held[PacketT]] = []

    @property
    def is_at_work(self) -> bool:
        """Whether something lasts, or is held back, that was drawn for an earlier packet."""
        return bool(self._lasting or self._held)

    @property
    def is_idle(self) -> bool:
        """Whether every packet goes as it comes, until faults come into force."""
        return not (self.is_at_work or any(each.has(*self._kinds) for each in self._sets))

    def begin(self, strike: Strike, now: float) -> None:
        """Let a fault befall the packets that come next: one that was drawn for something else than a packet.

        Nothing happens where the fault is for packets of another kind or direction.
        """
        kind = strike.fault.kind
        if not isinstance(kind, self._kinds) or kind.direction != self._direction:
            return
        packets = kind.burst if isinstance(kind, RtpLoss) else 1
        until = now + kind.seconds if isinstance(kind, RtpGap | RtpSilence) else None
        self._lasting.append(_Lasting(strike, packets, until))

    def take(self, packet: PacketT, now: float) -> tuple[list[Departure[PacketT]], Sequence[Strike]]:
        """What goes in place of this packet, in order, and what has befallen it.

        Packets that were held back go right after the last one that was to pass them, lost or not.
        """
        self._end_what_is_over(now)
        for strike in [strike for each in self._sets for strike in each.strikes(self._fits)]:
            self.begin(strike, now)
        outcome = _Outcome()
        for lasting in self._lasting:
            _befall(lasting.strike, outcome)
            lasting.packets -= 1
        strikes = [lasting.strike for lasting in self._lasting]
        passed = self._pass(now)
        if outcome.passes and outcome.times:
            self._held += [_Held(packet, outcome.is_silent, outcome.passes) for _ in range(outcome.times)]
            return passed, strikes
        going = Departure(packet, now + outcome.delay, outcome.is_silent)
        return [going] * outcome.times + passed, strikes

    def _fits(self, fault: Fault) -> bool:
        kind = fault.kind
        if not isinstance(kind, self._kinds) or not isinstance(fault.on, Always):
            return False
        return kind.direction == self._direction and not any(one.strike.fault is fault for one in self._lasting)

    def _end_what_is_over(self, now: float) -> None:
        """Forget faults that have lasted long enough, and those that are no longer in force."""
        self._lasting = [one for one in self._lasting if one.lasts(now) and self._is_in_force(one.strike.fault)]

    def _is_in_force(self, fault: Fault) -> bool:
        return any(fault is other for each in self._sets for other in each.faults)

    def _pass(self, now: float) -> list[Departure[PacketT]]:
        """Count a packet for those that wait for others to pass, and let go those that have waited enough."""
        for held in self._held:
            held.passes -= 1
        passed = [Departure(held.packet, now, held.is_silent) for held in self._held if held.passes <= 0]
        self._held = [held for held in self._held if held.passes > 0]
        return passed


def _befall(strike: Strike, outcome: _Outcome) -> None:
    kind = strike.fault.kind
    assert isinstance(kind, PACKET_KINDS)  # noqa: S101 - no other is begun
    match kind:
        case RtpLoss() | RtpGap():
            outcome.times = 0
        case RtpSilence():
            outcome.is_silent = True
        case RtpReorder(passes=passes):
            outcome.passes = max(outcome.passes, passes)
        case RtpDuplicate(times=times):
            outcome.times *= times
        case RtpJitter(most=most):
            outcome.delay += strike.chance.at("late").fraction() * most
        case _:
            assert_never(kind)
