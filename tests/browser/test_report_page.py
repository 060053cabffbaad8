"""The page of a conformance report in a real browser."""

from __future__ import annotations

import pytest
from tests.suites.examples import FINE, report

from realtime_conformance.reporting import as_html

from .conftest import CHROMIUM_FLAGS, chromium_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60)]


@pytest.fixture
async def page(tmp_path):
    """The page of two agents; what goes wrong in its script fails the test."""
    path = chromium_path()
    from playwright.async_api import async_playwright

    file = tmp_path / "report.html"
    file.write_text(as_html([report(), report(FINE, agent="mock")]), encoding="utf-8")
    wrong = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        try:
            page = await browser.new_page(viewport={"width": 1000, "height": 700})
            page.set_default_timeout(10_000)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
            await page.goto(file.as_uri())
            yield page
        finally:
            await browser.close()
    assert wrong == []


async def cells(page):
    return [
        label.split(" checks")[0]
        for label in await page.locator(".cell").evaluate_all("all => all.map(c => c.ariaLabel)")
    ]


async def test_each_cell_says_how_its_case_went(page):
    assert await cells(page) == [
        "RESP-001, gateway: a MUST does not hold, 1 of 2",
        "RESP-001, mock: passed, 1 of 1",
        "USE-001, gateway: a SHOULD does not hold, 0 of 1",
        "VAD-001, gateway: not claimed, 0 of 0",
    ]


async def test_a_cell_opens_to_its_checks_and_its_journal(page):
    await page.click(".cell.failed")
    assert await page.inner_text("#detail-title") == "RESP-001 A response"
    assert "A response ends completed." in await page.inner_text(".check.failed")
    assert await page.locator(".journal > details").count() == 4
    await page.click(".jump")
    assert '"status": "failed"' in await page.inner_text(".journal .marked pre")


async def test_arrows_go_to_the_next_case_and_the_address_follows(page):
    await page.click(".cell.failed")
    await page.keyboard.press("ArrowRight")
    await page.locator("#detail-title", has_text="USE-001").wait_for()
    assert page.url.endswith("#USE-001@1")
    await page.keyboard.press("Escape")
    await page.locator("#detail").wait_for(state="hidden")
    assert "#" not in page.url


async def test_an_address_opens_its_cell(page):
    await page.goto(f"{page.url}#RESP-001@2")
    assert (await page.inner_text("#detail-agent")).startswith("mock: passed")


async def test_cases_are_filtered_by_outcome_and_by_words(page):
    await page.check("input[value=failing]", force=True)
    assert len(await cells(page)) == 3
    await page.fill("#search", "usage")
    assert await cells(page) == ["USE-001, gateway: a SHOULD does not hold, 0 of 1"]
    await page.fill("#search", "nothing like this")
    assert await page.inner_text("#none") == "No case is like this."
