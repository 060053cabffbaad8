"""The inbound audio of a call: what the client says, as 24 kHz mono PCM."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from numpy.typing import NDArray

from realtime_mock.audio.pcm import Resampler
from realtime_mock.core.speech import SAMPLE_RATE


class CallListener:
    """Reads a client's track until it ends or `close` is called.

    The track is always drained: aiortc queues decoded frames without bound. `hear` is called on
    the event loop with the 20 ms of each packet.
    """

    def __init__(self, track: MediaStreamTrack, hear: Callable[[bytes], None]) -> None:
        self._track = track
        self._hear = hear
        self._converter = Converter()
        self._task = asyncio.create_task(self._listen(), name="call listener")

    async def wait_ended(self) -> None:
        """Return when the track has ended."""
        await asyncio.wait([self._task])

    async def close(self) -> None:
        """Stop listening; a track that never brought anything would be waited on for ever."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _listen(self) -> None:
        while True:
            try:
                frame = await self._track.recv()
            except MediaStreamError:
                return
            # An audio track gives nothing else; the check is for the type checker.
            if isinstance(frame, AudioFrame):
                self._hear(self._converter.convert(frame))


class Converter:
    """Turns decoded frames (16-bit, any channels, any rate) into 24 kHz mono PCM, as one stream."""

    def __init__(self) -> None:
        self._resampler: Resampler | None = None
        self._rate = 0

    def convert(self, frame: AudioFrame) -> bytes:
        """Average the channels of one frame and give the samples that are ready."""
        if self._resampler is None or frame.sample_rate != self._rate:
            self._rate = frame.sample_rate
            self._resampler = Resampler(source=self._rate, target=SAMPLE_RATE)
        return self._resampler.feed(mono(frame))


def mono(frame: AudioFrame) -> bytes:
    """The frame's samples as mono PCM: the mean of its channels, rounded to the nearest value."""
    channels = frame.layout.nb_channels
    samples = frame.to_ndarray().reshape(-1, channels).astype(np.int32)
    mean: NDArray[np.int32] = (samples.sum(axis=1) * 2 + channels) // (2 * channels)
    return mean.astype("<i2").tobytes()
