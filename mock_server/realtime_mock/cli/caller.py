"""A WebRTC client that asks a mock on this machine one spoken question, and keeps the answer's sound."""

from __future__ import annotations

import asyncio
import fractions
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import av
import numpy as np
from aiortc import (
    MediaStreamError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.transports.peer import LOOPBACK, listen_on

FRAME_SECONDS = 0.02
HEARD_RATE = 48_000
"""Samples per second of what the caller hears: the clock of Opus."""

_FRAME_SAMPLES = int(SAMPLE_RATE * FRAME_SECONDS)

Listener = Callable[[dict[str, Any]], None]


class CallFailed(Exception):
    """The call was refused, or ended without an answer; the text says why."""


class Question(MediaStreamTrack):
    """A microphone that says one thing at the pace of real time, and is silent ever after."""

    kind = "audio"

    def __init__(self, pcm: bytes) -> None:
        super().__init__()
        self._samples = np.frombuffer(pcm, "<i2")
        self._sent = 0
        self._started_at: float | None = None

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, when they are due."""
        await self._until_due()
        piece = self._samples[self._sent : self._sent + _FRAME_SAMPLES]
        padded = np.zeros((1, _FRAME_SAMPLES), "<i2")
        padded[0, : len(piece)] = piece
        frame = av.AudioFrame.from_ndarray(padded, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._sent, fractions.Fraction(1, SAMPLE_RATE)
        self._sent += _FRAME_SAMPLES
        return frame

    async def _until_due(self) -> None:
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._started_at is None:
            self._started_at = now
        # Paced from the start, so that late frames do not add up.
        await asyncio.sleep(max(0.0, self._started_at + self._sent / SAMPLE_RATE - now))


@dataclass
class Caller:
    """One call: it asks, listens, and ends when the answer has been played.

    `listener` is given every server event as it arrives.
    """

    base_url: str
    listener: Listener
    heard: bytearray = field(default_factory=bytearray)
    """What was heard: 16-bit mono PCM at `HEARD_RATE`."""
    _answered: asyncio.Future[None] | None = None
    _ears: asyncio.Task[None] | None = None

    async def ask(self, pcm: bytes, *, session: dict[str, Any]) -> None:
        """Make the call, say `pcm` (24 kHz) and hear the answer to its end.

        Raises:
            CallFailed: the server refused the call, hung up, or gave no answer.
        """
        self._answered = asyncio.get_running_loop().create_future()
        # No ICE servers: nothing is asked of the network.
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            # The track goes first: aiortc as a client never connects with the data channel before it.
            connection.addTrack(Question(pcm))
            channel = connection.createDataChannel("oai-events")
            self._listen(connection, channel)
            # Both ends are on this machine, which may have no interface but this one.
            listen_on(connection, (LOOPBACK,))
            await connection.setLocalDescription(await connection.createOffer())
            answer = await self._post_offer(connection.localDescription.sdp, session)
            await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            await self._answered
            await self._hear_the_tail()
        finally:
            if self._ears is not None:
                self._ears.cancel()
            await connection.close()

    def _listen(self, connection: RTCPeerConnection, channel: RTCDataChannel) -> None:
        @connection.on("track")
        def on_track(track: MediaStreamTrack) -> None:
            self._ears = asyncio.create_task(self._hear(track))

        @channel.on("message")
        async def on_message(message: str) -> None:
            self._receive(json.loads(message))

        @channel.on("close")
        def on_close() -> None:
            self._end("the server hung up before it had answered")

    def _receive(self, event: dict[str, Any]) -> None:
        self.listener(event)
        match event:
            case {"type": "output_audio_buffer.stopped"}:
                self._end(None)
            case {"type": "response.done", "response": {"status": "failed" | "incomplete" | "cancelled" as status}}:
                self._end(f"the response ended {status}")

    def _end(self, fault: str | None) -> None:
        """Let `ask` go on, or fail with this reason; only the first call counts."""
        if self._answered is None or self._answered.done():
            return
        if fault is None:
            self._answered.set_result(None)
        else:
            self._answered.set_exception(CallFailed(fault))

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if not isinstance(frame, av.AudioFrame):
                continue
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
            self.heard += samples[:, 0].astype("<i2").tobytes()

    async def _hear_the_tail(self) -> None:
        """Wait until the packets that are under way when playback stops have been heard."""
        length = -1
        while len(self.heard) > length and not self._is_quiet():
            length = len(self.heard)
            await asyncio.sleep(0.2)

    def _is_quiet(self) -> bool:
        last = np.frombuffer(bytes(self.heard[-HEARD_RATE // 5 * 2 :]), "<i2")
        return len(last) > 0 and not np.any(np.abs(last) > QUIET)

    async def _post_offer(self, offer: str, session: dict[str, Any]) -> str:
        form = aiohttp.FormData()
        form.add_field("sdp", offer, content_type="application/sdp")
        form.add_field("session", json.dumps(session), content_type="application/json")
        headers = {"Authorization": "Bearer sk-demo"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.base_url}/realtime/calls", data=form, headers=headers) as response,
        ):
            body = await response.text()
            if response.status != 201:
                raise CallFailed(f"POST {response.url.path} answered {response.status}: {body}")
            return body


QUIET = 100
"""Samples within this of zero count as silence: Opus never gives exact zeros."""


def trim_silence(pcm: bytes) -> bytes:
    """The PCM from its first to its last audible sample; empty if nothing is audible."""
    audible = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > QUIET)
    if len(audible) == 0:
        return b""
    return pcm[int(audible[0]) * 2 : int(audible[-1]) * 2 + 2]
