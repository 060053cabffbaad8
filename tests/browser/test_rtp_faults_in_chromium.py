"""What Chromium measures of a call on a bad network, and of one on a good network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

    from realtime_mock.server import RealtimeMock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

PACKETS = 150
STATS = """async (packets) => {
  const inbound = async () =>
    [...(await call.pc.getStats()).values()].find((report) => report.type === "inbound-rtp");
  let report = await inbound();
  while (!report || report.packetsReceived + report.packetsLost < packets) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    report = await inbound();
  }
  return report;
}"""


async def set_faults(mock: RealtimeMock, text: str) -> None:
    url = mock.base_url.removesuffix("/v1") + "/_mock/faults"
    async with aiohttp.ClientSession() as http, http.put(url, data=text) as response:
        assert response.status == 200, await response.text()


async def measured(page: Page, mock: RealtimeMock) -> Any:
    """What Chromium says of the sound of a call, after so many packets."""
    await page.evaluate("(url) => startUnified(url)", f"{mock.base_url}/realtime/calls")
    await page.wait_for_function("has('session.created')")
    async with asyncio.timeout(60):
        return await page.evaluate(STATS, PACKETS)


async def test_a_call_without_faults_loses_nothing(page: Page, mock: RealtimeMock) -> None:
    report = await measured(page, mock)
    assert report["packetsLost"] == 0
    assert mock.journal.entries(kind="fault") == []


async def test_a_lossy_call_loses_packets_and_conceals_it(page: Page, mock: RealtimeMock) -> None:
    await set_faults(mock, "rtp_loss: {}\nprobability: 0.2")
    report = await measured(page, mock)
    assert 10 < report["packetsLost"] < 60
    assert report["concealmentEvents"] > 0


async def test_a_jittery_call_is_measured_as_one(page: Page, mock: RealtimeMock) -> None:
    await set_faults(mock, "rtp_jitter: 150ms")
    report = await measured(page, mock)
    assert report["jitter"] > 0.01


async def test_a_mock_that_has_vanished_disconnects_the_page(page: Page, mock: RealtimeMock) -> None:
    await set_faults(mock, "on: session.created\nvanish: {}")
    await page.evaluate("(url) => startUnified(url)", f"{mock.base_url}/realtime/calls")
    await page.wait_for_function("call.pc.iceConnectionState === 'disconnected'")
    assert [event["type"] for event in await page.evaluate("call.events")] == ["session.created"]
