"""The faults that are in force, how often each has happened, and whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from realtime_mock.chance import Chance
from realtime_mock.faults.model import Fault, Kind
from realtime_mock.faults.writing import written


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that happens now.

    Args:
        fault: what happens.
        occurrence: to which of those that fit it, counted from 1.
        chance: for what the kind leaves to chance, such as how long a delay is.
    """

    fault: Fault
    occurrence: int
    chance: Chance

    def as_json(self) -> dict[str, Any]:
        """The strike for the journal."""
        return {"id": self.fault.id, "fault": self.fault.kind.word, "occurrence": self.occurrence}


@dataclass(slots=True)
class _Standing:
    fault: Fault
    seen: int = field(default=0)
    happened: int = field(default=0)


class FaultSet:
    """Faults with their counters. The same seed and the same occasions give the same strikes.

    Args:
        faults: those in force from the beginning.
        chance: decides where a fault is only probable.
    """

    def __init__(self, faults: Iterable[Fault] = (), *, chance: Chance | None = None) -> None:
        self._chance = Chance(0) if chance is None else chance
        self._standing: dict[str, _Standing] = {}
        self.in_force: Mapping[str, object] = self._standing
        """By their ids; the same mapping always, for whoever asks for every event or packet whether there are any."""
        self._numbered = 0
        self.add(faults)

    def __bool__(self) -> bool:
        """Whether any fault is in force."""
        return bool(self._standing)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Those in force, in the order in which they are asked; each has its id."""
        return tuple(standing.fault for standing in self._standing.values())

    def replace(self, faults: Iterable[Fault]) -> tuple[str, ...]:
        """Put these faults into force and no others; give their ids, which are numbered from 1 again."""
        self._standing.clear()
        self._numbered = 0
        return self.add(faults)

    def add(self, faults: Iterable[Fault]) -> tuple[str, ...]:
        """Put further faults into force, after those that are; give their ids.

        Raises:
            ValueError: a fault of such an id is in force; none of these is added then.
        """
        wanted = tuple(faults)
        named = [fault.id for fault in wanted if fault.id]
        taken = next((name for name in named if name in self._standing or named.count(name) > 1), None)
        if taken is not None:
            raise ValueError(f"a fault with the id '{taken}' is in force already; stop it first, or choose another id")
        return tuple([self._put(fault) for fault in wanted])

    def stop(self, fault_id: str) -> bool:
        """Let a fault happen no more; False where none has this id."""
        return self._standing.pop(fault_id, None) is not None

    def has(self, *kinds: type[Kind]) -> bool:
        """Whether a fault of one of these kinds is in force: spares nearly every occasion its description."""
        return any(isinstance(standing.fault.kind, kinds) for standing in self._standing.values())

    def strike(self, fits: Callable[[Fault], bool]) -> Strike | None:
        """The first fault that happens on this occasion; every one that fits counts it."""
        due = self._due(fits)
        if not due:
            return None
        standing, strike = due[0]
        standing.happened += 1
        return strike

    def count(self, fits: Callable[[Fault], bool]) -> None:
        """Let the faults that fit count an occasion on which something else happens."""
        self._due(fits)

    def strikes(self, fits: Callable[[Fault], bool]) -> tuple[Strike, ...]:
        """Every fault that happens on this occasion, for kinds that bear one another."""
        due = self._due(fits)
        for standing, _ in due:
            standing.happened += 1
        return tuple(strike for _, strike in due)

    def shown(self) -> list[dict[str, Any]]:
        """The faults as they were written, each with its id and how often it has `happened`."""
        return [
            {**written(standing.fault), "id": fault_id, "seen": standing.seen, "happened": standing.happened}
            for fault_id, standing in self._standing.items()
        ]

    def _put(self, fault: Fault) -> str:
        fault_id = fault.id or self._next_id()
        self._standing[fault_id] = _Standing(replace(fault, id=fault_id))
        return fault_id

    def _next_id(self) -> str:
        while True:
            self._numbered += 1
            if (name := f"fault_{self._numbered}") not in self._standing:
                return name

    def _due(self, fits: Callable[[Fault], bool]) -> list[tuple[_Standing, Strike]]:
        """The faults whose turn it is, in their order; those that fit have counted the occasion."""
        due = []
        for standing in self._standing.values():
            if not fits(standing.fault):
                continue
            standing.seen += 1
            chance = self._chance.at("fault", standing.fault.id, standing.seen)
            if _is_due(standing, chance):
                due.append((standing, Strike(standing.fault, standing.seen, chance)))
        return due


def _is_due(standing: _Standing, chance: Chance) -> bool:
    fault = standing.fault
    if fault.nth is not None and fault.nth != standing.seen:
        return False
    if fault.count is not None and standing.happened >= fault.count:
        return False
    return fault.probability >= 1 or chance.fraction() < fault.probability
