"""What a dialect is: a codec between the wire of one generation of clients and the session's own events."""

from __future__ import annotations

from typing import Any, Protocol

from realtime_mock.api_error import ApiError


class Dialect(Protocol):
    """The codec of one session. It may remember what passed, so every session has its own.

    The session itself speaks GA and knows of no other dialect.
    """

    @property
    def notice(self) -> str | None:
        """What an operator should know of a session in this dialect, or None."""
        ...

    def decode(self, event: object) -> object | ApiError:
        """A client's event as the session takes it, or the error that refuses it."""
        ...

    def encode(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """What leaves for one event of the session: usually one event, sometimes none or two."""
        ...

    def first_server_error(self, event: object) -> str | None:
        """What is wrong with an event that leaves, in a sentence for developers, or None."""
        ...
