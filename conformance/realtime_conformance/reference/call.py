"""The reference client's call: a data channel for events, and speech both ways, with aiortc."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import json
import time
from typing import Any

import aiohttp
import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from realtime_conformance.reference.wire import Closed, Event, Refused

RATE = 24_000
FRAME = RATE // 50
CONNECT_WITHIN = 10.0
QUIET = 100
"""Samples within this of zero count as silence: Opus never gives exact zeros."""


class Microphone(MediaStreamTrack):
    """Silence, and what its user says, in real time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._words = bytearray()
        self._sent = 0
        self._began: float | None = None
        self._silent = asyncio.Event()
        self._silent.set()

    async def speak(self, pcm: bytes) -> None:
        """Say this, and come back when it has been said."""
        self._words += pcm
        self._silent.clear()
        await self._silent.wait()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, when it is time for them."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        # Paced from the start, so that late frames do not add up.
        await asyncio.sleep(max(0.0, self._began + self._sent / RATE - now))
        if self.readyState != "live":
            raise MediaStreamError
        samples = bytes(self._words[: FRAME * 2]).ljust(FRAME * 2, b"\0")
        del self._words[: FRAME * 2]
        if not self._words:
            self._silent.set()
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(samples)
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent, fractions.Fraction(1, RATE)
        self._sent += FRAME
        return frame


class CallWire:
    """A call by an SDP offer to `base_url`/realtime/calls."""

    carries_audio = True

    def __init__(self, base_url: str, *, key: str, model: str) -> None:
        self._url = f"{base_url}/realtime/calls"
        self._key = key
        self._model = model
        # No ICE servers: nothing is asked of the network.
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._microphone = Microphone()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ears: asyncio.Task[None] | None = None
        self._loud_samples = 0
        # The track goes first: aiortc as a client never connects with the data channel before it.
        self._peer.addTrack(self._microphone)
        self._channel = self._peer.createDataChannel("oai-events")
        self._listen()

    @property
    def seconds_heard(self) -> float:
        """How much of what came was no silence."""
        return self._loud_samples / 48_000

    async def open(self) -> None:
        """Offer the call, and wait for its data channel."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        answer = await self._post(self._peer.localDescription.sdp)
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._opened
        except TimeoutError:
            raise Closed("the data channel did not open") from None

    async def send(self, event: Event) -> None:
        """Send one message."""
        if self._channel.readyState != "open":
            raise Closed("the data channel is closed")
        self._channel.send(json.dumps(event))

    async def receive(self) -> Event:
        """The next message."""
        event = await self._events.get()
        if event is None:
            raise Closed("the call is over")
        return event

    async def speak(self, pcm: bytes) -> None:
        """Say this into the microphone."""
        await self._microphone.speak(pcm)

    async def close(self) -> None:
        """End the call."""
        if self._ears is not None:
            self._ears.cancel()
            await asyncio.gather(self._ears, return_exceptions=True)
        self._microphone.stop()
        await self._peer.close()

    def _listen(self) -> None:
        @self._channel.on("open")
        def on_open() -> None:
            if not self._opened.done():
                self._opened.set_result(None)

        # Before the offer is made, or the first message may be missed.
        @self._channel.on("message")
        def on_message(message: Any) -> None:
            event = json.loads(message)
            if isinstance(event, dict):
                self._events.put_nowait(event)

        @self._channel.on("close")
        def on_close() -> None:
            self._events.put_nowait(None)

        @self._peer.on("connectionstatechange")
        def on_state() -> None:
            if self._peer.connectionState in ("closed", "failed"):
                self._events.put_nowait(None)

        @self._peer.on("track")
        def on_track(track: MediaStreamTrack) -> None:
            self._ears = asyncio.create_task(self._hear(track))

    async def _hear(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, av.AudioFrame):
                    samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
                    is_loud = bool(np.any(np.abs(samples[:, 0].astype(np.int32)) > QUIET))
                    self._loud_samples += len(samples) if is_loud else 0

    async def _post(self, offer: str) -> str:
        form = aiohttp.FormData()
        form.add_field("sdp", offer, content_type="application/sdp")
        session = json.dumps({"type": "realtime", "model": self._model})
        form.add_field("session", session, content_type="application/json")
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.post(self._url, data=form, headers=headers) as response,
            ):
                body = await response.text()
        except (aiohttp.ClientError, OSError) as error:
            raise Closed(f"no call: {error}") from None
        if response.status not in (200, 201):
            after = response.headers.get("Retry-After")
            raise Refused(body, status=response.status, retry_after=float(after) if after else None)
        return body
