"""A caller on libwebrtc (the package `wrtc`): a stack that shares no code with the server's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import numpy as np
import pytest

from realtime_mock.audio.pcm import dbfs, resample
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

webrtc = pytest.importorskip("webrtc", reason="the independent WebRTC stack (wrtc) is not installed")

DEADLINE = 10.0
KEY = {"Authorization": "Bearer sk-test"}
FRAME_MS = 10
RATE = 48_000


class Microphone:
    """Speaks PCM into a track in real time, and silence in between, as a sound card would."""

    def __init__(self) -> None:
        self.track = webrtc.MediaStreamTrackGenerator("audio")
        self._samples = bytearray()
        self._spoken = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def say(self, pcm24k: bytes) -> None:
        """Speak, and return when the last sample has left."""
        self._spoken.clear()
        self._samples += resample(pcm24k, source=SAMPLE_RATE, target=RATE)
        await self._spoken.wait()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        writer = self.track.writable.get_writer()
        size = RATE * FRAME_MS // 1000 * 2
        due = asyncio.get_running_loop().time()
        while True:
            data = bytes(self._samples[:size]).ljust(size, b"\0")
            del self._samples[:size]
            if not self._samples:
                self._spoken.set()
            await writer.write(
                webrtc.AudioData(
                    webrtc.AudioDataInit(
                        format="s16",
                        sample_rate=RATE,
                        number_of_frames=size // 2,
                        number_of_channels=1,
                        timestamp=0,
                        data=data,
                    )
                )
            )
            due += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


class Ear:
    """The level of what arrives on a track, 10 ms at a time."""

    def __init__(self, track: Any) -> None:
        self._processor = webrtc.MediaStreamTrackProcessor(webrtc.MediaStreamTrackProcessorInit(track))
        self._changed = asyncio.Condition()
        self.levels: list[float] = []
        self._task = asyncio.create_task(self._run())

    async def until(self, is_heard: Callable[[float], bool], *, frames: int = 1) -> None:
        """Wait for so many frames in a row of such a level (dBFS), from now on."""
        start = len(self.levels)
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(
                lambda: len(self.levels) >= start + frames and all(map(is_heard, self.levels[-frames:]))
            )

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        async for data in self._processor.readable:
            with data:
                buffer = bytearray(data.number_of_frames * data.number_of_channels * 2)
                data.copy_to(buffer, webrtc.AudioDataCopyToOptions(plane_index=0, format="s16"))
            async with self._changed:
                self.levels.append(dbfs(bytes(buffer)))
                self._changed.notify_all()


class Caller:
    """One call to the mock, as a browser would make it."""

    def __init__(self, mock: RealtimeMock, http: aiohttp.ClientSession) -> None:
        self.mock = mock
        self.http = http
        self.pc = webrtc.RTCPeerConnection()
        self.events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.seen: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self.channel: Any = None
        self.microphone: Microphone | None = None
        self.answer = ""
        self.location = ""
        self._tracks: asyncio.Queue[Any] = asyncio.Queue()
        self._ears: list[Ear] = []
        self.pc.on("track", self._tracks.put_nowait)

    def open_microphone(self) -> None:
        self.microphone = Microphone()
        self.pc.add_track(self.microphone.track)

    def open_channel(self, label: str = "oai-events", **options: Any) -> None:
        self.channel = self.pc.create_data_channel(label, webrtc.RTCDataChannelInit(**options))
        self.channel.on("message", lambda event: self.events.put_nowait(json.loads(event.data)))
        self.channel.on("close", lambda event: self.closed.set())

    async def offer(self) -> str:
        """The offer as browsers post it: at once, without candidates."""
        description = await self.pc.create_offer()
        await self.pc.set_local_description(description)
        return str(description.sdp)

    async def dial(
        self,
        *,
        change: Callable[[str], str] = str,
        change_answer: Callable[[str], Awaitable[str]] | None = None,
        session: dict[str, Any] | None = None,
    ) -> None:
        """Post the offer (changed by `change`) and take the answer (changed by `change_answer`)."""
        sdp = change(await self.offer())
        async with self.post(sdp, session) as response:
            self.answer = await response.text()
            assert response.status == 201, self.answer
            self.location = response.headers["Location"]
        if change_answer is not None:
            self.answer = await change_answer(self.answer)
        await self.pc.set_remote_description(webrtc.RTCSessionDescriptionInit(type="answer", sdp=self.answer))

    def post(self, sdp: str, session: dict[str, Any] | None = None) -> Any:
        url = f"{self.mock.base_url}/realtime/calls"
        if session is None:
            return self.http.post(url, data=sdp, headers={**KEY, "Content-Type": "application/sdp"})
        form = aiohttp.FormData()
        form.add_field("sdp", sdp, content_type="application/sdp")
        form.add_field("session", json.dumps(session), content_type="application/json")
        return self.http.post(url, data=form, headers=KEY)

    async def hang_up(self) -> int:
        """Ask the mock to end the call; give the status."""
        url = self.mock.base_url.removesuffix("/v1") + self.location + "/hangup"
        async with self.http.post(url, headers=KEY) as response:
            return response.status

    def send(self, event: dict[str, Any]) -> None:
        self.channel.send(json.dumps(event))

    def say_text(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send({"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}})

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE):
            event = await self.events.get()
        self.seen.append(event)
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        """Read events up to one of this type."""
        while (event := await self.next())["type"] != kind:
            assert event["type"] != "error", event
        return event

    async def ear(self, *, stream: str | None = "realtimeapi") -> Ear:
        """Listen to the track that the server announces, in this stream or, with None, in any."""
        async with asyncio.timeout(DEADLINE):
            event = await self._tracks.get()
        assert stream is None or [found.id for found in event.streams] == [stream]
        ear = Ear(event.track)
        self._ears.append(ear)
        return ear

    async def close(self) -> None:
        for part in (self.microphone, *self._ears):
            if part is not None:
                await part.close()
        self.pc.close()


Dial = Callable[..., Awaitable[Caller]]


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0)


@pytest.fixture
async def mock(settings: Settings) -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(settings) as mock:
        yield mock


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture
async def new_caller(mock: RealtimeMock, http: aiohttp.ClientSession) -> AsyncIterator[Callable[[], Caller]]:
    """Callers that hang up when the test is over."""
    async with AsyncExitStack() as callers:

        def new_caller() -> Caller:
            caller = Caller(mock, http)
            callers.push_async_callback(caller.close)
            return caller

        yield new_caller


@pytest.fixture
async def caller(new_caller: Callable[[], Caller]) -> Caller:
    """A caller with microphone and data channel, past `session.created`."""
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    assert (await caller.next())["type"] == "session.created"
    return caller


@pytest.fixture(scope="session")
def spoken() -> bytes:
    """A second of something as loud as speech: a sound that swells and fades four times."""
    moments = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    wave = 9000 * np.sin(2 * np.pi * 300 * moments) * (0.7 + 0.3 * np.sin(2 * np.pi * 4 * moments))
    return np.rint(wave).astype("<i2").tobytes()
