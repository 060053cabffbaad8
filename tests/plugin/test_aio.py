"""From a test in an event loop: no wait stops the loop, and nobody can stop it by mistake."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from realtime_mock import RealtimeMock, Settings, open_lane_async
from realtime_mock.testing import BlockingWait, ConversationFailed, NeverCame


def dialled(view):
    headers = {"Authorization": f"Bearer {view.api_key}"}
    # Whoever stops to read would wait for the end of what comes before the close.
    return connect(f"{view.ws_url}?model=gpt-realtime", additional_headers=headers, max_queue=None)


async def test_a_wait_leaves_the_loop_to_the_client(view):
    async def client():
        async with dialled(view) as socket:
            await socket.send(json.dumps({"type": "response.create"}))
            await socket.recv()
            await finished.wait()

    finished = asyncio.Event()
    task = asyncio.create_task(client())
    event = await view.aio.wait_for("response.create")
    finished.set()
    await task
    assert event.direction == "in"


async def test_a_blocking_wait_is_refused_with_what_to_write(view):
    with pytest.raises(BlockingWait, match=r"await realtime_mock\.aio\.wait_for"):
        view.wait_for("response.create")


async def test_a_wait_in_vain_ends(view):
    with pytest.raises(NeverCame):
        await view.aio.wait_for("response.create", timeout=0.05)


async def test_a_cancelled_wait_ends_at_once(view):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await view.aio.wait_for("response.create", timeout=60)


async def test_a_mock_in_the_same_loop_is_asked_through_aio():
    async with RealtimeMock(Settings(port=0)) as mock, open_lane_async(mock.base_url) as view:
        await view.aio.scenario("greeting")
        async with dialled(view) as socket:
            await socket.send(json.dumps({"type": "response.create"}))
            await view.aio.wait_for("response.done")
        assert len(await view.aio.sessions()) == 1
        assert len(await view.aio.events("response.create")) == 1


async def test_a_mock_in_the_same_loop_is_judged_too():
    async with RealtimeMock(Settings(port=0)) as mock:
        with pytest.raises(ConversationFailed):
            async with open_lane_async(mock.base_url) as view:
                await view.aio.expect("response.create")


async def test_what_a_real_client_needs_can_be_asked_beside_it(view):
    entries = await asyncio.gather(view.aio.entries(), view.aio.entries())
    assert entries == [[], []]
