"""One answer of the assistant, as its client knows it while it comes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.reference.wire import Event

BYTES_PER_SECOND = 48_000


@dataclass(slots=True)
class Answer:
    """A response from `response.created` to `response.done`, and what is still heard of it after that.

    `texts` is what can be read, by item and part; `calls` are the functions that it wants to be run. `failure` says why
    it is not whole. `muted` tells that its user has stopped it.
    """

    id: str
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    failure: str | None = None
    muted: bool = False
    is_spoken: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    speech: dict[str, float] = field(default_factory=dict)
    played_out: asyncio.Event = field(default_factory=asyncio.Event)
    """Whether a call has come to the end of playing it, by `output_audio_buffer.*`."""

    began_at: float | None = None
    """When the first of it was given to the player."""

    played: float | None = None
    """How many seconds its user had heard when they stopped it."""

    @property
    def text(self) -> str:
        """All that can be read, one message after the other."""
        return " ".join(text for text in self.texts.values() if text)

    @property
    def seconds(self) -> float:
        """How many seconds its user was, or will be, given to hear."""
        return sum(self.speech.values()) if self.played is None else self.played

    def read(self, event: Event) -> None:
        """Take a piece of text."""
        place = (event["item_id"], event.get("content_index", 0))
        self.texts[place] = self.texts.get(place, "") + event["delta"]
        if event["type"] == "response.output_text.delta":
            self.begun.set()
        else:
            self.is_spoken = True

    def hear(self, event: Event, now: float) -> None:
        """Take a piece of speech."""
        if self.muted:
            return
        if self.began_at is None:
            self.began_at = now
        seconds = len(base64.b64decode(event["delta"])) / BYTES_PER_SECOND
        self.speech[event["item_id"]] = self.speech.get(event["item_id"], 0.0) + seconds
        self.begun.set()

    def end(self, response: Mapping[str, Any]) -> None:
        """Take `response.done`, of which everything but the id may be missing."""
        status = response.get("status", "completed")
        if status != "completed":
            self.failure = _why(response) or f"the response is {status}"
        if status == "completed":
            self.calls = [item for item in response.get("output") or () if item.get("type") == "function_call"]
        self.done.set()

    def stop(self, now: float) -> tuple[str, int] | None:
        """Let nothing more of it be heard.

        Returns:
            The item that was being heard, and how many ms of it were; None where none was.
        """
        self.muted = True
        if self.began_at is None:
            return None
        left = min(now - self.began_at, sum(self.speech.values()))
        self.played = left
        for item_id, seconds in self.speech.items():
            if left <= seconds:
                return item_id, int(left * 1000)
            left -= seconds
        return None

    def is_heard(self, now: float) -> bool:
        """Whether something of it is being played."""
        return self.began_at is not None and not self.muted and now - self.began_at < sum(self.speech.values())


def _why(response: Mapping[str, Any]) -> str | None:
    details = response.get("status_details") or {}
    error = details.get("error") or {}
    said = error.get("message") or error.get("code") or details.get("reason") or details.get("type")
    return None if said is None else f"{response.get('status')}: {said}"
