"""What a session remembers for its script: the newest of each thing that a scenario's placeholders can name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Recall:
    """Looks at every event that the session makes."""

    def __init__(self) -> None:
        self._known: dict[str, object] = {}

    def observe(self, event: Mapping[str, Any]) -> None:
        """Remember the session, the response, the item or the call that an event carries."""
        for name in ("session", "item"):
            if isinstance(event.get(name), Mapping):
                self._known[name] = event[name]
        item = event.get("item")
        if isinstance(item, Mapping) and item.get("type") == "function_call":
            self._known["call"] = item
        response = event.get("response")
        if isinstance(response, Mapping):
            self._remember_response(response)

    def known(self, cause: Mapping[str, Any] | None) -> Mapping[str, object]:
        """What placeholders stand for in a turn that the event `cause` took."""
        return {**self._known, "event": cause}

    def _remember_response(self, response: Mapping[str, Any]) -> None:
        newest = self._known.get("response")
        if isinstance(newest, Mapping) and newest["id"] != response["id"]:
            previous = self._known.get("previous_response")
            if isinstance(previous, Mapping) and previous["id"] == response["id"]:
                self._known["previous_response"] = response
                return
            self._known["previous_response"] = newest
        self._known["response"] = response
