"""Which turn a client event takes: the scenario's rules first, the default assistant after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from realtime_mock.scenario import assistant, mcp_assistant
from realtime_mock.scenario.matching import contains
from realtime_mock.scenario.model import McpListing, ResponseRequest, Scenario, Transcript, Turn


class ScriptedAssistant:
    """Plays one scenario to one session; without a scenario only the default assistant speaks."""

    def __init__(self, scenario: Scenario | None) -> None:
        self._rules = scenario.rules if scenario else ()
        self._transcripts = iter(scenario.transcripts if scenario else ())
        self._mcp = scenario.mcp if scenario else {}
        self._played = [0] * len(self._rules)
        self._matched = [0] * len(self._rules)
        self._by_type: defaultdict[object, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            self._by_type[rule.on.get("type")].append(number)

    def on_event(self, event: Mapping[str, Any]) -> Turn | None:
        """The next turn of the first rule whose pattern `event` contains.

        A `once` rule that has played all its turns matches nothing any more, so that a later
        rule gets its chance.
        """
        return self._pick(event, range(len(self._rules)))

    def on_server_event(self, event: Mapping[str, Any]) -> Turn | None:
        """The same for an event of the session's own: only a rule that names its type can match it."""
        return self._pick(event, self._by_type.get(event["type"], ()))

    def transcript(self) -> Transcript | None:
        """The scenario's transcripts in their order; None when they are used up."""
        return next(self._transcripts, None)

    def mcp_listing(self, server: Mapping[str, Any]) -> McpListing:
        """What the scenario says of the server with this label, else what its `mcp` tool suggests."""
        return self._mcp.get(server["server_label"]) or mcp_assistant.listing(server)

    def answer(self, request: ResponseRequest) -> Turn:
        """What the default assistant says."""
        return assistant.answer(request)

    def _pick(self, event: Mapping[str, Any], numbers: Iterable[int]) -> Turn | None:
        """A rule counts all that it matches, whether or not it wins."""
        chosen = None
        for number in numbers:
            rule = self._rules[number]
            if not contains(event, rule.on):
                continue
            self._matched[number] += 1
            is_due = rule.nth is None or rule.nth == self._matched[number]
            if chosen is None and is_due and not self._is_spent(number):
                chosen = number
        return None if chosen is None else self._next_turn(chosen, event)

    def _is_spent(self, number: int) -> bool:
        rule = self._rules[number]
        return not rule.turns or (rule.once and self._played[number] >= len(rule.turns))

    def _next_turn(self, number: int, event: Mapping[str, Any]) -> Turn:
        rule = self._rules[number]
        turn = rule.turns[min(self._played[number], len(rule.turns) - 1)]
        self._played[number] += 1
        return replace(turn, instead=rule.instead, cause=event)
