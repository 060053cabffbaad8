"""The faults of one lane: those that somebody set there, and those of the scenarios that it plays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from realtime_mock.chance import Chance
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.model import Fault

_MOST_SCENARIOS = 100
"""Scenarios of which a lane keeps the counters."""


class FaultsInForce:
    """Which sets of faults a session or a connection of the lane is asked by.

    Args:
        chance: decides where a fault is only probable.

    Attributes:
        set: the faults that were set for the lane itself; what changes there concerns open sessions too.
    """

    def __init__(self, chance: Chance | None = None) -> None:
        self._chance = Chance(0) if chance is None else chance
        self.set = FaultSet(chance=self._chance)
        self._standing: OrderedDict[int, tuple[tuple[Fault, ...], FaultSet]] = OrderedDict()

    def begin_anew(self, faults: Iterable[Fault] = ()) -> None:
        """Put these faults into force and no others, and let scenarios count from the beginning."""
        self.set.replace(faults)
        self._standing.clear()

    def of_connections(self, written: tuple[Fault, ...], chance: Chance | None = None) -> tuple[FaultSet, ...]:
        """The sets for requests and attempts to connect; `written` are the faults of the scenario.

        A scenario's counters outlive the sessions here, so that `count: 2` lets the third attempt through. `chance` is
        the scenario's where it has one.
        """
        lasting = tuple(fault for fault in written if not fault.is_counted_by_session)
        return (self.set, self._standing_set(written, lasting, chance)) if lasting else (self.set,)

    def of_session(self, written: tuple[Fault, ...], chance: Chance | None = None) -> tuple[FaultSet, ...]:
        """The sets for a new session: what its scenario says of events is counted anew."""
        own = FaultSet((fault for fault in written if fault.is_counted_by_session), chance=chance or self._chance)
        return (*self.of_connections(written, chance), own)

    def _standing_set(self, written: tuple[Fault, ...], lasting: tuple[Fault, ...], chance: Chance | None) -> FaultSet:
        # By identity: the same scenario, put again, begins again.
        key = id(written)
        if key not in self._standing:
            self._standing[key] = (written, FaultSet(lasting, chance=chance or self._chance))
            while len(self._standing) > _MOST_SCENARIOS:
                self._standing.popitem(last=False)
        return self._standing[key][1]
