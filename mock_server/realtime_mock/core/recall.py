"""What a session remembers for its script: the newest of each thing that a scenario's placeholders can name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_mock.scenario.model import Turn

_REMEMBERED = frozenset({"session", "item", "response"})


class Recall:
    """Looks at every event that the session makes, and is told what the user says aloud."""

    def __init__(self) -> None:
        self._known: dict[str, object] = {}

    def observe(self, event: Mapping[str, Any]) -> None:
        """Remember the session, the response or the item that an event carries."""
        if _REMEMBERED.isdisjoint(event):
            return
        for name in ("session", "item"):
            if isinstance(event.get(name), Mapping):
                self._known[name] = event[name]
        if isinstance(event.get("item"), Mapping):
            self._remember_item(event["item"])
        response = event.get("response")
        if isinstance(response, Mapping):
            self._remember_response(response)

    def hear(self, text: str) -> None:
        """Remember what the user said in the newest spoken turn, whether or not it is written down for the client."""
        self._known["heard"] = text

    def understand(self, words: str) -> None:
        """Remember words that the user said aloud: they count as text, too."""
        self._known["user_text"] = words

    def known(self, turn: Turn | None = None) -> Mapping[str, object]:
        """What placeholders stand for, in this turn."""
        if turn is None:
            return self._known
        return {**self._known, "event": turn.cause, "match": turn.match}

    def _remember_item(self, item: Mapping[str, Any]) -> None:
        match item.get("type"):
            case "function_call":
                self._known["call"] = item
            case "function_call_output":
                self._known["function_output"] = item
            case "message" if item.get("role") == "user" and (text := written_text(item)):
                self._known["user_text"] = text

    def _remember_response(self, response: Mapping[str, Any]) -> None:
        newest = self._known.get("response")
        if isinstance(newest, Mapping) and newest.get("id") != response.get("id"):
            previous = self._known.get("previous_response")
            if isinstance(previous, Mapping) and previous.get("id") == response.get("id"):
                self._known["previous_response"] = response
                return
            self._known["previous_response"] = newest
        self._known["response"] = response


def written_text(item: Mapping[str, Any]) -> str:
    """What the text parts of a user's message say."""
    return " ".join(part.get("text") or "" for part in item.get("content") or () if part.get("type") == "input_text")
