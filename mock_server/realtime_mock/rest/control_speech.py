"""`/_mock/speech`: speech for whoever tests a client that listens to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.audio.formats import FormatImpossible, format_of
from realtime_mock.core.speech import Voice
from realtime_mock.hearing.beacon import BeaconTooLong
from realtime_mock.hearing.saying import NothingToSay, Said
from realtime_mock.rest.bodies import checked_json
from realtime_mock.rest.errors import HttpFault
from realtime_mock.scenario.phrase import USER_VOICE
from realtime_mock.sessions import SessionFactory


class SpeechControl:
    """Says things in the mock's voice, so that whoever asks has the very sound that the mock knows."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions

    async def speak(self, request: web.Request) -> web.Response:
        """`POST /_mock/speech`: a text as it is said to the mock, as a WAV file.

        A scenario that lists these words knows them by this sound. G.711 comes in a WAV file too.
        """
        body = await checked_json(request, self._sessions.registry, "control.speech.request")
        try:
            wav = await asyncio.to_thread(_wav, body, self._sessions.voice)
        except (BeaconTooLong, FormatImpossible, NothingToSay) as error:
            raise HttpFault(400, ApiError(str(error), code="invalid_speech")) from None
        return web.Response(body=wav, content_type="audio/wav")


def _wav(body: Mapping[str, Any], voice: Voice) -> bytes:
    form = format_of(body.get("format", "pcm"), body.get("rate"))
    said = Said(
        (body["text"],),
        voice=body.get("voice", USER_VOICE),
        speed=body.get("speed", 1.0),
        before=body.get("before", 0.0),
        silence=body.get("silence", 0.0),
        has_beacon=body.get("beacon", False),
    )
    return form.wav(form.samples(said.pcm(voice)))
