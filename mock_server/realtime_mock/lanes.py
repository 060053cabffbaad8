"""Lanes: tests that share one mock, each with a scenario and a view of the journal of its own.

A session belongs to the lane that its request names, and to the default lane where it names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from realtime_mock.chance import Chance
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.in_force import FaultsInForce
from realtime_mock.faults.model import Fault
from realtime_mock.scenario.model import Scenario

DEFAULT_LANE = ""
"""The name of the lane of everybody who asks for none."""

KEY_PREFIX = "sk-lane-"
"""What the API key of a lane begins with; its name follows."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class LaneRefused(Exception):
    """A lane cannot be opened; the text says why and what to do."""


@dataclass(slots=True)
class Lane:
    """What the new sessions of one lane get.

    `scenario` is what they play, None for the default assistant; `scenario_text` is how it was put, None for one that
    was given as a value. `faults` are those that go wrong in the lane, whatever it plays. `clock_skew` is by how many
    seconds a fault has the clock ahead that one request is answered by.
    """

    name: str = DEFAULT_LANE
    scenario: Scenario | None = None
    scenario_text: str | None = None
    faults: FaultsInForce = field(default_factory=FaultsInForce)
    clock_skew: float = 0.0

    @property
    def api_key(self) -> str:
        """The key that leads a client here which can set nothing else."""
        return KEY_PREFIX + self.name

    @property
    def has_connection_faults(self) -> bool:
        """Whether anything can go wrong with a request, or may have to be counted."""
        return any(self.connection_faults())

    def connection_faults(self) -> tuple[FaultSet, ...]:
        """What goes wrong with requests, and with attempts to connect."""
        return self.faults.of_connections(self._written, self._seeded)

    def session_faults(self, chance: Chance | None = None) -> tuple[FaultSet, ...]:
        """What goes wrong in a session that opens now; `chance` is that of the session where its scenario has none."""
        return self.faults.of_session(self._written, self._seeded or chance)

    @property
    def _written(self) -> tuple[Fault, ...]:
        return () if self.scenario is None else self.scenario.faults

    @property
    def _seeded(self) -> Chance | None:
        seed = None if self.scenario is None else self.scenario.seed
        return None if seed is None else Chance(("scenario", seed))


class Lanes:
    """The lanes of one mock. `default` is always open; `scenario` is what it plays. `chance` is that of faults."""

    def __init__(self, scenario: Scenario | None = None, *, chance: Chance | None = None) -> None:
        self._chance = chance
        self.default = Lane(scenario=scenario, faults=FaultsInForce(chance))
        self._named: dict[str, Lane] = {}
        self._opened = 0

    def __iter__(self) -> Iterator[Lane]:
        """The default lane, then the others, oldest first."""
        yield self.default
        yield from self._named.values()

    def open(self, name: str | None = None) -> Lane:
        """A new lane; without a name it gets one.

        Raises:
            LaneRefused: the name is taken, or is none.
        """
        wanted = self._free_name() if name is None else name
        if not _NAME.fullmatch(wanted):
            raise LaneRefused(f"'{wanted}' cannot name a lane; use up to 64 letters, digits, '-', '_' and '.'")
        if wanted in self._named:
            raise LaneRefused(f"the lane '{wanted}' is open already; choose another name, or close it first")
        self._named[wanted] = Lane(wanted, faults=FaultsInForce(self._chance))
        return self._named[wanted]

    def find(self, name: str) -> Lane | None:
        """The open lane of this name."""
        return self.default if name == DEFAULT_LANE else self._named.get(name)

    def close(self, name: str) -> Lane | None:
        """Forget a lane; None where there is none of this name. The default lane stays."""
        return self._named.pop(name, None)

    def _free_name(self) -> str:
        while True:
            self._opened += 1
            name = f"lane-{self._opened}"
            if name not in self._named:
                return name
