"""What the client of a scenario has to do, as a frozen value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from realtime_mock.scenario import words
from realtime_mock.scenario.misfit import Misfit

Sender = Literal["client", "server"]
Pattern = Mapping[str, Any]
Event = str | Pattern
"""A pattern, or the type of an event for short."""


@dataclass(frozen=True, slots=True, init=False)
class Expectation:
    """An event that must occur so often, or several that must occur in their order.

    Args:
        event: the pattern of the event, or its type.
        in_order: the patterns of several events, in place of one.
        count: exactly how often it occurs.
        at_least: how often at least; once where nothing is said.
        at_most: how often at most.
        never: it does not occur at all.
        after: only those count that come behind the first event of this pattern.
        before: only those count that come before it.
        within: only those count that come within so many seconds of `after`, or of the first event of the session.
        sender: who sends it, where its type does not tell; a client by default.

    Raises:
        Misfit: the numbers contradict each other.
    """

    events: tuple[Pattern, ...]
    at_least: int
    at_most: int | None
    after: Pattern | None
    before: Pattern | None
    within: float | None
    sender: Sender | None

    def __init__(  # noqa: PLR0913 - one argument for each word of the format
        self,
        event: Event | None = None,
        *,
        in_order: Iterable[Event] = (),
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        never: bool = False,
        after: Event | None = None,
        before: Event | None = None,
        within: float | str | None = None,
        sender: Sender | None = None,
    ) -> None:
        from realtime_mock.scenario.checks import check_expected  # noqa: PLC0415 - only who makes one needs schemas

        events = tuple(_pattern(each) for each in ([event] if event is not None else in_order))
        least, most = _bounds(count=count, at_least=at_least, at_most=at_most, never=never)
        given = {
            "events": events,
            "at_least": least,
            "at_most": most,
            "after": None if after is None else _pattern(after),
            "before": None if before is None else _pattern(before),
            "within": None if within is None else _seconds(within),
            "sender": sender,
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        _check_one_question(event, events)
        check_expected(self)

    @property
    def is_sequence(self) -> bool:
        """Whether it is several events in their order."""
        return len(self.events) > 1

    def as_json(self) -> dict[str, Any]:
        """The expectation as a scenario file has it."""
        short = [_short(event) for event in self.events]
        written: dict[str, Any] = {"in_order": short} if self.is_sequence else {"event": short[0]}
        written |= _written_bounds(self.at_least, self.at_most)
        patterns = {"after": self.after, "before": self.before}
        written |= {key: _short(pattern) for key, pattern in patterns.items() if pattern is not None}
        if self.within is not None:
            written["within"] = self.within
        return written if self.sender is None else {**written, "from": self.sender}


def _pattern(event: Event) -> Pattern:
    return {"type": event} if isinstance(event, str) else event


def _short(pattern: Pattern) -> Event:
    return pattern["type"] if pattern.keys() == {"type"} and isinstance(pattern["type"], str) else pattern


def _bounds(*, count: int | None, at_least: int | None, at_most: int | None, never: bool) -> tuple[int, int | None]:
    """At least and at most so many; what is not said is once, or any number."""
    given = {"count": count, "at_least": at_least, "at_most": at_most}
    named = [word for word, number in given.items() if number is not None]
    for word, number in given.items():
        _check_number(number, word)
    if never and named:
        raise Misfit(f"what never occurs has no '{named[0]}'; remove one of the two", (named[0],), of_key=True)
    if count is not None and len(named) > 1:
        raise Misfit(f"'count' is exact; remove '{named[1]}'", (named[1],), of_key=True)
    if never:
        return 0, 0
    if count is not None:
        return count, count
    least = at_least if at_least is not None else (1 if at_most is None else 0)
    if at_most is not None and at_most < least:
        raise Misfit(f"'at_most' is less than 'at_least', {least}; correct one of them", ("at_most",))
    return least, at_most


def _check_number(number: object, word: str) -> None:
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
        raise Misfit(f"'{word}' must be a whole number from 0 on; write digits, without quotes", (word,))


def _written_bounds(least: int, most: int | None) -> dict[str, Any]:
    if most == 0:
        return {"never": True}
    if most == least:
        return {"count": most}
    if most is None:
        return {} if least == 1 else {"at_least": least}
    return {**({"at_least": least} if least else {}), "at_most": most}


def _seconds(within: float | str) -> float:
    seconds = words.seconds(within)
    if seconds is None or seconds < 0:
        raise Misfit("'within' must be a duration; write 120ms, 1.5s, or 2 for seconds", ("within",))
    return seconds


def _check_one_question(event: Event | None, events: tuple[Pattern, ...]) -> None:
    if not events:
        raise Misfit("an expectation has no 'event'; add it, or 'in_order' with several")
    if event is None and len(events) == 1:
        raise Misfit("'in_order' has one event; give at least two, or write 'event'", ("in_order",))
