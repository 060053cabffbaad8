"""The beta API over HTTP: calls, and keys for browsers to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.core.config import new_session
from realtime_mock.dialects.beta_sessions import ga_session, ga_transcription_session
from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.bodies import checked_json, read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.models import check_model
from realtime_mock.rest.secret_store import SecretStore
from realtime_mock.rest.time_faults import TimeFaults
from realtime_mock.sessions import DEFAULT_MODEL, SessionFactory
from realtime_mock.settings import Settings
from realtime_mock.transports.webrtc import Calls

BETA_DISABLED = ApiError(
    "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
    code="beta_api_shape_disabled",
)
"""The service's answer since 2026-05-12 to whatever asks for the beta shape."""

DEFAULT_TTL = 60
"""Seconds that a beta key lives where the client does not say: "expires after one minute" (API reference)."""


class BetaApi:
    """The endpoints that mean beta by their path alone, whatever headers come with them.

    openai 1.x sends `OpenAI-Beta: assistants=v2` here, and browsers send no such header at all.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        calls: Calls,
        secrets: SecretStore,
        authenticator: Authenticator,
        settings: Settings,
    ) -> None:
        self._sessions = sessions
        self._time_faults = TimeFaults(sessions)
        self._calls = calls
        self._secrets = secrets
        self._authenticator = authenticator
        self._is_retired = settings.beta == "retired"

    async def create_call(self, request: web.Request) -> web.Response:
        """`POST /v1/realtime`, and `/v1/realtime/connect` in older documents: an SDP offer as the whole body."""
        self._admit(request)
        offer = (await read_body(request)).decode("utf-8", "replace")
        model = request.query.get("model")
        check_model(request, model)
        secret = self._authenticator.admit(request)
        call_id, answer = await self._calls.answer(
            offer,
            model=model or DEFAULT_MODEL,
            given=secret.session if secret else None,
            dialect=self._sessions.beta_dialect("webrtc", asked=secret.asked if secret else None),
            lane=request[LANE],
        )
        headers = {"Location": f"/v1/realtime/calls/{call_id}", "Timing-Allow-Origin": "*"}
        return web.Response(status=201, text=answer, content_type="application/sdp", headers=headers)

    async def create_session(self, request: web.Request) -> web.Response:
        """`POST /v1/realtime/sessions`: a flat session in, the whole of it and a key out."""
        self._admit(request)
        asked = await checked_json(request, self._sessions.registry, "sessions.request")
        check_model(request, asked.get("model"))
        return self._minted(request, asked, ga_session(asked), seconds=_seconds(asked, "expires_after"))

    async def create_transcription_session(self, request: web.Request) -> web.Response:
        """`POST /v1/realtime/transcription_sessions`: the same for a session that only transcribes."""
        self._admit(request)
        asked = await checked_json(request, self._sessions.registry, "transcription_sessions.request")
        return self._minted(request, asked, ga_transcription_session(asked), seconds=_seconds(asked, "expires_at"))

    def _admit(self, request: web.Request) -> None:
        self._authenticator.authenticate(request)
        if self._is_retired:
            raise HttpFault(400, BETA_DISABLED)

    def _minted(
        self, request: web.Request, asked: Mapping[str, Any], given: Mapping[str, Any], *, seconds: int
    ) -> web.Response:
        ids = self._sessions.next_ids()
        session = new_session(ids.session(), model=DEFAULT_MODEL, given=given, expires_at=0)
        lane = request[LANE]
        secret = self._secrets.mint(
            ids.client_secret(),
            session=given,
            seconds=seconds,
            asked=asked,
            lane=lane.name,
            lasts=self._time_faults.secret_lasts(request, seconds),
            skew=lane.clock_skew,
        )
        key = {"value": secret.value, "expires_at": secret.expires_at}
        described = self._sessions.beta_dialect("websocket", asked=asked).describe(session, client_secret=key)
        return web.json_response(described)


def _seconds(asked: Mapping[str, Any], key: str) -> int:
    """The two kinds of session name the same thing by different keys (SDK types)."""
    expiry = (asked.get("client_secret") or {}).get(key) or {}
    return expiry.get("seconds") or DEFAULT_TTL
