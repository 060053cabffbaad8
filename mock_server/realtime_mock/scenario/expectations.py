"""Whether what passed is what was expected, and where it is not, what came nearest.

Each session is looked at by itself: `after`, `before`, orders and placeholders never mix two of them. How often an
event occurred is the sum over all sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from realtime_mock.core.recall import Recall
from realtime_mock.registry import DIALECTS, SchemaRegistry
from realtime_mock.scenario.expectation import Expectation, Pattern, Sender
from realtime_mock.scenario.matching import contains, differences
from realtime_mock.scenario.placeholders import fill
from realtime_mock.scenario.unmet import Near, Passed, Unmet

__all__ = ["Expectation", "Passed", "Unmet", "judge", "passed"]

_SENDERS: Mapping[str, Sender] = {"in": "client", "out": "server", "client": "client", "server": "server"}


class JournalEntry(Protocol):
    """What is read of an entry of the journal."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> float: ...
    @property
    def direction(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def session_id(self) -> str | None: ...
    @property
    def event(self) -> Any: ...


Seen = Passed | JournalEntry | tuple[str, Mapping[str, Any]]
"""An event that passed, an entry of the journal, or a pair of who sent it (`client`, `server`) and the event."""


def judge(expectations: Iterable[Expectation], entries: Iterable[Seen]) -> list[Unmet]:
    """The expectations that `entries`, in their order, do not meet. What is no event is passed over."""
    sessions = _by_session(passed(entries))
    verdicts = (_judge(expectation, sessions) for expectation in expectations)
    return [unmet for unmet in verdicts if unmet is not None]


def passed(entries: Iterable[Seen]) -> Iterator[Passed]:
    """The events among the entries. One that left by several channels is one event; a pair is numbered by its place."""
    sent: set[tuple[str | None, object]] = set()
    for number, entry in enumerate(entries, start=1):
        one = _passed(entry, number)
        if one is None:
            continue
        if one.sender == "server" and isinstance(one.event.get("event_id"), str):
            name = (one.session_id, one.event["event_id"])
            if name in sent:
                continue
            sent.add(name)
        yield one


def _passed(entry: Seen, number: int) -> Passed | None:
    if isinstance(entry, Passed):
        return entry
    # An entry of the journal may be a tuple as well.
    if isinstance(entry, tuple) and len(entry) == 2:
        sender, given = entry
        return Passed(_SENDERS[sender], given, seq=number)
    event = entry.event if entry.kind == "event" else None
    if not isinstance(event, Mapping):
        return None
    at = getattr(entry, "mono", None)
    return Passed(
        _SENDERS[entry.direction],
        event,
        at=entry.at if at is None else at,
        session_id=entry.session_id,
        seq=entry.seq,
        scripted=getattr(entry, "scripted", False) or getattr(entry, "fault", None) is not None,
    )


def _by_session(events: Iterable[Passed]) -> list[list[Passed]]:
    sessions: dict[str | None, list[Passed]] = {}
    for event in events:
        sessions.setdefault(event.session_id, []).append(event)
    return list(sessions.values())


def _judge(expectation: Expectation, sessions: Sequence[Sequence[Passed]]) -> Unmet | None:
    quotes = _has_dollar([expectation.events, expectation.after, expectation.before])
    began = [events[0].at for events in sessions]
    sessions = [_concerned(expectation, events, quotes=quotes) for events in sessions]
    runs = [_Run(expectation, events, at, quotes=quotes) for events, at in zip(sessions, began, strict=True)]
    counted = [event for run in runs for event in run.occurrences]
    entries = tuple(event.seq for event in counted)
    most = expectation.at_most
    if expectation.at_least <= len(entries) and (most is None or len(entries) <= most):
        return None
    if len(entries) >= expectation.at_least:
        return Unmet(expectation, len(entries), entries)
    furthest = max(runs, key=lambda run: run.reached, default=None)
    reached = furthest.reached if furthest else 0
    wanted = expectation.events[reached if expectation.is_sequence else 0]
    known = set(map(id, counted))
    others = [[event for event in events if id(event) not in known] for events in sessions]
    near = min(filter(None, (_near(expectation, wanted, events) for events in others)), key=_distance, default=None)
    missing = wanted if expectation.is_sequence else None
    return Unmet(expectation, len(entries), entries, missing, near)


class _Run:
    """One session against one expectation.

    `occurrences` are the events with which what is expected was complete; `reached` is how many events of a sequence
    had come in their order when the session ended.
    """

    def __init__(self, expectation: Expectation, events: Sequence[Passed], began: float, *, quotes: bool) -> None:
        self.occurrences: list[Passed] = []
        self.reached = 0
        self._expectation = expectation
        self._wanted = [_matcher(event, expectation.sender) for event in expectation.events]
        self._after = None if expectation.after is None else _matcher(expectation.after)
        self._before = None if expectation.before is None else _matcher(expectation.before)
        self._begin = began if self._after is None else None
        for event, known in _recalled(events, quotes=quotes):
            if self._is_over(event, known):
                return
            self._take(event, known)

    def _is_over(self, event: Passed, known: Mapping[str, object]) -> bool:
        """Whether nothing counts any more, from this event on."""
        if self._begin is None:
            return False
        within = self._expectation.within
        if within is not None and event.at - self._begin > within:
            return True
        return self._before is not None and self._before(event, known)

    def _take(self, event: Passed, known: Mapping[str, object]) -> None:
        if self._begin is None:
            if self._after is not None and self._after(event, known):
                self._begin = event.at
            return
        if self._wanted[self.reached](event, known):
            self.reached += 1
        if self.reached == len(self._wanted):
            self.occurrences.append(event)
            self.reached = 0


def _concerned(expectation: Expectation, events: Sequence[Passed], *, quotes: bool) -> Sequence[Passed]:
    """The events of a session that can matter: those of the types asked for, and what placeholders quote."""
    patterns = [*expectation.events, *filter(None, (expectation.after, expectation.before))]
    types = frozenset(kind for pattern in patterns if isinstance(kind := pattern.get("type"), str))
    if not all(isinstance(pattern.get("type"), str) for pattern in patterns):
        return events
    kinds = ((event, str(event.event.get("type"))) for event in events)
    return [event for event, kind in kinds if kind in types or (quotes and not kind.endswith(".delta"))]


def _recalled(events: Iterable[Passed], *, quotes: bool) -> Iterator[tuple[Passed, Mapping[str, object]]]:
    """Each event of a session with what placeholders stand for at that moment, where there are any."""
    recall = Recall()
    for event in events:
        if quotes and event.sender == "server" and not event.scripted:
            recall.observe(event.event)
        yield event, recall.known()


Matcher = Callable[[Passed, Mapping[str, object]], bool]


def _matcher(pattern: Pattern, sender: Sender | None = None) -> Matcher:
    """Judges an event by a pattern, whose placeholders stand for what is known."""
    wanted = sender or _sender_of(pattern)
    kind = pattern.get("type")
    quotes = _has_dollar(pattern)

    def matches(event: Passed, known: Mapping[str, object]) -> bool:
        if event.sender != wanted or (isinstance(kind, str) and event.event.get("type") != kind):
            return False
        return contains(event.event, fill(pattern, known) if quotes else pattern)

    return matches


def _sender_of(pattern: Pattern) -> Sender:
    """Who sends events of this type; a client, where the type does not tell."""
    registries = (SchemaRegistry.bundled().dialect(name) for name in DIALECTS)
    return "server" if any(pattern.get("type") in registry.server_types for registry in registries) else "client"


def _has_dollar(value: object) -> bool:
    match value:
        case str():
            return "$" in value
        case Mapping():
            return any(map(_has_dollar, value.values()))
        case list() | tuple():
            return any(map(_has_dollar, value))
        case _:
            return False


def _near(expectation: Expectation, wanted: Pattern, events: Iterable[Passed]) -> Near | None:
    """The event of a session that comes nearest to a pattern: one of its type and sender, the newest of the best."""
    sender, kind = expectation.sender or _sender_of(wanted), wanted.get("type")
    best: Near | None = None
    for event, known in _recalled(events, quotes=_has_dollar(wanted)):
        if event.sender != sender or (isinstance(kind, str) and event.event.get("type") != kind):
            continue
        near = Near(event, tuple(differences(event.event, fill(wanted, known))))
        if best is None or _distance(near) <= _distance(best):
            best = near
    return best


def _distance(near: Near) -> int:
    return len(near.differences)
