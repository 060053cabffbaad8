"""A mock as the upstream, and a recording proxy in front of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from realtime_mock.core.speech import Speech
from realtime_mock.recorder.proxy import RecordingProxy
from realtime_mock.recorder.upstream import upstream_at
from realtime_mock.recording.reading import Log, read_log
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

URL = "/v1/realtime?model=gpt-realtime"
KEY = {"Authorization": "Bearer sk-test-0123456789"}
DEADLINE = 20.0

SCENARIO = """
scenario: weather
rules:
  - on: {type: conversation.item.create, item: {type: function_call_output}}
    turns:
      - say: "It is sunny in Paris."
  - on: response.create
    turns:
      - - say: "Hello there."
        - call: {name: get_weather, arguments: {city: Paris}}
transcripts: ["What is the weather like?"]
"""


class PlainVoice:
    """10 ms of a constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 240 * len(text))


class Client:
    """A socket with a deadline on every wait."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def receive(self) -> dict[str, Any]:
        event: dict[str, Any] = await self.socket.receive_json(timeout=DEADLINE)
        return event

    async def until(self, kind: str) -> list[dict[str, Any]]:
        events = [await self.receive()]
        while events[-1]["type"] != kind:
            events.append(await self.receive())
        return events


@pytest.fixture
async def upstream() -> AsyncIterator[RealtimeMock]:
    settings = Settings(port=0, pace=0)
    async with RealtimeMock(settings, parse_scenario(SCENARIO), voice=PlainVoice()) as mock:
        yield mock


@pytest.fixture
def lines() -> list[str]:
    """What the proxy tells its user."""
    return []


@pytest.fixture
async def proxy(upstream, tmp_path: Path, lines) -> AsyncIterator[RecordingProxy]:
    address = upstream.base_url.removesuffix("/v1")
    async with RecordingProxy(upstream_at(address), tmp_path / "out", tell=lines.append) as proxy:
        yield proxy


@pytest.fixture
async def http(proxy) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(proxy.origin, timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@pytest.fixture
async def client(http) -> AsyncIterator[Client]:
    async with http.ws_connect(URL, headers=KEY, max_msg_size=0) as socket:
        yield Client(socket)


@pytest.fixture
def recorded(proxy):
    """End the proxy, and read what it wrote."""

    async def read() -> Log:
        await proxy.__aexit__(None, None, None)
        return read_log(proxy.path.read_text(), proxy.path.name, folder=proxy.path.parent)

    return read
