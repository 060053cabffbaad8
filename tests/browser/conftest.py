"""A Chromium with a WAV file as microphone, and the application server of the public WebRTC guide."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, FormData, web

from realtime_mock._resources import fixtures_dir
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

if TYPE_CHECKING:
    from playwright.async_api import Page

SITE = Path(__file__).parent / "site"
TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
SESSION = {"type": "realtime", "model": "gpt-realtime", "audio": {"output": {"voice": "marin"}}}
KEY = {"Authorization": "Bearer sk-application"}

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


def chromium_path() -> str:
    """Where Chromium is; the test is skipped, or failed where a browser is required, if it is not."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    missing = None if path else "no Chromium here (Debian: apt install chromium)"
    if find_spec("playwright") is None:
        missing = "no Playwright here (pip install playwright)"
    if missing and "REALTIME_MOCK_REQUIRE_BROWSER" in os.environ:
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    assert path is not None
    return path


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0)) as running:
        yield running


@pytest.fixture
async def site(mock: RealtimeMock) -> AsyncIterator[str]:
    """The guide's application server: `/session` (unified), `/token` (ephemeral), pages.

    The pages come from a real server: Chromium lets none from elsewhere call the loopback address.
    """

    async def session(request: web.Request) -> web.Response:
        form = FormData({"sdp": await request.text(), "session": json.dumps(SESSION)}, default_to_multipart=True)
        async with http.post(f"{mock.base_url}/realtime/calls", data=form, headers=KEY) as response:
            return web.Response(text=await response.text())

    async def token(_: web.Request) -> web.Response:
        body = {"session": SESSION}
        async with http.post(f"{mock.base_url}/realtime/client_secrets", json=body, headers=KEY) as response:
            return web.json_response(await response.json())

    async def tutorial_page(_: web.Request) -> web.Response:
        found = re.search(r"`call\.html`.*?```html\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
        assert found is not None
        page = found[1].replace("http://127.0.0.1:8080/v1", mock.base_url)
        return web.Response(text=page, content_type="text/html")

    application = web.Application()
    application.router.add_get("/call.html", tutorial_page)
    application.router.add_post("/session", session)
    application.router.add_get("/token", token)
    application.router.add_static("/", SITE)
    runner = web.AppRunner(application, access_log=None)
    async with ClientSession() as http:
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
        await runner.cleanup()


@pytest.fixture
def spoken() -> Path:
    """What the page's microphone says; tests may say something else."""
    return Path(str(fixtures_dir() / "audio" / "question.wav"))


@pytest.fixture
async def page(site: str, spoken: Path) -> AsyncIterator[Page]:
    """The page, loaded and not yet calling; its microphone says what is `spoken`, once."""
    path = chromium_path()
    from playwright.async_api import async_playwright

    # Without `%noloop` it would be said again and again, and interrupt its own answer.
    microphone = f"--use-file-for-fake-audio-capture={spoken}%noloop"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, microphone])
        page = await browser.new_page()
        page.set_default_timeout(30_000)
        await page.goto(f"{site}/index.html")
        yield page
        await browser.close()
