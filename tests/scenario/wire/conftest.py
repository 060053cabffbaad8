"""A bundled scenario over a real wire: the official SDK on a WebSocket, libwebrtc in a call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import aiohttp
import openai
import pytest
from websockets.exceptions import ConnectionClosed

from realtime_mock.clock import Clock
from realtime_mock.core.speech import Speech
from realtime_mock.scenario.loader import find_scenario, load_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
KEY = "sk-test"

Event = dict[str, Any]


class ToneVoice:
    """20 ms of a loud constant for each character: no synthesizer to wait for."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x00\x20\x00\xe0" * (240 * len(text)))


class Client(Protocol):
    """One connection to the mock, past `session.created`."""

    async def send(self, event: Event) -> None: ...

    async def receive(self) -> Event: ...

    async def stop_playback(self) -> None:
        """Silence what plays: a WebSocket client does that by itself, a call asks the server."""
        ...

    async def ended(self) -> tuple[int, str] | None:
        """Wait for the end; a WebSocket tells its code and reason."""
        ...


class SocketClient:
    """The official SDK, unmodified."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def send(self, event: Event) -> None:
        await self._connection.send(event)

    async def receive(self) -> Event:
        async with asyncio.timeout(DEADLINE):
            event: Event = (await self._connection.recv()).to_dict()
        return event

    async def stop_playback(self) -> None:
        pass

    async def ended(self) -> tuple[int, str]:
        with pytest.raises(ConnectionClosed) as closed:
            await self.receive()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


class CallClient:
    """A stack that shares no code with the server's."""

    def __init__(self, webrtc: Any) -> None:
        self._webrtc = webrtc
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._ended = asyncio.Event()
        self.connection = webrtc.RTCPeerConnection()
        self.connection.add_track(webrtc.MediaStreamTrackGenerator("audio"))
        self._channel = self.connection.create_data_channel("oai-events")
        self._channel.on("message", lambda event: self._events.put_nowait(json.loads(event.data)))
        self._channel.on("close", lambda _event: self._ended.set())

    async def dial(self, mock: RealtimeMock) -> None:
        offer = await self.connection.create_offer()
        await self.connection.set_local_description(offer)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/sdp"}
        timeout = aiohttp.ClientTimeout(total=DEADLINE)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(f"{mock.base_url}/realtime/calls", data=offer.sdp, headers=headers) as response,
        ):
            answer = await response.text()
        await self.connection.set_remote_description(self._webrtc.RTCSessionDescriptionInit(type="answer", sdp=answer))

    async def send(self, event: Event) -> None:
        self._channel.send(json.dumps(event))

    async def receive(self) -> Event:
        async with asyncio.timeout(DEADLINE):
            return await self._events.get()

    async def stop_playback(self) -> None:
        await self.send({"type": "output_audio_buffer.clear"})

    async def ended(self) -> None:
        async with asyncio.timeout(DEADLINE):
            await self._ended.wait()


@asynccontextmanager
async def over_websocket(mock: RealtimeMock) -> AsyncIterator[Client]:
    sdk = openai.AsyncOpenAI(base_url=mock.base_url, api_key=KEY, timeout=DEADLINE, max_retries=0)
    async with sdk, sdk.realtime.connect(model="gpt-realtime") as connection:
        yield SocketClient(connection)


@asynccontextmanager
async def over_webrtc(mock: RealtimeMock) -> AsyncIterator[Client]:
    webrtc = pytest.importorskip("webrtc", reason="the independent WebRTC stack (wrtc) is not installed")
    client = CallClient(webrtc)
    try:
        await client.dial(mock)
        yield client
    finally:
        client.connection.close()


@pytest.fixture
def play_server() -> Callable[..., AbstractAsyncContextManager[RealtimeMock]]:
    """`play_server(name, pace=..., clock=...)`: a mock that plays a bundled scenario."""

    def serve(name: str, *, pace: float = 0.0, clock: Clock | None = None) -> RealtimeMock:
        scenario = load_scenario(find_scenario(name))
        return RealtimeMock(Settings(port=0, pace=pace), scenario, voice=ToneVoice(), clock=clock)

    return serve


@pytest.fixture
def call() -> Callable[[RealtimeMock], AbstractAsyncContextManager[Client]]:
    """`call(mock)`: a client of it on libwebrtc, which has not received anything yet."""
    return over_webrtc


Play = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=[over_websocket, over_webrtc], ids=["websocket", "webrtc"])
def play(request: pytest.FixtureRequest) -> Play:
    """`play(name, pace=...)`: a client of a mock that plays a bundled scenario."""

    @asynccontextmanager
    async def connect(name: str, *, pace: float = 0.0) -> AsyncIterator[Client]:
        scenario = load_scenario(find_scenario(name))
        settings = Settings(port=0, pace=pace)
        async with RealtimeMock(settings, scenario, voice=ToneVoice()) as mock, request.param(mock) as client:
            assert (await client.receive())["type"] == "session.created"
            yield client

    return connect
