"""What a client knows of a session from its events alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


class ClientView:
    """The conversation, the responses and the ids that the server events so far tell of.

    `items` are the ids of the conversation in order; `created` and `done` count the responses by id, `active` is the
    one of the conversation that is under way. `known` has the ids that each placeholder can stand for, oldest first.
    """

    def __init__(self) -> None:
        self.items: list[str] = []
        self.created: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.active: str | None = None
        self.known = {"$item": ["item_1"], "$call": ["call_1"], "$response": ["resp_1"], "$approval": ["item_7"]}
        self._heard = 0

    def notice(self, sent: Sequence[Mapping[str, Any]]) -> None:
        """Learn what is new in the list of all events so far."""
        for event in sent[self._heard :]:
            self.learn(event)
        self._heard = len(sent)

    def learn(self, event: Mapping[str, Any]) -> None:
        """Learn from one more event."""
        match event["type"]:
            case "conversation.item.added":
                self._add(event["item"], event["previous_item_id"])
            case "conversation.item.deleted":
                del self.items[self._last(event["item_id"])]
            case "response.created":
                self.created[event["response"]["id"]] += 1
                self.known["$response"].append(event["response"]["id"])
                if event["response"]["conversation_id"] is not None:
                    self.active = event["response"]["id"]
            case "response.done":
                self.done[event["response"]["id"]] += 1
                if self.active == event["response"]["id"]:
                    self.active = None

    def fill(self, value: Any, which: int) -> Any:
        """The value with the ids of real things where it asks for them."""
        match value:
            case dict():
                return {key: self.fill(member, which) for key, member in value.items()}
            case list():
                return [self.fill(member, which) for member in value]
            case str() if value in self.known:
                return self.known[value][-1 - which % len(self.known[value])]
            case _:
                return value

    def _add(self, item: Mapping[str, Any], previous: str | None) -> None:
        self.items.insert(0 if previous is None else self._last(previous) + 1, item["id"])
        self.known["$item"].append(item["id"])
        if item["type"] == "function_call":
            self.known["$call"].append(item["call_id"])
        if item["type"] == "mcp_approval_request":
            self.known["$approval"].append(item["id"])

    def _last(self, item_id: str) -> int:
        return len(self.items) - 1 - self.items[::-1].index(item_id)
