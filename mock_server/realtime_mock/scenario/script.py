"""Which turn a client event takes: the scenario's rules first, the default assistant after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_mock.scenario import assistant, mcp_assistant
from realtime_mock.scenario.model import McpListing, ResponseRequest, Rule, Scenario, Transcript, Turn


class ScriptedAssistant:
    """Plays one scenario to one session; without a scenario only the default assistant speaks."""

    def __init__(self, scenario: Scenario | None) -> None:
        self._rules = scenario.rules if scenario else ()
        self._transcripts = iter(scenario.transcripts if scenario else ())
        self._mcp = scenario.mcp if scenario else {}
        self._played = [0] * len(self._rules)

    def on_event(self, event: Mapping[str, Any]) -> Turn | None:
        """The next turn of the first rule whose pattern `event` contains.

        A `once` rule that has played all its turns matches nothing any more, so that a later
        rule gets its chance.
        """
        for number, rule in enumerate(self._rules):
            if not self._is_spent(number) and contains(event, rule.on):
                return self._next_turn(number)
        return None

    def transcript(self) -> Transcript | None:
        """The scenario's transcripts in their order; None when they are used up."""
        return next(self._transcripts, None)

    def mcp_listing(self, server: Mapping[str, Any]) -> McpListing:
        """What the scenario says of the server with this label, else what its `mcp` tool suggests."""
        return self._mcp.get(server["server_label"]) or mcp_assistant.listing(server)

    def answer(self, request: ResponseRequest) -> Turn:
        """What the default assistant says."""
        return assistant.answer(request)

    def _is_spent(self, number: int) -> bool:
        rule = self._rules[number]
        return not rule.turns or (rule.once and self._played[number] >= len(rule.turns))

    def _next_turn(self, number: int) -> Turn:
        rule: Rule = self._rules[number]
        turn = rule.turns[min(self._played[number], len(rule.turns) - 1)]
        self._played[number] += 1
        return turn


def contains(value: object, pattern: object) -> bool:
    """Whether `value` contains `pattern`.

    A mapping contains a pattern whose every key it has, with a contained value. A list contains
    a pattern whose elements are contained in its own elements at the same places; it may go on
    after them. Anything else must be equal, and `true` is not 1.
    """
    match pattern:
        case Mapping():
            return isinstance(value, Mapping) and all(
                key in value and contains(value[key], wanted) for key, wanted in pattern.items()
            )
        case list() | tuple():
            return isinstance(value, list | tuple) and len(value) >= len(pattern) and all(map(contains, value, pattern))
        case bool() | None:
            return value is pattern
        case _:
            return not isinstance(value, bool) and value == pattern
