"""The browser code of the public WebRTC guide makes a whole call, in both of its variants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from realtime_mock.server import RealtimeMock

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

SPOKEN_TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "response.created",
    "response.done",
]


@pytest.fixture
async def closed(mock: RealtimeMock) -> AsyncIterator[asyncio.Event]:
    """Set when the mock has noticed that a session is over."""
    closed = asyncio.Event()

    def watch(entry: Any) -> None:
        if entry.kind == "lifecycle" and entry.text.startswith("session closed"):
            closed.set()

    stop = mock.journal.listen(watch)
    yield closed
    stop()


@pytest.mark.parametrize("variant", ["unified", "ephemeral"])
async def test_a_spoken_turn_is_answered_with_sound(
    page: Page, mock: RealtimeMock, closed: asyncio.Event, variant: str
) -> None:
    await place_call(page, mock, variant)
    await page.wait_for_function("has('output_audio_buffer.stopped')")

    types = [event["type"] for event in await page.evaluate("call.events")]
    assert types[0] == "session.created"
    assert [kind for kind in types if kind in SPOKEN_TURN] == SPOKEN_TURN
    assert "error" not in types

    heard = await page.evaluate("call.heard")
    assert heard["packets"] > 50
    assert heard["energy"] > 0
    assert heard["loudest"] > 0.01
    assert await page.evaluate("call.streams") == 1

    await page.evaluate("call.pc.close()")
    async with asyncio.timeout(10):
        await closed.wait()


async def test_the_page_from_another_origin_reads_where_its_call_is(page: Page, mock: RealtimeMock) -> None:
    await place_call(page, mock, "ephemeral")
    location = await page.evaluate("call.location")
    assert location.startswith("/v1/realtime/calls/rtc_")


async def test_the_minted_session_is_the_session_of_the_call(page: Page, mock: RealtimeMock) -> None:
    await place_call(page, mock, "ephemeral")
    await page.wait_for_function("has('session.created')")
    created = (await page.evaluate("call.events"))[0]
    assert created["session"]["audio"]["output"]["voice"] == "marin"


async def test_a_typed_message_over_the_data_channel_is_answered(page: Page, mock: RealtimeMock) -> None:
    await place_call(page, mock, "unified")
    await page.wait_for_function("has('session.created')")
    content = [{"type": "input_text", "text": "hello there!"}]
    item = {"type": "message", "role": "user", "content": content}
    await page.evaluate("send", {"type": "conversation.item.create", "item": item})
    await page.evaluate("send", {"type": "response.create", "response": {"output_modalities": ["text"]}})
    await page.wait_for_function("has('response.output_text.done')")
    done = next(event for event in await page.evaluate("call.events") if event["type"] == "response.output_text.done")
    assert "hello there!" in done["text"]


async def place_call(page: Page, mock: RealtimeMock, variant: str) -> None:
    start = "startUnified" if variant == "unified" else "startEphemeral"
    await page.evaluate(f"(url) => {start}(url)", f"{mock.base_url}/realtime/calls")
