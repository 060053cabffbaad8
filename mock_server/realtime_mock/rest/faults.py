"""Requests that go wrong because a test wants them to: the middleware that lets faults happen."""

from __future__ import annotations

import asyncio
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from realtime_mock.api_error import ApiError
from realtime_mock.faults.connection_kinds import Close, ConnectionKind, HalfOpen, Hang, Refuse, Reset
from realtime_mock.faults.fault_set import Strike
from realtime_mock.faults.requests import Arrival, happening, plain_path
from realtime_mock.lanes import Lane
from realtime_mock.rest.errors import API_ERROR, error_answer
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.refusals import SocketRefusals
from realtime_mock.sessions import SessionFactory
from realtime_mock.transports import liveness
from realtime_mock.transports.severing import reset
from realtime_mock.wire import event_text, printable

_CUT = ApiError("The connection was cut without an answer, as a fault asked for.", code="connection_cut")
_CUT_STATUS = 444
"""What the journal shows of an exchange that had no answer, as nginx does."""

_WAY_CHANNELS = {"websocket": "websocket", "sideband": "sideband"}


class FaultyRequests:
    """Lets the faults of each lane happen to its requests."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._clock = sessions.clock
        self._journal = sessions.journal
        self._refusals = SocketRefusals(sessions)
        self._waiting: dict[asyncio.Future[None], str] = {}

    def release(self, lane: str | None = None) -> None:
        """Let go on what hangs, in one lane or everywhere."""
        for over, name in tuple(self._waiting.items()):
            if lane in (None, name):
                _let_go(over)

    def may_befall(self, request: web.Request) -> bool:
        """Whether a fault may happen to a request at all."""
        return request[LANE].has_connection_faults

    async def happen(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the first fault that fits happen to a request; the control API has none."""
        path = plain_path(request.path)
        if path.startswith("/_mock"):
            return await handler(request)
        arrival = Arrival(request.method, path, is_upgrade=_is_upgrade(request), names_call="call_id" in request.query)
        lane = request[LANE]
        strike = happening(lane.connection_faults(), arrival)
        if strike is None:
            return await handler(request)
        self._tell(strike, arrival, lane)
        kind = cast("ConnectionKind", strike.fault.kind)
        if kind.hang > 0:
            await self._hang(kind.hang, lane)
        return await handler(request) if isinstance(kind, Hang) else await self._break(request, kind, lane)

    async def _break(
        self, request: web.Request, kind: Refuse | Close | Reset | HalfOpen, lane: Lane
    ) -> web.StreamResponse:
        match kind:
            case Refuse(answer) if answer is not None:
                return error_answer(answer.status, answer.error, headers=answer.headers)
            case Refuse():
                return _cut(request)
            case Reset():
                return _cut(request, by_reset=True)
            case Close():
                return await self._refusals.close(request, kind)
            case HalfOpen():
                if _is_upgrade(request):
                    await self._refusals.leave_half_open(request)
                await self._wait_for_the_client_to_go(request, lane)
                return _cut(request)

    def _tell(self, strike: Strike, arrival: Arrival, lane: Lane) -> None:
        happened = {**strike.as_json(), "method": arrival.method, "path": printable(arrival.path)}
        self._journal.record(
            event_text(happened),
            channel=_WAY_CHANNELS.get(arrival.way or "", "http"),
            direction="in",
            kind="fault",
            lane=lane.name,
            fault=strike.fault.kind.word,
        )

    # Waiting

    async def _hang(self, seconds: float, lane: Lane) -> None:
        over = self._new_wait(lane)
        timer = self._clock.call_at(self._clock.time() + seconds, lambda: _let_go(over))
        try:
            await over
        finally:
            timer.cancel()
            del self._waiting[over]

    async def _wait_for_the_client_to_go(self, request: web.Request, lane: Lane) -> None:
        """Until the client has hung up, or whoever set the fault lets go."""
        over = self._new_wait(lane)
        try:
            while request.transport is not None and not liveness.has_hung_up(request.transport):
                await asyncio.wait([over], timeout=liveness.POLL_INTERVAL)
                if over.done():
                    break
        finally:
            del self._waiting[over]

    def _new_wait(self, lane: Lane) -> asyncio.Future[None]:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[over] = lane.name
        return over


def _let_go(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def _is_upgrade(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _cut(request: web.Request, *, by_reset: bool = False) -> web.Response:
    if request.transport is not None:
        if by_reset:
            reset(request.transport)
        else:
            request.transport.abort()
    response = web.Response(status=_CUT_STATUS, reason="No Response")
    response[API_ERROR] = _CUT
    return response
