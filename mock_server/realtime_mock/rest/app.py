"""The HTTP application: which path goes where."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.beta import BetaApi
from realtime_mock.rest.call_actions import CallActions
from realtime_mock.rest.clock import ClockControl
from realtime_mock.rest.control import Control, Disk
from realtime_mock.rest.control_expectations import ExpectationControl
from realtime_mock.rest.control_faults import FaultControl
from realtime_mock.rest.control_journal import JournalControl
from realtime_mock.rest.control_routes import Controls, operations
from realtime_mock.rest.control_sessions import SessionControl
from realtime_mock.rest.control_speech import SpeechControl
from realtime_mock.rest.cors import answer_preflight
from realtime_mock.rest.door import Door
from realtime_mock.rest.exchanges import Exchanges
from realtime_mock.rest.faults import FaultyRequests
from realtime_mock.rest.guard import Guard
from realtime_mock.rest.lanes import LaneControl
from realtime_mock.rest.openapi import OPENAPI, OpenApi
from realtime_mock.rest.realtime import Realtime
from realtime_mock.rest.secret_store import SecretStore
from realtime_mock.rest.secrets import ClientSecrets
from realtime_mock.rest.sip import SipControl
from realtime_mock.rest.time_faults import TimeFaults
from realtime_mock.sessions import SessionFactory
from realtime_mock.settings import Settings


class CallHandlers(Protocol):
    """The endpoint that opens WebRTC calls."""

    async def create(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/realtime/calls`."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What answers requests that concern more than sessions and keys."""

    calls: CallHandlers
    actions: CallActions
    sip: SipControl
    beta: BetaApi
    faults: FaultyRequests
    disk: Callable[[], Disk | None]


def new_app(
    sessions: SessionFactory,
    endpoints: Endpoints,
    *,
    settings: Settings,
    secrets: SecretStore,
    authenticator: Authenticator,
) -> web.Application:
    """The whole HTTP API over one mock's sessions and calls."""
    calls, actions, sip = endpoints.calls, endpoints.actions, endpoints.sip
    beta, faults = endpoints.beta, FaultControl(endpoints.faults, sessions.registry)
    lanes = LaneControl(sessions, secrets)
    time_faults = TimeFaults(sessions)
    guard = Guard(settings)
    door = Door((guard.check, answer_preflight, lanes.find, time_faults.happen), endpoints.faults)
    app = web.Application(middlewares=[door.enter], client_max_size=settings.max_body_bytes)
    exchanges = Exchanges(sessions.journal, seed=settings.seed)
    app.on_response_prepare.append(exchanges.finish)
    app.on_response_prepare.append(guard.finish)
    app.on_response_prepare.append(time_faults.date)
    realtime = Realtime(sessions, authenticator, settings)
    minting = ClientSecrets(sessions, secrets, authenticator)
    openapi = OpenApi()
    controls = Controls(
        mock=Control(sessions, endpoints.faults, disk=endpoints.disk),
        lanes=lanes,
        faults=faults,
        clock=ClockControl(sessions.clock),
        journal=JournalControl(sessions),
        sessions=SessionControl(sessions),
        expectations=ExpectationControl(sessions),
        sip=sip,
        speech=SpeechControl(sessions),
        openapi=openapi,
    )
    table = openapi.operations = operations(controls)
    app[OPENAPI] = openapi
    app.on_shutdown.append(controls.journal.close)
    app.add_routes(
        [
            web.get(tolerant("/v1/realtime"), realtime.connect, allow_head=False),
            web.post(tolerant("/v1/realtime"), beta.create_call),
            web.post(tolerant("/v1/realtime/connect"), beta.create_call),
            web.post(tolerant("/v1/realtime/sessions"), beta.create_session),
            web.post(tolerant("/v1/realtime/transcription_sessions"), beta.create_transcription_session),
            web.post(tolerant("/v1/realtime/client_secrets"), minting.create),
            web.post(tolerant("/v1/realtime/calls"), calls.create),
            web.post(tolerant("/v1/realtime/calls/{id}/accept"), actions.accept),
            web.post(tolerant("/v1/realtime/calls/{id}/reject"), actions.reject),
            web.post(tolerant("/v1/realtime/calls/{id}/refer"), actions.refer),
            web.post(tolerant("/v1/realtime/calls/{id}/hangup"), actions.hangup),
            *(operation.route() for operation in table),
        ]
    )
    return app


def tolerant(path: str) -> str:
    """The pattern of `path` that takes several slashes for one, and `/openai` in front.

    semantic-kernel joins a base URL and a path with two slashes, as the service's own front end allows. Clients
    made for Azure ask below `/openai/v1`.
    """
    number = iter(range(path.count("/")))
    pattern = re.sub("/", lambda _: f"/{{slashes{next(number)}:/*}}", path)
    return pattern.replace("}", "}{prefix:(?:openai/+)?}", 1)
