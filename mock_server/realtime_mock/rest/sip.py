"""`/_mock/sip/calls`: the caller's side of a simulated telephone call."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.audio.pcm import resample
from realtime_mock.audio.wav import WavError, decode_wav, encode_wav
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.rest.bodies import read_body
from realtime_mock.rest.calls import form_parts
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import LANE
from realtime_mock.rest.time_faults import TimeFaults
from realtime_mock.rest.webhooks import Webhooks
from realtime_mock.scenario.phrase import USER_VOICE
from realtime_mock.sessions import SessionFactory
from realtime_mock.transports.sip import IllegalMove, SipCall, SipCalls
from realtime_mock.wire import parse_json

MAX_BODY = 32 * 2**20
"""Largest body accepted here, in bytes: it may hold minutes of speech."""

_FROM, _TO = "sip:+15550100@caller.example", "sip:proj_mock@sip.api.openai.com"


class SipControl:
    """Lets tests telephone."""

    def __init__(self, sessions: SessionFactory, *, calls: SipCalls, webhooks: Webhooks) -> None:
        self._sessions = sessions
        self._calls = calls
        self._webhooks = webhooks
        self._time_faults = TimeFaults(sessions)

    async def create(self, request: web.Request) -> web.Response:
        """`POST /_mock/sip/calls`: a call comes in; the answer comes when the webhook has been delivered."""
        body = await self._body(request)
        said = await self._speech(body)
        call = self._calls.ring(_headers(body), lane=request[LANE])
        call.line.say(said)
        skew = self._time_faults.webhook_skew(request[LANE])
        delivery = await self._webhooks.send(self._incoming(call, skew), skew=skew)
        return web.json_response(
            {**_described(call), "webhook": None if delivery is None else delivery.as_json()}, status=201
        )

    async def list(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's handler
        """`GET /_mock/sip/calls`: all that are known, oldest first."""
        return web.json_response({"calls": [_described(call) for call in self._calls.calls]})

    async def show(self, request: web.Request) -> web.Response:
        """`GET /_mock/sip/calls/{id}`: one of them."""
        return web.json_response(_described(self._find(request)))

    async def audio(self, request: web.Request) -> web.Response:
        """`GET /_mock/sip/calls/{id}/audio`: what the caller has heard since the call was accepted, as a WAV."""
        wav = encode_wav(self._find(request).line.recording, rate=SAMPLE_RATE)
        return web.Response(body=wav, content_type="audio/wav")

    async def say(self, request: web.Request) -> web.Response:
        """`POST /_mock/sip/calls/{id}/say`: the caller says something more, after what is not said yet."""
        call = self._find(request)
        call.line.say(await self._speech(await self._body(request)))
        return web.json_response(_described(call))

    async def dtmf(self, request: web.Request) -> web.Response:
        """`POST /_mock/sip/calls/{id}/dtmf` with `{digits}`: the caller presses keys, one event each."""
        call = self._find(request)
        digits = (await self._body(request, "sip.dtmf.request"))["digits"]
        for digit in digits:
            _act(lambda digit=digit: call.press(digit))  # type: ignore[misc]
        return web.json_response(_described(call))

    async def hangup(self, request: web.Request) -> web.Response:
        """`POST /_mock/sip/calls/{id}/hangup`: the caller hangs up."""
        call = self._find(request)
        _act(lambda: call.hang_up("the caller hung up"))
        return web.json_response(_described(call))

    def _find(self, request: web.Request) -> SipCall:
        call = self._calls.find(request.match_info["id"])
        if call is None:
            raise HttpFault(404, ApiError("No SIP call of this id.", code="call_id_not_found"))
        return call

    async def _body(self, request: web.Request, name: str = "sip.calls.request") -> dict[str, Any]:
        """The JSON object, or the parts of a form as if they were one."""
        raw = await read_body(request.clone(client_max_size=MAX_BODY))
        if request.content_type == "multipart/form-data":
            return self._from_form(form_parts(request.headers["Content-Type"], raw))
        try:
            body = parse_json(raw) if raw.strip() else {}
        except ValueError as error:
            raise HttpFault(400, ApiError(f"We could not parse the JSON body of your request. {error}")) from None
        fault = self._sessions.registry.first_body_error(name, body)
        if fault is not None or not isinstance(body, dict):
            raise HttpFault(400, fault or ApiError("The request body must be a JSON object."))
        return body

    def _from_form(self, parts: Mapping[str, bytes]) -> dict[str, Any]:
        body: dict[str, Any] = {
            name: base64.b64encode(value).decode() if name == "audio" else value.decode("utf-8", "replace")
            for name, value in parts.items()
        }
        fault = self._sessions.registry.first_body_error("sip.calls.request", body)
        if fault is not None:
            raise HttpFault(400, fault)
        return body

    async def _speech(self, body: Mapping[str, Any]) -> bytes:
        """What the caller says, 24 kHz PCM: the audio given, then the text."""
        audio = await asyncio.to_thread(_decoded, body["audio"]) if body.get("audio") else b""
        if not body.get("text"):
            return audio
        spoken = await asyncio.to_thread(self._sessions.voice.speak, body["text"], voice=USER_VOICE, speed=1.0)
        return audio + spoken.pcm

    def _incoming(self, call: SipCall, skew: float) -> dict[str, Any]:
        sip_headers = [{"name": name, "value": value} for name, value in call.headers]
        return {
            "id": "evt_" + self._sessions.next_ids().padding(32),
            "object": "event",
            "type": "realtime.call.incoming",
            "created_at": int(self._sessions.clock.now() + skew),
            "data": {"call_id": call.id, "sip_headers": sip_headers},
        }


def _headers(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    given = body.get("headers") or {}
    own = {"From": body.get("from") or _FROM, "To": body.get("to") or _TO}
    return tuple({**own, **given}.items())


def _decoded(audio: str) -> bytes:
    try:
        pcm, rate = decode_wav(base64.b64decode(audio, validate=True), name="audio")
    except (WavError, binascii.Error, ValueError) as error:
        raise HttpFault(400, ApiError(f"'audio' is no WAV in base64: {error}", "invalid_value", "audio")) from None
    if rate not in range(4_000, 192_001):
        raise HttpFault(400, ApiError(f"'audio' has {rate} samples a second.", "invalid_value", "audio"))
    return resample(pcm, source=rate, target=SAMPLE_RATE)


def _act(act: Callable[[], None]) -> None:
    try:
        act()
    except IllegalMove as error:
        raise HttpFault(409, ApiError(f"{error}.", code="invalid_call_state")) from None


def _described(call: SipCall) -> dict[str, Any]:
    return {
        "id": call.id,
        "session_id": call.session_id,
        "state": call.state.value,
        "status_code": call.status_code,
        "target_uri": call.target_uri,
        "headers": dict(call.headers),
        "unsaid": round(call.line.unsaid, 3),
    }
