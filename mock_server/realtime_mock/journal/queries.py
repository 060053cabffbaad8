"""Which entries somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.journal.entry import Direction, Entry, Kind
from realtime_mock.scenario.matching import contains


@dataclass(frozen=True, slots=True)
class Query:
    """A choice of entries; what is None, or empty, may be anything.

    Args:
        after: only entries with a larger `seq`.
        kinds: any of these.
        types: events of any of these types.
        pattern: what the event, or another JSON value of an entry, must contain.
    """

    session_id: str | None = None
    lane: str | None = None
    kinds: frozenset[Kind] = frozenset()
    direction: Direction | None = None
    channel: str | None = None
    valid: bool | None = None
    types: frozenset[str] = frozenset()
    pattern: Mapping[str, Any] | None = None
    after: int = 0

    def takes(self, entry: Entry) -> bool:
        """Whether the entry is one of those asked for; what is cheap to tell is looked at first."""
        return (
            entry.seq > self.after
            and (self.session_id is None or entry.session_id == self.session_id)
            and (self.lane is None or entry.lane == self.lane)
            and (not self.kinds or entry.kind in self.kinds)
            and (self.direction is None or entry.direction == self.direction)
            and (self.channel is None or entry.channel == self.channel)
            and (self.valid is None or entry.valid == self.valid)
            and (not self.types or self._is_of_type(entry))
            and (self.pattern is None or contains(entry.event, self.pattern))
        )

    def _is_of_type(self, entry: Entry) -> bool:
        """Most texts tell by themselves that they are not: they need no parsing. An escape could hide the word."""
        text = entry.text
        may_be = "\\" in text or any(kind in text for kind in self.types)
        return may_be and entry.type in self.types
