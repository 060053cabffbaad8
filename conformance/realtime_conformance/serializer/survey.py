"""What a serializer does with every type of event: how often which outcome, and the smallest event of each failure."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from realtime_conformance.serializer.program import Answer
from realtime_conformance.strategies.checks import hold_over, unknown_events
from realtime_conformance.strategies.differences import difference
from realtime_conformance.strategies.events import Event, client_events, invalid_client_events, server_events
from realtime_conformance.strategies.recorded import recorded_types
from realtime_conformance.strategies.schemas import Dialect, Side, Steps, event_types, rule_place

Check = Literal["as_recorded", "round_trip", "unknown_fields", "unknown_types", "invalid"]
ACCEPTED = "accepted"
UNKNOWN_TYPE = "(unknown)"
"""Stands for the type of the events that no server sends today."""

Ask = Callable[[Event], Answer]

_OUTCOMES = {"error": "refused", "crashed": "crashed", "hung": "hung", "garbled": "garbled"}
_COSTLY = ("crashed", "hung", "garbled")
_COSTLY_PER_TYPE = 3
"""After so many of them a type is asked no more: each costs a start of the program, or a deadline."""
_SHRINKING = 400
_SHRINKING_COSTLY = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one event: `place` groups what fails in the same way, `detail` is in words.

    `steps` lead to the value that differs.
    """

    name: str
    place: str = ""
    detail: str = ""
    steps: Steps = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which events of a type fail a check, with the smallest event that does.

    `schema` is where the schemas say what should be there: a file and a pointer into it.
    """

    check: Check
    type: str
    outcome: str
    place: str
    count: int
    detail: str
    schema: str
    event: Event

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a baseline names it by."""
        return (self.check, self.type, self.outcome, self.place)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often which outcome was seen, for one check of one type."""

    check: Check
    type: str
    counts: dict[str, int]


@dataclass(slots=True)
class Report:
    """All that was seen, in the order of the checks and types."""

    tallies: list[Tally] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Survey:
    """What to check. `validates`: the library claims to refuse what the protocol forbids (client events only)."""

    side: Side = "server"
    dialect: Dialect = "ga"
    types: Sequence[str] | None = None
    examples: int = 50
    validates: bool = False

    def run(self, ask: Ask) -> Report:
        """Ask for every event, and shrink what fails.

        Raises:
            ValueError: one of `types` is none.
        """
        report = Report()
        for check, kind, strategy in self._checks():
            _Trial(self, check, kind, strategy, ask).add_to(report)
        return report

    def _checks(self) -> Iterator[tuple[Check, str, st.SearchStrategy[Any]]]:
        kinds = event_types(self.side, self.dialect) if self.types is None else self.types
        events = server_events if self.side == "server" else client_events
        if self.side == "server":
            for kind in [kind for kind in kinds if kind in recorded_types(self.dialect)]:
                yield "as_recorded", kind, server_events(types=[kind], as_recorded=True)
        for kind in kinds:
            yield "round_trip", kind, events(types=[kind], dialect=self.dialect)
        if self.side == "server":
            for kind in kinds:
                yield "unknown_fields", kind, server_events(types=[kind], dialect=self.dialect, unknown_fields=True)
            yield "unknown_types", UNKNOWN_TYPE, unknown_events()
        elif self.validates:
            for kind in kinds:
                yield "invalid", kind, invalid_client_events(types=[kind], dialect=self.dialect)


class _Trial:
    """One check of one type. Each event is asked for once, so that shrinking repeats nothing and never wavers."""

    def __init__(self, survey: Survey, check: Check, kind: str, strategy: st.SearchStrategy[Any], ask: Ask) -> None:
        self._survey = survey
        self._check: Check = check
        self._kind = kind
        self._strategy = strategy
        self._examples = survey.examples
        self._ask = ask
        self._known: dict[str, Outcome] = {}

    def add_to(self, report: Report) -> None:
        counts: Counter[str] = Counter()
        failed: dict[tuple[str, str], list[Event]] = {}

        def tally(drawn: Any) -> None:
            if sum(counts[name] for name in _COSTLY) >= _COSTLY_PER_TYPE:
                return
            outcome = self._outcome(drawn)
            counts[outcome.name] += 1
            if outcome.name != ACCEPTED:
                failed.setdefault((outcome.name, outcome.place), []).append(drawn)

        hold_over(tally, self._strategy, self._examples)
        report.tallies.append(Tally(self._check, self._kind, dict(counts)))
        for (name, place), seen in sorted(failed.items(), key=lambda pair: pair[0]):
            smallest = self._smallest(name, place, seen)
            outcome, schema = self._outcome(smallest), self._schema(smallest)
            event = smallest if self._check != "invalid" else smallest.event
            finding = Finding(self._check, self._kind, name, place, len(seen), outcome.detail, schema, event)
            report.findings.append(finding)

    def _schema(self, drawn: Any) -> str:
        if self._check == "invalid":
            rule: str = drawn.rule
            return rule
        steps = self._outcome(drawn).steps
        return rule_place(drawn, steps, side=self._survey.side, dialect=self._survey.dialect)

    def _smallest(self, name: str, place: str, seen: list[Any]) -> Any:
        left = _SHRINKING_COSTLY if name in _COSTLY else _SHRINKING

        def fails_alike(drawn: Any) -> bool:
            nonlocal left
            if _text(drawn) not in self._known:
                if left == 0:
                    return False
                left -= 1
            outcome = self._outcome(drawn)
            return (outcome.name, outcome.place) == (name, place)

        settings = hypothesis.settings(
            max_examples=self._examples,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        try:
            found = [hypothesis.find(self._strategy, fails_alike, settings=settings, random=random.Random(0))]  # noqa: S311
        except NoSuchExample:
            found = []
        return min([*found, *seen], key=lambda drawn: (len(_text(drawn)), _text(drawn)))

    def _outcome(self, drawn: Any) -> Outcome:
        text = _text(drawn)
        if text not in self._known:
            self._known[text] = self._judged(drawn)
        return self._known[text]

    def _judged(self, drawn: Any) -> Outcome:
        if self._check == "invalid":
            answer = self._ask(drawn.event)
            if answer.kind == "error":
                return Outcome(ACCEPTED)
            if answer.kind == "event":
                where = f" at '{drawn.path}'" if drawn.path else ""
                return Outcome("let_through", drawn.name, f"{drawn.name}{where} breaks '{drawn.keyword}'")
            return Outcome(_OUTCOMES[answer.kind], detail=answer.detail)
        answer = self._ask(drawn)
        if answer.kind != "event":
            return Outcome(_OUTCOMES[answer.kind], detail=answer.detail)
        if self._check not in ("as_recorded", "round_trip"):
            return Outcome(ACCEPTED)
        if answer.event is None:
            return Outcome("ignored", detail="the library has no place for it")
        found = difference(drawn, answer.event)
        return Outcome(ACCEPTED) if found is None else Outcome("changed", found.place, str(found), found.steps)


def _text(drawn: Any) -> str:
    return json.dumps(drawn if isinstance(drawn, dict) else drawn.event, sort_keys=True)
