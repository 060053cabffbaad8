"""`POST /v1/realtime/client_secrets`: keys for browsers to hold."""

from __future__ import annotations

from aiohttp import web

from realtime_mock.core.config import new_session
from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.bodies import checked_json
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.secret_store import SecretStore
from realtime_mock.rest.time_faults import TimeFaults
from realtime_mock.sessions import DEFAULT_MODEL, SessionFactory

DEFAULT_TTL = 600
"""Seconds that a secret lives where `expires_after` does not say (API reference)."""


class ClientSecrets:
    """Mints client secrets."""

    def __init__(self, sessions: SessionFactory, store: SecretStore, authenticator: Authenticator) -> None:
        self._sessions = sessions
        self._time_faults = TimeFaults(sessions)
        self._store = store
        self._authenticator = authenticator

    async def create(self, request: web.Request) -> web.Response:
        """Mint a secret; the answer shows the session it opens, whole, with `expires_at: 0` (recorded)."""
        self._authenticator.authenticate(request)
        body = await checked_json(request, self._sessions.registry, "client_secrets.request")
        given = body.get("session") or {"type": "realtime"}
        seconds = (body.get("expires_after") or {}).get("seconds") or DEFAULT_TTL
        ids = self._sessions.next_ids()
        session = new_session(ids.session(), model=DEFAULT_MODEL, given=given, expires_at=0)
        lane = request[LANE]
        secret = self._store.mint(
            ids.client_secret(),
            session=given,
            seconds=seconds,
            lane=lane.name,
            lasts=self._time_faults.secret_lasts(request, seconds),
            skew=lane.clock_skew,
        )
        return web.json_response({"value": secret.value, "expires_at": secret.expires_at, "session": session})
