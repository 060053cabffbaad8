"""Patterns that a test writes, and what it excuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.scenario.matching import nearest, problems, shown
from realtime_mock.testing.journal import JournalEntry

Pattern = str | Mapping[str, Any]
"""The type of an event, or what the event must contain, with operators such as `{"$contains": "Paris"}`."""


class PatternError(ValueError):
    """A pattern that cannot match anything; the text says what to write."""


def pattern_of(pattern: Pattern) -> Mapping[str, Any]:
    """The pattern as a mapping.

    Raises:
        PatternError: it is none, or has an operator that does not exist.
    """
    __tracebackhide__ = True
    if isinstance(pattern, str):
        return {"type": pattern}
    if not isinstance(pattern, Mapping):
        raise PatternError(f"{pattern!r} is no pattern; write the type of an event, or a mapping")
    problem = next(problems(pattern), None)
    if problem is not None:
        raise PatternError(f"{shown(pattern)}: {problem}")
    return pattern


def near_miss(pattern: Mapping[str, Any], entries: Sequence[JournalEntry]) -> str:
    """A line about the event that came nearest; empty where none did."""
    with_event = [entry for entry in entries if entry.event is not None]
    miss = nearest(pattern, [entry.event for entry in with_event])
    if miss is None:
        return ""
    return f"\nnearest: entry {with_event[miss.index].seq}: {miss}"


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation that was not met: what there is to say of it, and the entries of the journal that it is about."""

    message: str
    entries: tuple[int, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Unmet:
        """What the control API says of one."""
        return cls(given["message"], tuple(given["entries"]))


@dataclass(frozen=True, slots=True)
class Excuse:
    """A refusal that the test expects; what is None may be anything."""

    type: str | None = None
    code: str | None = None
    param: str | None = None

    def covers(self, entry: JournalEntry) -> bool:
        """Whether it is this refusal that the event got."""
        error = entry.error or {}
        wanted = ((self.type, entry.type), (self.code, error.get("code")), (self.param, error.get("param")))
        return all(want is None or want == given for want, given in wanted)

    def __str__(self) -> str:
        told = {"type": self.type, "code": self.code, "param": self.param}
        return f"allow_invalid({', '.join(f'{name}={value!r}' for name, value in told.items() if value is not None)})"
