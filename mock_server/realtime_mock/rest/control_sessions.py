"""`/_mock/sessions/{id}/...`: what a test does to one session."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.audio.pcm import resample
from realtime_mock.audio.wav import WavError, decode_wav, encode_wav
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE
from realtime_mock.driver import SessionDriver
from realtime_mock.journal import Direction
from realtime_mock.rest.bodies import checked_json, read_body
from realtime_mock.rest.control import as_answer
from realtime_mock.rest.errors import HttpFault
from realtime_mock.rest.lanes import named_lane
from realtime_mock.rest.questions import choice
from realtime_mock.scenario.phrase import USER_VOICE
from realtime_mock.sessions import SessionFactory
from realtime_mock.wire import event_text

MAX_AUDIO_BYTES = 32 * 2**20
"""Largest body of audio: minutes of it."""

_RATES = range(4_000, 192_001)
_PIECE_MS = 1000
_SILENCE = 2.0
"""Seconds behind injected audio that let every turn detection hear its end."""


class SessionControl:
    """Lets tests act on a session as its client, its user or the service would."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions

    async def inject(self, request: web.Request) -> web.Response:
        """`POST /_mock/sessions/{id}/events`: an event that the session did not make, or that its client did not send.

        With `from` "server" it goes to the client on every channel, and the session knows nothing of it. It must fit
        its schema, unless `invalid` is true; it gets an `event_id` where it has none. With `from` "client" the session
        takes it as if its client had sent it, and the journal shows it on the channel "control".
        """
        body = await checked_json(request, self._sessions.registry, "control.events.request")
        driver = self._living(request)
        event: dict[str, Any] = body["event"]
        if body.get("from") == "client":
            driver.receive_text(event_text(event), _CONTROL)
            return as_answer({"event": event}, status=202)
        if not body.get("invalid"):
            event = {"event_id": self._sessions.next_ids().event(), **event} if "event_id" not in event else event
            violation = self._sessions.registry.first_server_error(event)
            if violation is not None:
                message = f'This event breaks its schema: {violation} Correct it, or add "invalid": true.'
                raise HttpFault(400, ApiError(message, code="invalid_event", param="event"))
        driver.announce(event, scripted=True)
        return as_answer({"event": event}, status=202)

    async def hear(self, request: web.Request) -> web.Response:
        """`POST /_mock/sessions/{id}/audio`: the session hears this as if its microphone had.

        The body is a WAV file, or JSON with a `text` that is spoken. It is heard at once, however long it is. On a
        WebSocket with turn detection two seconds of silence follow, so that the turn ends; `silence` says otherwise.
        """
        driver = self._living(request)
        pcm, silence = await self._sound(request)
        if silence is None:
            silence = _SILENCE if _wants_silence(driver) else 0.0
        for piece in _pieces(pcm + bytes(round(silence * 1000) * BYTES_PER_MS)):
            driver.receive_audio(piece)
        return as_answer({"ms": len(pcm) // BYTES_PER_MS, "silence": silence}, status=202)

    async def audio(self, request: web.Request) -> web.Response:
        """`GET /_mock/sessions/{id}/audio`: what the session heard, or what its client was sent, as a WAV file.

        It has 24 kHz, mono, whatever was on the wire. `direction` is "in" for what was heard from the client, and "out"
        for what was sent to it or, on a call, played to its end or till it was interrupted. What faults did to events
        on their way does not count here. The oldest audio of a mock that has kept very much is gone.
        """
        direction: Direction = "out" if choice(request, "direction", ("in", "out")) == "out" else "in"
        session_id, lane = request.match_info["id"], named_lane(request)
        record = next((each for each in self._sessions.records if each.id == session_id), None)
        if record is None or lane not in (None, record.lane):
            raise HttpFault(404, ApiError("No session of this id.", code="session_not_found", param="id"))
        driver = next((each for each in self._sessions.live if each.session_id == session_id), None)
        if driver is not None and driver.settle_audio is not None:
            # A call may keep audio back that nobody has listened to.
            driver.settle_audio()
        pcm = await asyncio.to_thread(self._sessions.audio.pcm, session_id, direction)
        return web.Response(body=encode_wav(pcm or b"", rate=SAMPLE_RATE), content_type="audio/wav")

    async def close(self, request: web.Request) -> web.Response:
        """`POST /_mock/sessions/{id}/close`: the session ends, with this code and reason on a WebSocket."""
        body = await checked_json(request, self._sessions.registry, "control.close.request")
        driver = self._living(request)
        code, reason = body.get("code", 1000), body.get("reason", "")
        driver.close(code=code, reason=reason)
        return as_answer({"session_id": driver.session_id, "code": code, "reason": reason})

    def _living(self, request: web.Request) -> SessionDriver:
        session_id, lane = request.match_info["id"], named_lane(request)
        for driver in self._sessions.live:
            if driver.session_id == session_id and lane in (None, driver.lane):
                return driver
        message = "No session of this id lives. GET /_mock/sessions lists those that do."
        raise HttpFault(404, ApiError(message, code="session_not_found", param="id"))

    async def _sound(self, request: web.Request) -> tuple[bytes, float | None]:
        """What is heard, 24 kHz PCM, and the seconds of silence asked for."""
        if request.content_type == "application/json":
            body = await checked_json(request, self._sessions.registry, "control.audio.request")
            speech = await asyncio.to_thread(self._sessions.voice.speak, body["text"], voice=USER_VOICE, speed=1.0)
            return speech.pcm, body.get("silence")
        raw = await read_body(request.clone(client_max_size=MAX_AUDIO_BYTES))
        try:
            return await asyncio.to_thread(_decoded, raw), None
        except WavError as error:
            message = f"{error}. Send a WAV file, or JSON with a 'text' to be spoken."
            raise HttpFault(400, ApiError(message, code="invalid_audio")) from None


class _ControlChannel:
    """The way by which a test's own events come; nothing leaves by it."""

    name = "control"

    def send_text(self, text: str) -> None:
        """Nobody listens here: the session's channels have it."""

    def close(self, code: int, reason: str) -> None:
        """There is nothing to close."""


_CONTROL = _ControlChannel()


def _decoded(raw: bytes) -> bytes:
    pcm, rate = decode_wav(raw, name="the body")
    if rate not in _RATES:
        raise WavError(f"the body: {rate} samples a second are not read here")
    return resample(pcm, source=rate, target=SAMPLE_RATE)


def _pieces(pcm: bytes) -> list[bytes]:
    size = _PIECE_MS * BYTES_PER_MS
    return [pcm[start : start + size] for start in range(0, len(pcm), size)]


def _wants_silence(driver: SessionDriver) -> bool:
    """Whether nothing else would let the turn end: a call's microphone goes on by itself."""
    session = driver.session.snapshot()["session"]
    turn_detection = ((session.get("audio") or {}).get("input") or {}).get("turn_detection")
    return driver.speaker is None and turn_detection is not None
