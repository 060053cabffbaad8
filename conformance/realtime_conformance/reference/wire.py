"""How a client reaches its server: the one small interface of the WebSocket and of the call."""

from __future__ import annotations

from typing import Any, Protocol

Event = dict[str, Any]


class Closed(Exception):
    """The connection is over; `code` is that of a WebSocket, None elsewhere."""

    def __init__(self, reason: str, *, code: int | None = None) -> None:
        super().__init__(reason)
        self.code = code


class Refused(Exception):
    """No connection was made. `status` is that of HTTP, `retry_after` the seconds that the server asks to wait."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class Wire(Protocol):
    """One connection. Audio goes by it as events, or beside them where `carries_audio`."""

    carries_audio: bool

    @property
    def seconds_heard(self) -> float:
        """How much was heard beside the events."""

    async def open(self) -> None:
        """Connect.

        Raises:
            Refused: the server does not want to.
            Closed: nobody answers.
        """

    async def send(self, event: Event) -> None:
        """Send one event.

        Raises:
            Closed: the connection is over.
        """

    async def receive(self) -> Event:
        """The next event.

        Raises:
            Closed: the connection is over.
        """

    async def speak(self, pcm: bytes) -> None:
        """Let the user say this beside the events."""

    async def close(self) -> None:
        """Hang up. Closing twice changes nothing."""
