"""Clients that live in a browser: the page's program is bundled, opened in Chromium, and heard."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from realtime_mock._resources import fixtures_dir
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.clients, pytest.mark.quick, pytest.mark.timeout(300)]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # Without `%noloop` the question would be said again and again, and interrupt its own answer.
    f"--use-file-for-fake-audio-capture={fixtures_dir() / 'audio' / 'question.wav'}%noloop",
)


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0)) as running:
        yield running


@pytest.fixture
async def browser_page(absent: Any) -> AsyncIterator[Page]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None or find_spec("playwright") is None:
        absent("no Chromium or no Playwright here (apt install chromium; pip install playwright)")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page()
        page.set_default_timeout(60_000)
        yield page
        await browser.close()


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


async def test_agents_js_in_chromium(desk: Any, site: str, mock: RealtimeMock, browser_page: Page) -> None:
    page = await desk.follow("agents-js-browser", {"http://127.0.0.1:8080/v1": mock.base_url})
    await browser_page.goto(f"{site}/call.html")
    await browser_page.wait_for_function("/^(closed|error)/m.test(document.querySelector('pre').textContent)")
    shown = await browser_page.evaluate("document.querySelector('pre').textContent")
    assert without_seconds(shown) == without_seconds(page.shown)
    assert [entry.text for entry in mock.journal.entries(kind="event", valid=False)] == []


def without_seconds(shown: str) -> str:
    """How long a microphone was heard differs by what Chromium sends before and after the words."""
    return re.sub(r"\d+\.\d seconds", "N seconds", shown)
