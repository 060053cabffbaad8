"""Calls in every codec that is served, over the shared plane and with `--media compat`."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from realtime_mock.settings import MediaMode, Settings

CODECS = {"opus": "opus/48000/2", "PCMU": "PCMU/8000", "PCMA": "PCMA/8000"}
MODES = get_args(MediaMode)


def loud(level: float) -> bool:
    return level > -45.0


@pytest.fixture(params=MODES)
def settings(request: Any) -> Settings:
    return Settings(port=0, media=request.param)


def only(codec: str) -> Any:
    """A change to an offer that leaves one codec in it."""

    def change(sdp: str) -> str:
        [(number, _)] = re.findall(rf"a=rtpmap:(\d+) ({codec}/\S+)", sdp)
        return re.sub(r"(m=audio \d+ \S+) .*", rf"\1 {number}", sdp)

    return change


@pytest.mark.parametrize("codec", CODECS)
async def test_a_spoken_question_is_answered_aloud(new_caller: Any, codec: str, spoken: bytes) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial(change=only(codec))
    ear = await caller.ear()
    assert f" {CODECS[codec]}\r\n" in caller.answer
    await caller.until("session.created")
    await caller.microphone.say(spoken)
    await caller.until("input_audio_buffer.speech_started")
    await caller.until("input_audio_buffer.committed")
    await caller.until("output_audio_buffer.started")
    await ear.until(loud)
    await caller.until("output_audio_buffer.stopped")


async def test_an_answer_can_be_cleared(new_caller: Any) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    await caller.until("session.created")
    ear = await caller.ear()
    caller.say_text("Tell me a rather long story about the sea, the ships on it, and all who sail in them.")
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.started")
    await ear.until(loud)
    caller.send({"type": "output_audio_buffer.clear"})
    await caller.until("output_audio_buffer.cleared")
    await ear.until(lambda level: level < -70, frames=20)
