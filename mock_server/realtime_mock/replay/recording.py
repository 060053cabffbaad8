"""Recordings as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]

SESSION = ("session.created", "session.updated")
"""Events that show the session object."""


def at(value: object, path: str) -> Any:
    """What a path of keys such as `item.id` leads to, or None where it ends early."""
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_at(value: object, path: str) -> str | None:
    """The string at a path, or None where there is none."""
    found = at(value, path)
    return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Frame:
    """One message.

    `number` is its place in the recording, from 0; `sent` tells the client's from the server's; `at` is seconds from
    the beginning, None where the recording has no times.
    """

    number: int
    sent: bool
    event: Event
    at: float | None = None

    @property
    def type(self) -> str:
        """The type of the event."""
        return str(self.event["type"])


@dataclass(frozen=True, slots=True)
class Recording:
    """One session as its client saw it."""

    name: str
    frames: tuple[Frame, ...]

    @property
    def sent(self) -> tuple[Frame, ...]:
        """The client's events."""
        return tuple(frame for frame in self.frames if frame.sent)

    @property
    def received(self) -> tuple[Frame, ...]:
        """The server's events."""
        return tuple(frame for frame in self.frames if not frame.sent)

    @property
    def is_sideband(self) -> bool:
        """Whether this is a second connection to a call: it gets no `session.created`."""
        return all(frame.type != "session.created" for frame in self.received)

    @property
    def session(self) -> Event:
        """The session object that the recording shows first, or an empty one."""
        shown = (frame.event["session"] for frame in self.received if frame.type in SESSION)
        return next(shown, {})
