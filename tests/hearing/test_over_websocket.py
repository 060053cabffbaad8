"""What is said to a mock over WebSocket is known by its words: by the scenario of each session, whatever the clock."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import aiohttp
import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.hearing.saying import Said
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

WEATHER = "scenario: weather\nrules: [{on: {heard: How is the weather today}, turns: [say: Sunny.]}]"
PIZZA = "scenario: pizza\nrules: [{on: {heard: I would like a pizza}, turns: [say: What size]}]"
WRITES = {"type": "realtime", "output_modalities": ["text"]}
DEADLINE = 20.0


async def answer(mock: RealtimeMock, text: str, *, lane: str = "") -> str:
    """What the assistant writes to somebody who says this."""
    url = mock.base_url.replace("http", "ws", 1) + "/realtime"
    query = {"model": "gpt-realtime", **({"lane": lane} if lane else {})}
    said = base64.b64encode(Said((text,), silence=0.7).pcm(mock.factory.voice)).decode()
    headers = {"Authorization": "Bearer sk-test"}
    async with (
        asyncio.timeout(DEADLINE),
        aiohttp.ClientSession() as http,
        http.ws_connect(url, params=query, headers=headers) as socket,
    ):
        await socket.send_json({"type": "session.update", "session": WRITES})
        await socket.send_json({"type": "input_audio_buffer.append", "audio": said})
        while (event := await socket.receive_json())["type"] != "response.output_text.done":
            assert event["type"] != "error", event
    return str(event["text"])


@pytest.mark.parametrize("clock", [None, VirtualClock()], ids=["real", "virtual"])
async def test_the_answer_follows_the_words(clock: Any):
    async with RealtimeMock(Settings(port=0, pace=0), parse_scenario(WEATHER), clock=clock) as mock:
        assert await answer(mock, "How is the weather today") == "Sunny."
        [heard] = mock.journal.entries(kind="heard")
    assert (heard.event["says"], heard.direction, heard.channel) == ("How is the weather today", "in", "websocket")


async def test_each_lane_knows_its_own_phrases():
    async with RealtimeMock(Settings(port=0, pace=0)) as mock:
        for name, text in (("one", WEATHER), ("two", PIZZA)):
            mock.factory.lanes.open(name).scenario = parse_scenario(text)
        said = ["How is the weather today", "I would like a pizza"]
        first = [await answer(mock, text, lane="one") for text in said]
        second = [await answer(mock, text, lane="two") for text in said]
    assert first[0] == "Sunny."
    assert first[1].startswith("I heard you speak for")
    assert second[0].startswith("I heard you speak for")
    assert second[1] == "What size"


async def test_nothing_is_heard_where_nothing_is_known():
    async with RealtimeMock(Settings(port=0, pace=0)) as mock:
        assert (await answer(mock, "I would like a pizza")).startswith("I heard you speak for")
        assert mock.journal.entries(kind="heard") == []
        assert mock.factory.ears._worker is None
