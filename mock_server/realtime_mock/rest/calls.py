"""`/v1/realtime/calls`: an SDP offer in, an SDP answer out."""

from __future__ import annotations

import email
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.models import check_model
from realtime_mock.sessions import DEFAULT_MODEL
from realtime_mock.transports.webrtc import Calls
from realtime_mock.wire import parse_json

UNKNOWN_CALL = ApiError("No session found for the provided call_id", code="call_id_not_found", param="")
"""Recorded, the empty `param` included."""

_RAW_TYPES = ("application/sdp", "text/plain")
_FORM_TYPE = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What a client posted: its offer, and its `session` where it sent one."""

    sdp: str
    session: Mapping[str, Any] | None = None


class RealtimeCalls:
    """Opens WebRTC calls."""

    def __init__(self, calls: Calls, authenticator: Authenticator, registry: SchemaRegistry) -> None:
        self._calls = calls
        self._authenticator = authenticator
        self._registry = registry

    async def create(self, request: web.Request) -> web.Response:
        """`POST /v1/realtime/calls`: answer an offer.

        The session is the client secret's where the key is one ("session config is bound to the
        key"), else the form's part `session`, else the default one of `?model=`.
        """
        self._authenticator.authenticate(request)
        posted = await self._read(request)
        check_model(request, request.query.get("model"))
        check_model(request, (posted.session or {}).get("model"))
        secret = self._authenticator.admit(request)
        given = posted.session if secret is None else secret.session
        model = request.query.get("model") or DEFAULT_MODEL
        call_id, answer = await self._calls.answer(posted.sdp, model=model, given=given, lane=request[LANE])
        # The API reference says application/sdp; text/plain and a relative Location are what is recorded.
        headers = {"Location": f"/v1/realtime/calls/{call_id}", "Timing-Allow-Origin": "*"}
        return web.Response(status=201, text=answer, content_type="text/plain", charset="utf-8", headers=headers)

    async def _read(self, request: web.Request) -> CallRequest:
        if request.content_type in _RAW_TYPES:
            return CallRequest((await read_body(request)).decode("utf-8", "replace"))
        if request.content_type == _FORM_TYPE:
            return self._from_form(request.headers["Content-Type"], await read_body(request))
        raise HttpFault(400, _unsupported(request.content_type))

    def _from_form(self, content_type: str, body: bytes) -> CallRequest:
        parts = form_parts(content_type, body)
        if "sdp" not in parts:
            message = "Missing required parameter: 'sdp'."
            raise HttpFault(400, ApiError(message, code="missing_required_parameter", param="sdp"))
        session = self._session(parts["session"]) if "session" in parts else None
        return CallRequest(parts["sdp"].decode("utf-8", "replace"), session)

    def _session(self, raw: bytes) -> dict[str, Any]:
        try:
            session = parse_json(raw)
        except ValueError as error:
            message = f"We could not parse the JSON of the form part 'session'. {error}"
            raise HttpFault(400, ApiError(message, param="session")) from None
        if not isinstance(session, dict):
            message = "Invalid type for 'session': expected an object."
            raise HttpFault(400, ApiError(message, code="invalid_type", param="session"))
        fault = self._registry.first_body_error("calls.session", session)
        if fault is not None:
            raise HttpFault(400, fault)
        return session


def form_parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a form by name, whatever else their headers say; of a repeated name the last one counts.

    The standard library's parser takes any bytes without an error; what is no form has no parts.
    """
    head = b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n"
    message = email.message_from_bytes(head + body)
    parts: dict[str, bytes] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    return parts


def _unsupported(content_type: str) -> ApiError:
    """The code is recorded (for a JSON body); the message is ours."""
    return ApiError(
        f"Unsupported content type: '{content_type}'. Expected 'application/sdp' or 'multipart/form-data'.",
        code="unsupported_content_type",
    )
