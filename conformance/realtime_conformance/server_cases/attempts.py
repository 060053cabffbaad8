"""Attempts to open a connection that may be refused, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from realtime_conformance.checks import Checks
from realtime_conformance.server import Server
from realtime_conformance.server_cases.speaking import error_of
from realtime_conformance.targets.base import Ended, Opening, Refused, Silence
from realtime_conformance.transcript import Event

UPGRADED = 101


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt: the HTTP status, the events that came up to `session.created`, and the close, if there was one."""

    status: int
    events: tuple[Event, ...] = ()
    ended: Ended | None = None

    @property
    def is_open(self) -> bool:
        """Whether it opened a session."""
        return any(event["type"] == "session.created" for event in self.events)

    @property
    def kinds(self) -> list[str]:
        """The types of the events."""
        return [event["type"] for event in self.events]

    @property
    def error(self) -> dict[str, Any]:
        """The first error that was told, empty where there was none."""
        return next((error_of(event) for event in self.events if event["type"] == "error"), {})


async def attempt(server: Server, opening: Opening) -> Attempt:
    """Try to connect; look no further than `session.created`, the close, or silence."""
    try:
        async with server.connection(opening) as talk:
            try:
                while (await talk.next())["type"] != "session.created":
                    pass
            except Silence:
                return Attempt(UPGRADED, tuple(talk.events))
            except Ended as ended:
                return Attempt(UPGRADED, tuple(talk.events), ended)
            return Attempt(UPGRADED, tuple(talk.events))
    except Refused as refused:
        return Attempt(refused.answer.status)


async def check_refusal(server: Server, checks: Checks, opening: Opening, *, code: str | None, close: int) -> Attempt:
    """Hold that an attempt is refused as the service refuses: upgraded, one error, a close whose reason repeats it.

    Checks `refused`, `upgraded`, `one-error`, `code`, `close-code` and `close-reason`.
    """
    tried = await attempt(server, opening)
    checks.that("refused", not tried.is_open, expected="no session", actual=tried.kinds)
    checks.equal("upgraded", tried.status, UPGRADED)
    checks.equal("one-error", tried.kinds, ["error"])
    checks.equal("code", tried.error.get("code", "no error"), code)
    ended = tried.ended or Ended()
    checks.equal("close-code", ended.code, close)
    reason = "invalid_request_error" + (f".{code}" if code else "")
    checks.equal("close-reason", ended.reason, reason)
    return tried
