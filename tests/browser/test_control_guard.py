"""What a page on the web can do to a developer's mock, tried in Chromium: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

from .conftest import CHROMIUM_FLAGS, SITE, chromium_path

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

ATTEMPTS = 15
"""Requests that the page makes at least; a preflight that fails leaves one out."""


@pytest.fixture
async def attacker() -> AsyncIterator[int]:
    """The port of a server whose pages attack."""
    application = web.Application()
    application.router.add_static("/", SITE)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium for which every name below `.example` is this machine, as a rebound name is.

    It lets pages from elsewhere ask the loopback address, as every browser did before 2025.
    """
    path = chromium_path()
    from playwright.async_api import async_playwright

    features = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    rebound = "--host-resolver-rules=MAP *.example 127.0.0.1"
    flags = [*CHROMIUM_FLAGS, f"--disable-features={features}", rebound]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        await browser.close()


async def attack(browser: Browser, page_url: str, mock_url: str) -> dict[str, Any]:
    """What the page could read, by the way in which it tried."""
    page = await browser.new_page()
    page.set_default_timeout(30_000)
    html = (SITE / "attack.html").read_text(encoding="utf-8")
    # A rebound name led to the attacker's server first: the page comes from there.
    await page.route(page_url, lambda route: route.fulfill(body=html, content_type="text/html"))
    await page.goto(page_url)
    read = await page.evaluate("(mock) => attack(mock)", mock_url)
    await page.close()
    return {name: found for name, found in read.items() if found is not None}


def asked(mock: RealtimeMock) -> list[int]:
    """The statuses of the control API's answers so far."""
    exchanges = [entry.event for entry in mock.journal.entries(kind="http")]
    return [exchange["status"] for exchange in exchanges if exchange["path"].startswith("/_mock")]


def changed(mock: RealtimeMock) -> dict[str, Any]:
    """What a stranger would have changed."""
    lanes = mock.factory.lanes
    return {
        "lanes": [lane.name for lane in lanes],
        "scenario": lanes.default.scenario,
        "faults": lanes.default.faults.set.shown(),
    }


async def test_a_page_of_another_origin_reads_and_changes_nothing(browser, mock, attacker):
    before = changed(mock)
    page_url = f"http://evil.example:{attacker}/attack.html"

    read = await attack(browser, page_url, mock.base_url.removesuffix("/v1"))

    assert read == {}
    assert changed(mock) == before
    assert len(asked(mock)) >= ATTEMPTS
    assert set(asked(mock)) == {403}


async def test_a_page_of_the_same_machine_but_another_port_reads_and_changes_nothing(browser, mock, attacker):
    before = changed(mock)

    read = await attack(browser, f"http://127.0.0.1:{attacker}/attack.html", mock.base_url.removesuffix("/v1"))

    assert (read, changed(mock), set(asked(mock))) == ({}, before, {403})


async def test_a_page_under_a_name_that_was_rebound_reads_and_changes_nothing(browser, mock):
    before = changed(mock)
    port = mock.base_url.removesuffix("/v1").rpartition(":")[2]
    origin = f"http://rebound.example:{port}"

    read = await attack(browser, f"{origin}/attack.html", origin)

    assert (read, changed(mock)) == ({}, before)
    assert len(asked(mock)) >= ATTEMPTS
    assert set(asked(mock)) == {403}


async def test_the_same_page_reads_and_changes_what_it_likes_where_it_is_allowed(browser, attacker):
    origin = f"http://evil.example:{attacker}"
    async with RealtimeMock(Settings(port=0, control_origins=(origin,))) as mock:
        read = await attack(browser, f"{origin}/attack.html", mock.base_url.removesuffix("/v1"))

        assert read["fetch"].startswith('{"sessions":')
        assert changed(mock) != {"lanes": [""], "scenario": None, "faults": []}
