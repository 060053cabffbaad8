"""Clients that live in a browser: the page's program is bundled, opened in Chromium, and heard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings
from realtime_mock.tls import local_certificate, public_key_hash

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

# daily-js asks its engine for devices. The transport then takes the microphone from the browser.
DAILY_ENGINE = """
const devices = { camera: {}, mic: {}, speaker: {}, devices: [] };
window.addEventListener("message", ({ data }) => {
  if (data.what !== "iframe-call-message" || data.from !== "module" || !data.callbackStamp) return;
  window.postMessage({ ...devices, ...data, from: "embedded" }, "*");
});
"""

# A microphone that is silent until `speak()` is called.
MICROPHONE = """
const context = new AudioContext();
const microphone = context.createMediaStreamDestination();
const silence = context.createConstantSource();
silence.offset.value = 0;
silence.connect(microphone);
silence.start();
navigator.mediaDevices.getUserMedia = async () => microphone.stream;
window.speak = async () => {
  const file = await (await fetch("question.wav")).arrayBuffer();
  const words = context.createBufferSource();
  words.buffer = await context.decodeAudioData(file);
  words.connect(microphone);
  words.start();
};
"""


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0)) as running:
        yield running


@pytest.fixture
async def site(desk: Any) -> AsyncIterator[str]:
    """The desk as a web site; a real one, because Chromium lets no other page call the loopback address."""
    application = web.Application()
    application.router.add_static("/", desk.directory)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.quick
async def test_agents_js_in_chromium(desk: Any, site: str, mock: RealtimeMock, open_browser: Any) -> None:
    page = await desk.follow("agents-js-browser", {"http://127.0.0.1:8080/v1": mock.base_url})
    browser = await open_browser()
    await browser.goto(f"{site}/call.html")
    await until_shown(browser, "closed")
    assert without_seconds(await shown_by(browser)) == without_seconds(page.shown)
    assert [entry.text for entry in mock.journal.entries(kind="event", valid=False)] == []


async def test_pipecat_transport_in_chromium(desk: Any, site: str, tmp_path: Path, open_browser: Any) -> None:
    tls = local_certificate(tmp_path / "tls")
    async with RealtimeMock(Settings(port=0, tls=tls, beta="serve")) as mock:
        page = await desk.follow("pipecat-webrtc")
        address = mock.base_url.removeprefix("https://").removesuffix("/v1")
        browser = await open_browser(
            f"--host-resolver-rules=MAP api.openai.com:443 {address}",
            f"--ignore-certificate-errors-spki-list={public_key_hash(tls.certificate)}",
        )
        await browser.context.route(
            "https://c.daily.co/**", lambda route: route.fulfill(body=DAILY_ENGINE, content_type="text/javascript")
        )
        await browser.add_init_script(MICROPHONE)
        await browser.goto(f"{site}/call.html")
        for request in ("(say a sentence)", "(say another)"):
            await until_shown(browser, request)
            await browser.evaluate("speak()")
        await until_shown(browser, "closed")
        assert without_seconds(await shown_by(browser)) == without_seconds(page.shown)
        assert [entry.text for entry in mock.journal.entries(kind="event", valid=False)] == []


async def until_shown(browser: Page, words: str) -> None:
    shows = "(words) => [words, 'error'].some((word) => document.querySelector('pre').textContent.includes(word))"
    await browser.wait_for_function(shows, arg=words)


async def shown_by(browser: Page) -> str:
    text: str = await browser.evaluate("document.querySelector('pre').textContent")
    return text


def without_seconds(shown: str) -> str:
    """How long a microphone was heard differs by what Chromium sends before and after the words."""
    return re.sub(r"\d+\.\d seconds", "N seconds", shown)
