"""Which turn an event takes: the scenario's rules first, the default assistant after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from realtime_mock.chance import Chance
from realtime_mock.core.hearing import Heard
from realtime_mock.scenario import assistant, mcp_assistant
from realtime_mock.scenario.checks import START, can_contain
from realtime_mock.scenario.interface import ResponseRequest, Situation
from realtime_mock.scenario.matching import contains, differences, groups
from realtime_mock.scenario.model import McpListing, Rule, Scenario, Transcript, Turn
from realtime_mock.scenario.part import Part

MOST_EXPLAINED = 200
"""Rules that a near miss is looked for among: what it costs is bounded."""

NO_RULE = "no rule matches this response"
"""How the remark on a response begins that the default assistant answers in place of a scenario's rules."""

Event = Mapping[str, Any]
Ask = Callable[[], Situation]


class ScriptedAssistant:
    """Plays one scenario to one session; without a scenario only the default assistant speaks.

    Args:
        scenario: what to play, perhaps worked out already.
        chance: where the order of turns comes from, unless the scenario has a seed.
    """

    def __init__(self, scenario: Scenario | Part | None, chance: Chance = Chance(0)) -> None:  # noqa: B008 - it is frozen
        self._part = part = scenario if isinstance(scenario, Part) else Part(scenario)
        scenario = part.scenario
        seed = None if scenario is None else scenario.seed
        drawn = chance.at("rules") if seed is None else Chance(("scenario", seed))
        rules = scenario.rules if scenario else ()
        self._rules = [_Played(rule, *part.patterns[at], chance=drawn.at(at)) for at, rule in enumerate(rules)]
        self._transcripts = iter(scenario.transcripts if scenario else ())
        self._mcp = scenario.mcp if scenario else {}
        self._state = START

    def on_event(self, event: Event, situation: Ask = dict) -> Turn | None:
        """The next turn of the first rule that matches.

        A `once` rule that has played all its turns matches nothing any more, so that a later
        rule gets its chance.
        """
        return self._pick(event, self._rules, situation)

    def on_server_event(self, event: Event, situation: Ask = dict) -> Turn | None:
        """The same for an event of the session's own: only a rule that names its type can match it."""
        places = self._part.naming(event["type"])
        return self._pick(event, [self._rules[at] for at in places], situation) if places else None

    def heeds(self, event_type: str) -> bool:
        """Whether a rule names this type."""
        return bool(self._part.naming(event_type))

    def near_miss(self, event: Event, situation: Ask = dict) -> str | None:
        """Why no rule took a response: the rule that came nearest, and what it lacked."""
        meant = [played for played in self._rules[:MOST_EXPLAINED] if played.is_about(event["type"])]
        if not meant:
            return None
        misses = [(played.lacks(event, situation, self._state), played) for played in meant]
        lacking, played = min(misses, key=lambda miss: len(miss[0]))
        number = self._rules.index(played) + 1
        place = f" ({played.rule.place})" if played.rule.place else ""
        heard = situation().get("heard")
        spoken = [str(Heard.of(heard))] if isinstance(heard, Mapping) else []
        return f"{NO_RULE}; nearest is rule {number}{place}: {'; '.join([*lacking[:5], *spoken])}"

    def transcript(self) -> Transcript | None:
        """The scenario's transcripts in their order; None when they are used up."""
        return next(self._transcripts, None)

    def mcp_listing(self, server: Mapping[str, Any]) -> McpListing:
        """What the scenario says of the server with this label, else what its `mcp` tool suggests."""
        return self._mcp.get(server["server_label"]) or mcp_assistant.listing(server)

    def answer(self, request: ResponseRequest) -> Turn:
        """What the default assistant says."""
        return assistant.answer(request)

    def _pick(self, event: Event, rules: Iterable[_Played], situation: Ask) -> Turn | None:
        """A rule counts all that it matches, whether or not it wins."""
        chosen = None
        for played in rules:
            if not played.matches(event, situation, self._state):
                continue
            played.matched += 1
            if chosen is None and played.is_due and not played.is_spent:
                chosen = played
        if chosen is None:
            return None
        self._state = chosen.rule.then or self._state
        return chosen.next_turn(event, situation)


@dataclass(slots=True)
class _Played:
    """A rule as one session plays it: how often it has matched, and how many turns it has played."""

    rule: Rule
    pattern: Event
    asked: Situation
    chance: Chance
    matched: int = 0
    played: int = 0
    _round: tuple[int, ...] = field(default=(), init=False)

    @property
    def is_due(self) -> bool:
        """Whether this match is the one that the rule waits for."""
        return self.rule.nth is None or self.rule.nth == self.matched

    @property
    def is_spent(self) -> bool:
        """Whether there is nothing left to play."""
        return self.rule.once and self.played >= len(self.rule.turns)

    def is_about(self, kind: str) -> bool:
        """Whether events of this type are what the rule asks for, and not just those of many types."""
        return can_contain(kind, self.pattern) and self.pattern.get("type", kind) == kind

    def matches(self, event: Event, situation: Ask, state: str) -> bool:
        """Whether the rule is about this event, at this moment."""
        if self.rule.state not in (None, state) or not contains(event, self.pattern):
            return False
        return not self.asked or contains(situation(), self.asked)

    def lacks(self, event: Event, situation: Ask, state: str) -> list[str]:
        """Everything that keeps the rule from being played."""
        found = [str(difference) for difference in differences(event, self.pattern)]
        found += [str(difference) for difference in differences(situation(), self.asked)] if self.asked else []
        if self.rule.state not in (None, state):
            found.append(f"it waits for the state '{self.rule.state}', and this is '{state}'")
        if not found and self.is_spent:
            found.append("all its turns have been played once")
        if not found and not self.is_due:
            found.append(f"it waits for match {self.rule.nth}, and this is {self.matched}")
        return found

    def next_turn(self, event: Event, situation: Ask) -> Turn:
        """The turn that comes now."""
        turn = self.rule.turns[self._next_number()]
        self.played += 1
        match = groups(event, self.pattern) | (groups(situation(), self.asked) if self.asked else {})
        return replace(turn, instead=self.rule.instead, cause=event, match=match)

    def _next_number(self) -> int:
        count = len(self.rule.turns)
        if self.rule.order == "listed":
            return min(self.played, count - 1)
        if self.played % count == 0:
            self._round = self.chance.at(self.played).order(count)
        return self._round[self.played % count]
