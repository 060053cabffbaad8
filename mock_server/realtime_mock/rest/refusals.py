"""How the service refuses a WebSocket: it opens it, says why in one `error` event, and closes it."""

from __future__ import annotations

import contextlib

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.faults.answers import refusal_reason
from realtime_mock.faults.connection_kinds import Close, HalfOpen
from realtime_mock.rest.errors import API_ERROR, HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.sessions import SessionFactory
from realtime_mock.transports import websocket
from realtime_mock.transports.outbox import Socket
from realtime_mock.transports.severing import break_off


class SocketRefusals:
    """Refuses WebSockets of one mock."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions

    async def refuse(self, request: web.Request, error: ApiError, *, code: int) -> web.StreamResponse:
        """Upgrade, send the error, close with `code`.

        "The upgrade is always answered 101, even for a bad key" (observed).

        Raises:
            HttpFault: 400, the request is no upgrade.
        """
        return await self.close(request, Close(code, refusal_reason(error), error))

    async def close(self, request: web.Request, how: Close) -> web.StreamResponse:
        """Upgrade, send the error if there is one, and close; it need be no end that the service knows.

        Raises:
            HttpFault: 400, the request is no upgrade.
        """
        socket = await self._upgraded(request, how.error)
        if how.error is not None:
            event_id = self._sessions.next_ids().event()
            await websocket.complain(
                socket, how.error, self._sessions.journal, event_id=event_id, lane=request[LANE].name
            )
        await break_off(socket, request.transport, how)
        with contextlib.suppress(TimeoutError):
            # What ends without a code of ours ends when the client answers.
            await socket.receive(timeout=websocket.CLOSE_TIMEOUT)
        return socket

    async def leave_half_open(self, request: web.Request) -> None:
        """Upgrade, and never read or send anything.

        Raises:
            HttpFault: 400, the request is no upgrade.
        """
        socket = await self._upgraded(request, None)
        await break_off(socket, request.transport, HalfOpen())

    async def _upgraded(self, request: web.Request, error: ApiError | None) -> Socket:
        socket = websocket.new_socket()
        check_upgrade(socket, request)
        if error is not None:
            socket[API_ERROR] = error
        await socket.prepare(request)
        return socket


def check_upgrade(socket: Socket, request: web.Request) -> None:
    """Let a request go on if the socket can answer it.

    Raises:
        HttpFault: 400, the request is no upgrade.
    """
    if not socket.can_prepare(request):
        raise HttpFault(400, ApiError("Expected a WebSocket upgrade."))
