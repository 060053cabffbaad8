"""`/v1/realtime/calls/{id}/...`: accept, reject, refer and hang up."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.bodies import checked_json
from realtime_mock.rest.calls import UNKNOWN_CALL
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.models import check_model
from realtime_mock.sessions import SessionFactory
from realtime_mock.transports.sip import IllegalMove, SipCall, SipCalls
from realtime_mock.transports.webrtc import Calls

DECLINED = 603
"""The SIP status of a rejection that names none (API reference)."""

_ONLY_SIP = ApiError("Only SIP calls can be accepted, rejected or referred.", code="invalid_call_type")
"""Ours: what the service says to this of a WebRTC call was never captured."""


class CallActions:
    """What an application does with a call; only telephone calls can be accepted, rejected and referred.

    An unknown or ended call is answered with 404 `call_id_not_found` (recorded). What the service says to a second
    acceptance was never captured.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        calls: Calls,
        sip: SipCalls,
        authenticator: Authenticator,
    ) -> None:
        self._sessions = sessions
        self._calls = calls
        self._sip = sip
        self._authenticator = authenticator
        self._registry = sessions.registry

    async def accept(self, request: web.Request) -> web.Response:
        """`POST .../accept` with a session: open it for the caller."""
        self._authenticator.authenticate(request)
        session = await checked_json(request, self._registry, "calls.accept.request")
        check_model(request, session.get("model"))
        call = self._find(request)
        return _done(lambda: call.accept(session))

    async def reject(self, request: web.Request) -> web.Response:
        """`POST .../reject` with `{status_code?}`: turn the caller away."""
        self._authenticator.authenticate(request)
        body = await checked_json(request, self._registry, "calls.reject.request")
        call = self._find(request)
        return _done(lambda: call.reject(body.get("status_code") or DECLINED))

    async def refer(self, request: web.Request) -> web.Response:
        """`POST .../refer` with `{target_uri}`: send the caller elsewhere."""
        self._authenticator.authenticate(request)
        body = await checked_json(request, self._registry, "calls.refer.request")
        call = self._find(request)
        return _done(lambda: call.refer(body["target_uri"]))

    async def hangup(self, request: web.Request) -> web.Response:
        """`POST .../hangup`: end a call of either kind."""
        self._authenticator.authenticate(request)
        call_id = request.match_info["id"]
        telephone = self._sip.find_living(call_id)
        if telephone is not None:
            return _done(lambda: telephone.hang_up("hung up"))
        if not await self._calls.hang_up(call_id):
            raise HttpFault(404, UNKNOWN_CALL)
        return web.Response(status=200)

    def _find(self, request: web.Request) -> SipCall:
        call_id = request.match_info["id"]
        call = self._sip.find_living(call_id)
        if call is not None:
            return call
        if self._sessions.find_call(call_id) is not None:
            raise HttpFault(400, _ONLY_SIP)
        raise HttpFault(404, UNKNOWN_CALL)


def _done(act: Callable[[], None]) -> web.Response:
    """200 and an empty body (API reference)."""
    try:
        act()
    except IllegalMove as error:
        raise HttpFault(400, ApiError(f"{error}.", code="invalid_call_state")) from None
    return web.Response(status=200)
