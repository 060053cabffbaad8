"""A call comes up in Chromium whatever the answer looks like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, get_args

import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import SdpProfile, Settings

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]


@pytest.fixture(params=get_args(SdpProfile))
async def mock(request: pytest.FixtureRequest) -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0, sdp_profile=request.param)) as running:
        yield running


async def test_events_and_sound_pass_both_ways(page: Page, mock: RealtimeMock) -> None:
    await page.evaluate("(url) => startUnified(url)", f"{mock.base_url}/realtime/calls")
    await page.wait_for_function("has('output_audio_buffer.stopped')")
    types = [event["type"] for event in await page.evaluate("call.events")]
    assert types[0] == "session.created"
    assert "input_audio_buffer.speech_stopped" in types
    assert (await page.evaluate("call.heard"))["loudest"] > 0.01
