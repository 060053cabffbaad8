"""A microphone for aiortc: it says what it is given at the pace of real time, and is silent in between."""

from __future__ import annotations

import asyncio
import fractions

import av
import numpy as np
from aiortc import MediaStreamError, MediaStreamTrack

RATE = 24_000
FRAME_SECONDS = 0.02
FRAME_SAMPLES = int(RATE * FRAME_SECONDS)
FRAME_BYTES = FRAME_SAMPLES * 2

LATEST = 0.25
"""Seconds behind its schedule at which a microphone begins a new one, and does not catch up in a burst."""


class Microphone(MediaStreamTrack):
    """An audio track of 24 kHz mono in frames of 20 ms."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._unsaid = bytearray()
        self._has_said_all = asyncio.Event()
        self._sent = 0
        self._due: float | None = None
        self._clock = asyncio.get_running_loop().time

    async def say(self, pcm: bytes) -> None:
        """Say this, and return when the last of it has been handed on, or the track has ended."""
        self._has_said_all.clear()
        self._unsaid += pcm
        await self._has_said_all.wait()

    def stop(self) -> None:
        """End the track."""
        super().stop()
        self._has_said_all.set()

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, when they are due.

        Raises:
            MediaStreamError: the track has ended.
        """
        await self._until_due()
        piece = bytes(self._unsaid[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del self._unsaid[:FRAME_BYTES]
        if not self._unsaid:
            self._has_said_all.set()
        frame = av.AudioFrame.from_ndarray(np.frombuffer(piece, "<i2").reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._sent, fractions.Fraction(1, RATE)
        self._sent += FRAME_SAMPLES
        return frame

    async def _until_due(self) -> None:
        if self.readyState != "live":
            raise MediaStreamError
        now = self._clock()
        # Paced from the start, so that late frames do not add up.
        self._due = now if self._due is None or now - self._due > LATEST else self._due + FRAME_SECONDS
        await asyncio.sleep(max(0.0, self._due - now))
