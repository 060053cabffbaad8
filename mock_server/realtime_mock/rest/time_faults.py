"""The time that requests are answered by, where a fault has it wrong: `Date`, `expires_at`, how long a secret lasts."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import cast

from aiohttp import web

from realtime_mock.faults.fault_set import Strike
from realtime_mock.faults.requests import Arrival, plain_path
from realtime_mock.faults.time_injector import clock_skew, secret_expiry, webhook_skew
from realtime_mock.faults.time_kinds import ClockSkew, SecretExpires
from realtime_mock.lanes import Lane
from realtime_mock.rest.lanes import LANE
from realtime_mock.sessions import SessionFactory
from realtime_mock.wire import event_text, printable


class TimeFaults:
    """Lets the faults of each lane happen to the time that its clients are told."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._clock = sessions.clock
        self._journal = sessions.journal

    def happen(self, request: web.Request) -> None:
        """Let a request meet a clock that is wrong: its lane says how much. The control API has the right time."""
        lane = request[LANE]
        if not lane.has_connection_faults:
            return
        path = plain_path(request.path)
        if path.startswith("/_mock"):
            return
        strike = clock_skew(lane.connection_faults(), arrival_of(request))
        if strike is not None:
            self._tell(strike, request.method, path, lane)
            request[LANE] = replace(lane, clock_skew=cast("ClockSkew", strike.fault.kind).seconds)

    async def date(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give an answer the date of a clock that is wrong; the server dates all others."""
        skew = request[LANE].clock_skew if LANE in request else 0.0
        if skew:
            response.headers["Date"] = formatdate(self._clock.now() + skew, usegmt=True)

    def secret_lasts(self, request: web.Request, seconds: float) -> float:
        """How many seconds a client secret lasts that is minted now for `seconds`."""
        lane = request[LANE]
        strike = secret_expiry(lane.connection_faults(), arrival_of(request))
        if strike is None:
            return seconds
        self._tell(strike, request.method, plain_path(request.path), lane)
        return cast("SecretExpires", strike.fault.kind).seconds

    def webhook_skew(self, lane: Lane) -> float:
        """How wrong the clock is that a webhook of this lane is sent by."""
        strike = webhook_skew(lane.connection_faults())
        if strike is None:
            return 0.0
        self._tell(strike, "POST", "webhook", lane)
        return cast("ClockSkew", strike.fault.kind).seconds

    def _tell(self, strike: Strike, method: str, path: str, lane: Lane) -> None:
        happened = {**strike.as_json(), "method": method, "path": printable(path)}
        word = strike.fault.kind.word
        self._journal.record(
            event_text(happened), channel="http", direction="out", kind="fault", lane=lane.name, fault=word
        )


def arrival_of(request: web.Request) -> Arrival:
    """The request as faults see it."""
    is_upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
    names_call = "call_id" in request.query
    return Arrival(request.method, plain_path(request.path), is_upgrade=is_upgrade, names_call=names_call)
