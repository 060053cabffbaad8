"""What passed between a client and the mock, as a test reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MockSession:
    """A session of the client's. Times are Unix seconds; `ended_at` is None while it lives."""

    id: str
    transport: str
    model: str
    started_at: float
    ended_at: float | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> MockSession:
        """The session of an answer of the control API."""
        return cls(given["id"], given["transport"], given["model"], given["started_at"], given["ended_at"])


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that passed; `event["type"]` reads the event itself.

    `direction` is "in" for what the client sent and "out" for what the mock sent. `event` is the event, or the HTTP
    exchange; None where the text is not JSON, and then `text` holds it. `error` tells what is wrong with an entry
    that is not `valid`. `at` is Unix seconds.
    """

    seq: int
    at: float
    kind: str
    direction: str
    channel: str
    session_id: str | None = None
    event: Mapping[str, Any] | None = None
    text: str = ""
    valid: bool = True
    error: Mapping[str, Any] | None = None
    scripted: bool = False
    fault: str | None = field(default=None)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> JournalEntry:
        """The entry of an answer of the control API."""
        event = given.get("event")
        return cls(
            seq=given["seq"],
            at=given["at"],
            kind=given["kind"],
            direction=given["direction"],
            channel=given["channel"],
            session_id=given["session_id"],
            event=event if isinstance(event, Mapping) else None,
            text=given.get("text", ""),
            valid=given["valid"],
            error=given.get("error"),
            scripted=given.get("scripted", False),
            fault=given.get("fault"),
        )

    @property
    def is_control(self) -> bool:
        """Whether it is a request that a test made of the mock itself."""
        path = self.event.get("path") if self.kind == "http" and self.event is not None else None
        return isinstance(path, str) and path.startswith("/_mock/")

    @property
    def type(self) -> str:
        """The type of the event; empty for anything else."""
        kind = self.event.get("type") if self.event is not None and self.kind == "event" else None
        return kind if isinstance(kind, str) else ""

    def __getitem__(self, key: str) -> Any:
        """A field of the event."""
        if self.event is None:
            raise KeyError(key)
        return self.event[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A field of the event, or `default`."""
        return default if self.event is None else self.event.get(key, default)
