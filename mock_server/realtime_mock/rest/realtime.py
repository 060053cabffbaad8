"""`/v1/realtime`: the WebSocket upgrade, and what the service answers in its place."""

from __future__ import annotations

from aiohttp import web

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.driver import SessionDriver
from realtime_mock.rest.auth import Authenticator, Unauthorized
from realtime_mock.rest.beta import BETA_DISABLED
from realtime_mock.rest.calls import UNKNOWN_CALL
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.models import check_model
from realtime_mock.rest.refusals import SocketRefusals, check_upgrade
from realtime_mock.rest.secret_store import ClientSecret
from realtime_mock.sessions import DEFAULT_MODEL, SessionFactory
from realtime_mock.settings import Settings
from realtime_mock.transports import websocket

_UNAUTHORIZED = 3000
_BAD_REQUEST = 4000
"""Close codes of a refused connection (recorded)."""

_MISSING_MODEL = ApiError(
    "You must provide a model parameter, for example wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5",
    code="missing_model",
)
_INVALID_INTENT = ApiError("Invalid intent ", code="invalid_intent")
"""The recorded message ends in a blank."""


class Realtime:
    """Opens WebSocket sessions, and sidebands to the sessions of calls."""

    def __init__(self, sessions: SessionFactory, authenticator: Authenticator, settings: Settings) -> None:
        self._sessions = sessions
        self._refusals = SocketRefusals(sessions)
        self._authenticator = authenticator
        self._max_event_bytes = websocket.max_event_bytes(settings.max_event_bytes)
        self._beta_is_retired = settings.beta == "retired"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Upgrade, then open a session or attach to a call's, or send one `error` event and close.

        "The upgrade is always answered 101, even for a bad key" (observed); only an unknown `call_id` is
        refused before it.
        """
        socket = websocket.new_socket()
        check_upgrade(socket, request)
        call = self._called(request)
        try:
            secret = self._admit(request)
        except ClientFault as fault:
            code = _UNAUTHORIZED if isinstance(fault, Unauthorized) else _BAD_REQUEST
            return await self._refusals.refuse(request, fault.error, code=code)
        await socket.prepare(request)
        if call is not None:
            await websocket.serve_sideband(socket, request, call, max_event_bytes=self._max_event_bytes)
            return socket
        driver = self._open(request, secret)
        await websocket.serve(socket, request, driver, max_event_bytes=self._max_event_bytes)
        return socket

    def _called(self, request: web.Request) -> SessionDriver | None:
        """The session of the call in the query, None where there is no call in it."""
        wanted = request.query.get("call_id")
        if wanted is None:
            return None
        driver = self._sessions.find_call(wanted)
        if driver is None:
            raise HttpFault(404, UNKNOWN_CALL)
        return driver

    def _admit(self, request: web.Request) -> ClientSecret | None:
        """The client secret to open, or None for an ordinary key.

        Raises:
            ClientFault: the connection is refused.
        """
        attaches = "call_id" in request.query
        secret = self._authenticator.authenticate(request) if attaches else self._authenticator.admit(request)
        if self._beta_is_retired and _asks_for_beta(request):
            raise ClientFault(BETA_DISABLED)
        intent = request.query.get("intent")
        if intent not in (None, "transcription"):
            raise ClientFault(_INVALID_INTENT)
        has_subject = attaches or intent is not None or request.query.get("model")
        if secret is None and not has_subject:
            raise ClientFault(_MISSING_MODEL)
        if not attaches:
            check_model(request, request.query.get("model"))
        return secret

    def _open(self, request: web.Request, secret: ClientSecret | None) -> SessionDriver:
        model = request.query.get("model") or DEFAULT_MODEL
        asked = secret.asked if secret is not None else None
        dialect = self._sessions.beta_dialect("websocket", asked=asked) if _asks_for_beta(request) else None
        asks_for_text = {"type": "transcription"} if request.query.get("intent") else None
        given = asks_for_text if secret is None else secret.session
        return self._sessions.open_websocket(model=model, given=given, dialect=dialect, lane=request[LANE])


def _asks_for_beta(request: web.Request) -> bool:
    """Only `realtime=v1` counts: SDKs send `OpenAI-Beta: assistants=v2` and the like to any path."""
    return "realtime=v1" in request.headers.get(
        "OpenAI-Beta", ""
    ) or "openai-beta.realtime-v1" in websocket.offered_protocols(request)
