"""How the service refuses a WebSocket: it opens it, says why in one `error` event, and closes it."""

from __future__ import annotations

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.rest.errors import API_ERROR, HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.sessions import SessionFactory
from realtime_mock.transports import websocket


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
        socket = websocket.new_socket()
        check_upgrade(socket, request)
        socket[API_ERROR] = error
        await socket.prepare(request)
        event_id = self._sessions.next_ids().event()
        await websocket.refuse(
            socket, error, self._sessions.journal, event_id=event_id, code=code, lane=request[LANE].name
        )
        return socket


def check_upgrade(socket: websocket.Socket, request: web.Request) -> None:
    """Let a request go on if the socket can answer it.

    Raises:
        HttpFault: 400, the request is no upgrade.
    """
    if not socket.can_prepare(request):
        raise HttpFault(400, ApiError("Expected a WebSocket upgrade."))
