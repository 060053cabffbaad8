"""`/_mock/speech` says things in the mock's voice."""

from __future__ import annotations

import pytest

from realtime_mock.audio.formats import Format
from realtime_mock.audio.wav import decode_wav
from realtime_mock.hearing.saying import Said
from realtime_mock.media.voice import default_voice

LONG = "".join(chr(0x3A9 + number * 37 % 500) for number in range(150))


async def ask(http, **body):
    async with http.post("/_mock/speech", json=body) as response:
        return response.status, response.content_type, await response.read()


async def test_it_is_what_speak_says(http):
    status, kind, wav = await ask(http, text="Hello.", silence=0.5, before=0.1)
    assert (status, kind) == (200, "audio/wav")
    assert decode_wav(wav, name="wav") == (Said(("Hello.",), silence=0.5, before=0.1).pcm(default_voice()), 24_000)


async def test_it_comes_in_other_formats(http):
    said = Said(("Hello.",)).pcm(default_voice())
    for given, form in (({"rate": 48_000}, Format("pcm", 48_000)), ({"format": "pcma"}, Format("pcma", 8_000))):
        assert (await ask(http, text="Hello.", **given))[2] == form.wav(form.samples(said))


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({"text": " "}, b"there is nothing to say in ' '; write words"),
        ({"text": "Hi", "format": "mp3"}, b"format"),
        ({"text": "Hi", "format": "pcmu", "rate": 24_000}, b"G.711 has 8000"),
        ({"text": LONG, "beacon": True}, b"about 150 letters"),
        ({}, b"text"),
    ],
)
async def test_what_cannot_be_said_is_a_400_with_the_reason(http, body, part):
    status, _, answer = await ask(http, **body)
    assert (status, part in answer) == (400, True), answer
