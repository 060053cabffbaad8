"""A call comes up with libwebrtc whatever the answer looks like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, get_args

import pytest

from realtime_mock.settings import SdpProfile, Settings

TOP_DBFS = -40.0
"""Louder than this is speech."""

SETUP = {"service": "passive", "service-active": "active", "aiortc": "active"}


@pytest.fixture(params=get_args(SdpProfile))
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings(port=0, sdp_profile=request.param)


async def test_events_and_sound_pass_both_ways(
    new_caller: Callable[[], Any], settings: Settings, spoken: bytes
) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    assert f"a=setup:{SETUP[settings.sdp_profile]}\r\n" in caller.answer
    assert ("a=ice-lite\r\n" in caller.answer) == (settings.sdp_profile != "aiortc")
    assert (await caller.next())["type"] == "session.created"
    ear = await caller.ear(stream=None if settings.sdp_profile == "aiortc" else "realtimeapi")
    await caller.microphone.say(spoken)
    await caller.until("input_audio_buffer.speech_stopped")
    await asyncio.gather(ear.until(lambda level: level > TOP_DBFS), caller.until("output_audio_buffer.started"))
