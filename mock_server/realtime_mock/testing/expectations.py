"""What a test expects of its client, and what it excuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.scenario.matching import contains, nearest, problems, shown
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
    if isinstance(pattern, str):
        return {"type": pattern}
    if not isinstance(pattern, Mapping):
        raise PatternError(f"{pattern!r} is no pattern; write the type of an event, or a mapping")
    problem = next(problems(pattern), None)
    if problem is not None:
        raise PatternError(f"{shown(pattern)}: {problem}")
    return pattern


def matching(pattern: Mapping[str, Any], events: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Those of the events that contain the pattern."""
    return [event for event in events if event.body is not None and contains(event.body, pattern)]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Events that the client must send, in this order, with anything between them.

    With a `count` there is one pattern, and so many events must match it: none at all where it is 0.
    """

    patterns: tuple[Mapping[str, Any], ...]
    count: int | None = None

    def unmet(self, sent: Sequence[JournalEntry]) -> str | None:
        """Why the events sent are not what is expected, with what came nearest; None where they are."""
        if self.count is not None:
            return self._miscounted(sent, self.count)
        rest = list(sent)
        for number, pattern in enumerate(self.patterns):
            found = next(iter(matching(pattern, rest)), None)
            if found is None:
                return f"{_never_sent(pattern, behind=number > 0)}{near_miss(pattern, rest)}"
            rest = [event for event in rest if event.seq > found.seq]
        return None

    def _miscounted(self, sent: Sequence[JournalEntry], count: int) -> str | None:
        (pattern,) = self.patterns
        found = len(matching(pattern, sent))
        if found == count:
            return None
        nearby = near_miss(pattern, sent) if found == 0 else ""
        return f"the client sent {shown(pattern)} {_times(found)}, expected {_times(count)}{nearby}"


@dataclass(frozen=True, slots=True)
class Excuse:
    """A refusal that the test expects; what is None may be anything."""

    type: str | None = None
    code: str | None = None
    param: str | None = None

    def covers(self, event: JournalEntry) -> bool:
        """Whether it is this refusal that the event got."""
        error = event.error or {}
        wanted = ((self.type, event.type), (self.code, error.get("code")), (self.param, error.get("param")))
        return all(want is None or want == given for want, given in wanted)

    def __str__(self) -> str:
        told = {"type": self.type, "code": self.code, "param": self.param}
        return f"allow_invalid({', '.join(f'{name}={value!r}' for name, value in told.items() if value is not None)})"


def near_miss(pattern: Mapping[str, Any], events: Sequence[JournalEntry]) -> str:
    """A line about the event that came nearest; empty where none did."""
    with_body = [event for event in events if event.body is not None]
    miss = nearest(pattern, [event.body for event in with_body])
    if miss is None:
        return ""
    return f"\nnearest: {with_body[miss.index].type or 'an event without a type'}, but {miss}"


def _never_sent(pattern: Mapping[str, Any], *, behind: bool) -> str:
    return f"the client never sent {shown(pattern)}{' behind what it had to send before' if behind else ''}"


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")
