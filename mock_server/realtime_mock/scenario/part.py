"""A scenario as sessions play it: what its rules ask for, worked out once for all the sessions that do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_mock.scenario.conditions import split
from realtime_mock.scenario.matching import contains
from realtime_mock.scenario.model import Scenario

MOST_PARTS = 32
"""Scenarios that are kept worked out: tests put many, each for a while."""

Pattern = Mapping[str, Any]


class Part:
    """What a session needs of the scenario that it plays.

    `patterns` are those of the event and of the situation, one pair for each rule.
    """

    def __init__(self, scenario: Scenario | None) -> None:
        self.scenario = scenario
        rules = scenario.rules if scenario else ()
        self.patterns: Sequence[tuple[Pattern, Pattern]] = tuple(split(rule.on) for rule in rules)
        self._naming: dict[object, tuple[int, ...]] = {}

    def naming(self, event_type: str) -> tuple[int, ...]:
        """The places of the rules that name this type: no other can match an event of the session's own."""
        places = self._naming.get(event_type)
        if places is None:
            found = (
                place
                for place, (pattern, _) in enumerate(self.patterns)
                if "type" in pattern and contains(event_type, pattern["type"])
            )
            places = self._naming[event_type] = tuple(found)
        return places


class Parts:
    """The parts of the scenarios that were played last."""

    def __init__(self) -> None:
        self._parts: OrderedDict[int, Part] = OrderedDict()

    def of(self, scenario: Scenario) -> Part:
        """The part of a scenario, by its identity: the same again for the same scenario."""
        part = self._parts.get(id(scenario))
        if part is None:
            part = self._parts[id(scenario)] = Part(scenario)
            while len(self._parts) > MOST_PARTS:
                self._parts.popitem(last=False)
        return part
