"""What can happen to a connection or to an HTTP request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from realtime_mock.api_error import ApiError
from realtime_mock.faults.answers import Answer
from realtime_mock.faults.model import Kind

When = Literal["before", "during", "after"]
"""Where in an event a connection breaks: the event is not sent; half of it is; all of it is.

Of a client's event: the session does not get it; it does.
"""

NO_STATUS = 1005
"""The code that a client reports where the close frame holds none (RFC 6455 section 7.1.5)."""

ABNORMAL = frozenset({1006, 1015})
"""The codes that a client reports where the connection ended without a close frame."""


@dataclass(frozen=True, slots=True)
class Refuse(Kind):
    """An answer in place of the API's; the connection is closed without any where it is None.

    As with the other kinds here, a request waits for `hang` seconds by the mock's clock before that.
    """

    word: ClassVar[str] = "refuse"
    answer: Answer | None
    hang: float = 0.0


@dataclass(frozen=True, slots=True)
class Hang(Kind):
    """A request waits for so many seconds by the mock's clock; then everything is as usual."""

    word: ClassVar[str] = "hang"
    seconds: float

    @property
    def hang(self) -> float:
        """The same seconds, under the name that the other kinds have for them."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Close(Kind):
    """A WebSocket is closed.

    Args:
        code: in the close frame; without a frame for the `ABNORMAL` ones, without a code for `NO_STATUS`.
        reason: in the close frame.
        error: sent as an event before it.
        when: before, during or after the event it happens on.
        after: seconds until then, counted from the event or from the opening of the session.
        hang: see `Refuse`.
    """

    word: ClassVar[str] = "close"
    code: int
    reason: str = ""
    error: ApiError | None = None
    when: When = "after"
    after: float = 0.0
    hang: float = 0.0


@dataclass(frozen=True, slots=True)
class Reset(Kind):
    """The TCP connection is reset: no close frame, and no orderly end. See `Close` for the settings."""

    word: ClassVar[str] = "reset"
    when: When = "after"
    after: float = 0.0
    hang: float = 0.0


@dataclass(frozen=True, slots=True)
class HalfOpen(Kind):
    """The connection stays open, and the mock neither sends nor reads anything on it any more. See `Close`."""

    word: ClassVar[str] = "half_open"
    when: When = "after"
    after: float = 0.0
    hang: float = 0.0


Break = Close | Reset | HalfOpen
"""What ends a connection that stands."""

ConnectionKind = Refuse | Hang | Break
