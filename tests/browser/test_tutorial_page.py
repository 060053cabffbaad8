"""The page of the tutorial, with its button pressed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from realtime_mock.server import RealtimeMock

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"


def tutorial_page(mock: RealtimeMock) -> str:
    """`call.html`, with this mock's address in place of the one that `serve` has by default."""
    found = re.search(r"`call\.html`.*?```html\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1].replace("http://127.0.0.1:8080/v1", mock.base_url)


async def test_the_tutorial_s_page_is_answered(page: Page, mock: RealtimeMock, site: str) -> None:
    async def serve(route: Route) -> None:
        await route.fulfill(body=tutorial_page(mock), content_type="text/html")

    await page.route("**/call.html", serve)
    await page.goto(f"{site}/call.html")
    await page.click("button")
    await page.wait_for_function("document.getElementById('log').textContent.includes('output_audio_buffer.stopped')")
    log = (await page.inner_text("#log")).split()
    assert log[0] == "session.created"
    assert "error" not in log
