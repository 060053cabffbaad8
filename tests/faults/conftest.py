"""Faults as they are written; a mock, and WebSocket clients for them to happen to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from realtime_mock.core.speech import Speech
from realtime_mock.faults.model import Fault
from realtime_mock.faults.reading import parse_faults
from realtime_mock.registry import SchemaRegistry
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
SOCKET = "/v1/realtime?model=gpt-realtime"

Closed = aiohttp.WSMessage


class PlainVoice:
    """10 ms of a constant for each character: no synthesizer to wait for."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * 240 * len(text))


class Client:
    """A WebSocket with a deadline on every wait, and all that it got."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.texts: list[str] = []

    @property
    def types(self) -> list[str]:
        """The types of all events received so far."""
        return [json.loads(text)["type"] for text in self.texts]

    async def send(self, *events: dict[str, Any]) -> None:
        for event in events:
            await self.socket.send_json(event)

    async def receive(self) -> dict[str, Any]:
        message = await self.socket.receive(timeout=DEADLINE)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        self.texts.append(message.data)
        event: dict[str, Any] = json.loads(message.data)
        return event

    async def receive_until(self, kind: str) -> list[dict[str, Any]]:
        events = [await self.receive()]
        while events[-1]["type"] != kind:
            events.append(await self.receive())
        return events

    async def answer(self) -> list[dict[str, Any]]:
        """Ask for a response in text, and take all of it."""
        await self.ask()
        return await self.receive_until("response.done")

    async def ask(self) -> None:
        await self.send({"type": "response.create", "response": {"output_modalities": ["text"]}})

    async def echo(self) -> dict[str, Any]:
        """Clear the input buffer, and take the very next event."""
        await self.send({"type": "input_audio_buffer.clear"})
        return await self.receive()

    async def end(self) -> tuple[aiohttp.WSMsgType, int | None]:
        """Take what is still to come; tell how the connection ended."""
        while True:
            message = await self.socket.receive(timeout=DEADLINE)
            if message.type is not aiohttp.WSMsgType.TEXT:
                code = message.data if message.type is aiohttp.WSMsgType.CLOSE else self.socket.close_code
                return message.type, code
            self.texts.append(message.data)


@pytest.fixture(scope="session")
def read() -> Callable[[str], tuple[Fault, ...]]:
    """The faults in a text."""
    registry = SchemaRegistry.bundled()
    return lambda text: parse_faults(text, "faults", registry)


@pytest.fixture
async def mock() -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0, pace=0, beta="serve"), voice=PlainVoice()) as mock:
        yield mock


@pytest.fixture
async def http(mock) -> AsyncIterator[aiohttp.ClientSession]:
    base = mock.base_url.removesuffix("/v1")
    async with aiohttp.ClientSession(base, timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session


@pytest.fixture
def put(http) -> Callable[[str], Awaitable[None]]:
    """Put faults, and no others, as YAML."""

    async def put(text: str, *, lane: str | None = None) -> None:
        params = {} if lane is None else {"lane": lane}
        async with http.put("/_mock/faults", data=text, params=params) as response:
            assert response.status == 200, await response.text()

    return put


@pytest.fixture
async def connect(http) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """Open a session, and take its `session.created` unless told not to."""
    async with AsyncExitStack() as stack:

        async def connect(*, path: str = SOCKET, opens: bool = True, **headers: str) -> Client:
            given = {"Authorization": "Bearer sk-test"} | {key.replace("_", "-"): text for key, text in headers.items()}
            client = Client(await stack.enter_async_context(http.ws_connect(path, headers=given, max_msg_size=0)))
            if opens:
                assert (await client.receive())["type"] == "session.created"
            return client

        yield connect


@pytest.fixture
def ended(mock) -> Callable[[], Awaitable[None]]:
    """Wait until the mock has no session any more."""

    async def wait() -> None:
        async with asyncio.timeout(DEADLINE):
            for driver in mock.sessions:
                await driver.closed.wait()

    return wait


@pytest.fixture
def struck(mock) -> Callable[[], list[str]]:
    """The kinds of the faults that the journal tells of."""
    return lambda: [entry.fault for entry in mock.journal.entries(kind="fault")]
