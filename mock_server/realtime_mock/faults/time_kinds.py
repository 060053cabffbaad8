"""What can be wrong with time: clocks that differ, and things that end before their time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from realtime_mock.faults.model import Kind


@dataclass(frozen=True, slots=True)
class ClockSkew(Kind):
    """The clock that the API tells the time by is so many seconds ahead of the mock's; behind it where negative.

    It is what a request is answered with: `Date`, `expires_at` and `created_at`. How long anything lasts is as ever, so
    that to a client a secret seems to expire before its time, or long after.
    """

    word: ClassVar[str] = "clock_skew"
    seconds: float


@dataclass(frozen=True, slots=True)
class SecretExpires(Kind):
    """A client secret is refused so many seconds after it was minted, whatever its `expires_at` says."""

    word: ClassVar[str] = "secret_expires"
    seconds: float


@dataclass(frozen=True, slots=True)
class SessionExpires(Kind):
    """A session ends with `session_expired` so many seconds after it began, whatever its `expires_at` says."""

    word: ClassVar[str] = "session_expires"
    seconds: float
