"""A verdict on what was expected and did not happen, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.scenario.expectation import Expectation, Pattern, Sender
from realtime_mock.scenario.matching import Difference, shown

_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Passed:
    """One event that passed: who sent it, when in seconds, in which session, and its number in the journal.

    `scripted` tells an event that no placeholder quotes, because a scenario wrote it or a fault touched it.
    """

    sender: Sender
    event: Mapping[str, Any]
    at: float = 0.0
    session_id: str | None = None
    seq: int = 0
    scripted: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """The event that came nearest to what was expected, and what differs; nothing where it came at a wrong time."""

    passed: Passed
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        where = f"entry {self.passed.seq}" + (f" of {self.passed.session_id}" if self.passed.session_id else "")
        if not self.differences:
            return f"{where} matches, but came when it does not count"
        return f"{where}: {'; '.join(map(str, self.differences[:_MOST_SHOWN]))}"

    def as_json(self) -> dict[str, Any]:
        """The near miss for a client of the control API."""
        return {
            "seq": self.passed.seq,
            "session_id": self.passed.session_id,
            "event": dict(self.passed.event),
            "differences": [difference.as_json() for difference in self.differences],
        }


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation that was not met: how often its event occurred, at which entries, and what came nearest."""

    expectation: Expectation
    occurred: int
    entries: tuple[int, ...] = ()
    missing: Pattern | None = None
    near: Near | None = None

    def __str__(self) -> str:
        lines = [f"expected {_asked(self.expectation)}; it occurred {_times(self.occurred)}"]
        if self.missing is not None:
            lines.append(f"missing: {_event_text(self.missing)}")
        if self.occurred and self.entries:
            more = ", ..." if len(self.entries) > _MOST_SHOWN else ""
            lines.append(f"entries: {', '.join(map(str, self.entries[:_MOST_SHOWN]))}{more}")
        if self.near is not None:
            lines.append(f"nearest: {self.near}")
        return "\n  ".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The verdict for a client of the control API."""
        return {
            "expected": self.expectation.as_json(),
            "occurred": self.occurred,
            "entries": list(self.entries),
            "missing": self.missing,
            "nearest": None if self.near is None else self.near.as_json(),
            "message": str(self),
        }


def _asked(expectation: Expectation) -> str:
    events = ", then ".join(map(_event_text, expectation.events))
    return " ".join([events, _often(expectation), *_when(expectation)])


def _event_text(pattern: Pattern) -> str:
    rest = {key: value for key, value in pattern.items() if key != "type"}
    kind = pattern.get("type")
    if not isinstance(kind, str):
        return shown(pattern)
    return f"{kind} {shown(rest)}" if rest else kind


def _often(expectation: Expectation) -> str:
    least, most = expectation.at_least, expectation.at_most
    if most == 0:
        return "never"
    if most is None:
        return f"at least {_times(least)}"
    if most == least:
        return f"exactly {_times(least)}"
    return f"at most {_times(most)}" if least == 0 else f"between {least} and {most} times"


def _when(expectation: Expectation) -> Iterator[str]:
    if expectation.within is not None:
        yield f"within {expectation.within:g} s"
    if expectation.after is not None:
        yield f"after {_event_text(expectation.after)}"
    if expectation.before is not None:
        yield f"before {_event_text(expectation.before)}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
