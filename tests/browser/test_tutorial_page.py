"""The page of the tutorial, with its button pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]


async def test_the_tutorial_s_page_is_answered(page: Page, site: str) -> None:
    await page.goto(f"{site}/call.html")
    await page.click("button")
    await page.wait_for_function("document.getElementById('log').textContent.includes('output_audio_buffer.stopped')")
    log = (await page.inner_text("#log")).split()
    assert log[0] == "session.created"
    assert "error" not in log
