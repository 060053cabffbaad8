"""A mock, and a WebSocket to it that has seen `session.created`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from realtime_mock.core.speech import Speech
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

URL = "/v1/realtime?model=gpt-realtime"
DEADLINE = 10.0


class PlainVoice:
    """10 ms of a constant for each character: no synthesizer to wait for."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 240 * len(text))


class Client:
    """A socket with a deadline on every wait."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, event: object) -> None:
        await self.socket.send_str(event if isinstance(event, str) else json.dumps(event))

    async def receive(self) -> dict[str, Any]:
        event: dict[str, Any] = await self.socket.receive_json(timeout=DEADLINE)
        return event

    async def receive_until(self, kind: str) -> list[dict[str, Any]]:
        events = [await self.receive()]
        while events[-1]["type"] != kind:
            events.append(await self.receive())
        return events

    async def is_alive(self) -> bool:
        """Whether the very next event answers a harmless one, so that nothing else was on its way."""
        await self.send({"type": "input_audio_buffer.clear"})
        return (await self.receive())["type"] == "input_audio_buffer.cleared"


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0, pace=0)


@pytest.fixture
async def mock(settings) -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(settings, voice=PlainVoice()) as mock:
        yield mock


@pytest.fixture
async def http(mock) -> AsyncIterator[aiohttp.ClientSession]:
    """A client without a key."""
    base = mock.base_url.removesuffix("/v1")
    async with aiohttp.ClientSession(base, timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@pytest.fixture
async def client(http) -> AsyncIterator[Client]:
    async with http.ws_connect(URL, headers={"Authorization": "Bearer sk-test"}, max_msg_size=0) as socket:
        client = Client(socket)
        assert (await client.receive())["type"] == "session.created"
        yield client


@pytest.fixture
def ended(mock) -> Callable[[], Any]:
    """Wait until the mock has no session any more."""

    async def wait() -> None:
        async with asyncio.timeout(DEADLINE):
            for driver in mock.sessions:
                await driver.closed.wait()

    return wait
