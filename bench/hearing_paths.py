"""The ways that speech takes to the mock in the benchmark of hearing: each gives what was heard of each sound."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, FormData, web

from realtime_mock.audio import g711
from realtime_mock.audio.pcm import resample
from realtime_mock.audio.wav import write_wav
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.journal.entry import Entry
from realtime_mock.server import RealtimeMock

KEY = {"Authorization": "Bearer sk-mock"}
PATIENCE = 4.0
"""Seconds after which nothing was heard."""

RATE = 48_000
_GAP = 1.0
_LEAD = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What was heard of one sound; `delay` is milliseconds from the end of speech to the words, where that is known."""

    says: str | None = None
    delay: float | None = None


class Listener:
    """Follows what the mock's journal tells of the next session."""

    def __init__(self, mock: RealtimeMock) -> None:
        self.heard: asyncio.Queue[tuple[dict[str, Any], float]] = asyncio.Queue()
        self.starts: dict[str, int] = {}
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.session_id: str | None = None
        self._known = {record.id for record in mock.factory.records}
        self._stopped = 0.0
        self.stop = mock.journal.listen(self._take)

    async def until(self, kind: str) -> None:
        """Wait for an event of the session."""
        async with asyncio.timeout(60):
            while await self.events.get() != kind:
                pass

    async def turn(self) -> None:
        """Wait until something has been heard, or nothing was for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                first = await self.heard.get()
                self.heard.put_nowait(first)

    def taken(self) -> Answer:
        """What was heard since the last time: of several turns the first that says something."""
        found = [self.heard.get_nowait() for _ in range(self.heard.qsize())]
        known = [(told, delay) for told, delay in found if told["says"] is not None]
        told, delay = (known or found or [({"says": None}, None)])[0]
        return Answer(told["says"], delay)

    def _take(self, entry: Entry) -> None:
        if self.session_id is None and entry.session_id not in self._known:
            self.session_id = entry.session_id
        if entry.session_id is None or entry.session_id != self.session_id:
            return
        if entry.kind == "heard":
            self.heard.put_nowait((entry.event, (entry.mono - self._stopped) * 1000))
        elif entry.kind == "event" and entry.direction == "out":
            event = entry.event
            if event["type"] == "input_audio_buffer.speech_started":
                self.starts[event["item_id"]] = event["audio_start_ms"]
            elif event["type"] == "input_audio_buffer.speech_stopped":
                self._stopped = entry.mono
            self.events.put_nowait(event["type"])


def session(input_format: str = "audio/pcm") -> dict[str, Any]:
    """A session that answers nothing."""
    rate = {"rate": SAMPLE_RATE} if input_format == "audio/pcm" else {}
    detection = {"type": "server_vad", "create_response": False}
    audio_input = {"format": {"type": input_format, **rate}, "turn_detection": detection}
    return {"type": "realtime", "audio": {"input": audio_input}}


async def websocket(mock: RealtimeMock, sounds: Sequence[bytes], input_format: str) -> list[Answer]:
    """One append for each sound."""
    listener = Listener(mock)
    url = mock.base_url.replace("http", "ws", 1) + "/realtime?model=gpt-realtime"
    answers = []
    async with ClientSession() as http, http.ws_connect(url, headers=KEY) as socket:
        await listener.until("session.created")
        await socket.send_json({"type": "session.update", "session": session(input_format)})
        drain = asyncio.create_task(_drain(socket))
        for sound in sounds:
            data = _in_format(sound, input_format)
            audio = base64.b64encode(data).decode()
            await socket.send_json({"type": "input_audio_buffer.append", "audio": audio})
            await socket.send_json({"type": "input_audio_buffer.clear"})
            await listener.until("input_audio_buffer.cleared")
            answers.append(listener.taken())
        drain.cancel()
    listener.stop()
    return answers


async def _drain(socket: Any) -> None:
    async for _ in socket:
        pass


def _in_format(pcm: bytes, input_format: str) -> bytes:
    if input_format == "audio/pcm":
        return pcm
    narrow = resample(pcm, source=SAMPLE_RATE, target=g711.SAMPLE_RATE)
    return g711.encode_ulaw(narrow) if input_format == "audio/pcmu" else g711.encode_alaw(narrow)


async def call(mock: RealtimeMock, sounds: Sequence[bytes], *, kbit: int, ready: asyncio.Event) -> list[Answer]:
    """A call by libwebrtc (`wrtc`), whose Opus has so many kbit/s; losses are the mock's.

    `ready` is set once the session is there: the next call would take it for its own.
    """
    listener = Listener(mock)
    answers = []
    async with _caller(mock, kbit=kbit) as microphone:
        await listener.until("session.created")
        ready.set()
        for sound in sounds:
            await microphone.say(sound)
            await listener.turn()
            answers.append(listener.taken())
    listener.stop()
    return answers


@asynccontextmanager
async def _caller(mock: RealtimeMock, *, kbit: int) -> AsyncIterator[Microphone]:
    import webrtc  # noqa: PLC0415 - only calls need it

    connection = webrtc.RTCPeerConnection()
    microphone = Microphone(webrtc)
    connection.add_track(microphone.track)
    connection.create_data_channel("oai-events", webrtc.RTCDataChannelInit())
    offer = await connection.create_offer()
    await connection.set_local_description(offer)
    async with ClientSession() as http:
        form = FormData()
        form.add_field("sdp", offer.sdp, content_type="application/sdp")
        form.add_field("session", json.dumps(session()), content_type="application/json")
        async with http.post(f"{mock.base_url}/realtime/calls", data=form, headers=KEY) as response:
            answer = await response.text()
    limited = answer.replace("a=fmtp:111 ", f"a=fmtp:111 maxaveragebitrate={kbit * 1000};")
    if limited == answer:
        raise RuntimeError("the answer has no parameters of Opus to change")
    await connection.set_remote_description(webrtc.RTCSessionDescriptionInit(type="answer", sdp=limited))
    try:
        yield microphone
    finally:
        await microphone.close()
        connection.close()


class Microphone:
    """Says PCM into a track in real time, and is silent in between."""

    def __init__(self, webrtc: Any) -> None:
        self.track = webrtc.MediaStreamTrackGenerator("audio")
        self._webrtc = webrtc
        self._samples = bytearray()
        self._spoken = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def say(self, pcm: bytes) -> None:
        self._spoken.clear()
        self._samples += resample(pcm, source=SAMPLE_RATE, target=RATE)
        await self._spoken.wait()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        writer = self.track.writable.get_writer()
        size = RATE // 100 * 2
        due = asyncio.get_running_loop().time()
        while True:
            data = bytes(self._samples[:size]).ljust(size, b"\0")
            del self._samples[:size]
            if not self._samples:
                self._spoken.set()
            told = {"format": "s16", "sample_rate": RATE, "number_of_frames": size // 2, "number_of_channels": 1}
            await writer.write(self._webrtc.AudioData(self._webrtc.AudioDataInit(**told, timestamp=0, data=data)))
            due += 0.01
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))


# Chromium

PAGE = """<!doctype html><title>call</title><script>
async function call(url, session) {
  const pc = new RTCPeerConnection();
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  pc.addTrack(stream.getTracks()[0], stream);
  pc.createDataChannel("oai-events");
  await pc.setLocalDescription();
  const form = new FormData();
  form.append("sdp", new Blob([pc.localDescription.sdp], {type: "application/sdp"}));
  form.append("session", new Blob([session], {type: "application/json"}));
  const answer = await fetch(url, {method: "POST", body: form, headers: {Authorization: "Bearer sk-mock"}});
  await pc.setRemoteDescription({type: "answer", sdp: await answer.text()});
  window.pc = pc;
}
</script>"""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


def chromium() -> str | None:
    """Where Chromium is, if it is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


