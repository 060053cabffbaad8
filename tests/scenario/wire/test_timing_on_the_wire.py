"""A scenario's timing rules the sessions of a server."""

from __future__ import annotations

import asyncio
import time

import openai

from realtime_mock.core.speech import Speech
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

MINUTE = """
scenario: fast
timing: {pace: 0, latency: 200ms, jitter: 20ms}
rules:
  - on: response.create
    turns:
      - say: A minute of speech.
"""


class MinuteVoice:
    """A minute of silence for whatever is said."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, bytes(60 * 48_000))


async def test_a_minute_of_speech_comes_at_the_scenarios_pace_not_the_mocks():
    mock = RealtimeMock(Settings(port=0, pace=1.0), scenario=parse_scenario(MINUTE), voice=MinuteVoice())
    async with mock, asyncio.timeout(10.0):
        client = openai.AsyncOpenAI(api_key="sk-test", base_url=mock.base_url)
        async with client.realtime.connect(model="gpt-realtime") as connection:
            start = time.monotonic()
            await connection.response.create()
            async for event in connection:
                if event.type == "response.done":
                    break
            assert time.monotonic() - start >= 0.2