async def browser(mock: RealtimeMock, sounds: Sequence[bytes]) -> list[Answer]:
    """A page whose microphone is a file: with the echo cancellation, gain control and noise suppression of a page."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only pages need it

    listener = Listener(mock)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "microphone.wav"
        starts = _write_sequence(file, sounds)
        microphone = f"--use-file-for-fake-audio-capture={file}%noloop"
        async with _page() as address, async_playwright() as playwright:
            chrome = await playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, microphone])
            page = await chrome.new_page()
            await page.goto(address)
            await page.evaluate("([u, s]) => call(u, s)", [f"{mock.base_url}/realtime/calls", json.dumps(session())])
            await asyncio.sleep(starts[-1] + len(sounds[-1]) / (2 * SAMPLE_RATE) + PATIENCE)
            await chrome.close()
    listener.stop()
    return _aligned(listener, starts)


def _write_sequence(file: Path, sounds: Sequence[bytes]) -> list[float]:
    """The sounds one behind the other, and at which second each begins."""
    pcm = bytearray(bytes(int(_LEAD * SAMPLE_RATE) * 2))
    starts = []
    for sound in sounds:
        starts.append(len(pcm) / (2 * SAMPLE_RATE))
        pcm += sound + bytes(int(_GAP * SAMPLE_RATE) * 2)
    write_wav(file, resample(bytes(pcm), source=SAMPLE_RATE, target=RATE), rate=RATE)
    return starts


def _aligned(listener: Listener, starts: Sequence[float]) -> list[Answer]:
    """Each turn belongs to the sound that began last before it; the call began later than the file."""
    found = [listener.heard.get_nowait() for _ in range(listener.heard.qsize())]
    turns = [(listener.starts[told["item_id"]] / 1000, told["says"], delay) for told, delay in found]
    if not turns:
        return [Answer() for _ in starts]
    shift = starts[0] + 0.1 - turns[0][0]
    answers = [Answer() for _ in starts]
    for at, says, delay in turns:
        number = max((n for n, start in enumerate(starts) if start <= at + shift + 0.2), default=0)
        if answers[number].says is None:
            answers[number] = Answer(says, delay)
    return answers


@asynccontextmanager
async def _page() -> AsyncIterator[str]:
    async def show(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", show)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
