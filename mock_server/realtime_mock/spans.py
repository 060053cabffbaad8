"""Where there is sound in a stream of audio, for the journal.

It asks for loudness alone, and is no turn detection: what a session takes for a turn is in its own events.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from realtime_mock.audio.pcm import FLOOR_DBFS

LOUD_DBFS = -45.0
"""A window as loud as this is sound: speech is far louder, the noise of a room is not."""

GAP_MS = 500
"""A silence as long as this ends a stretch of sound: pauses between words are shorter."""

WINDOW_MS = 20
_FULL_SCALE = 32768.0
_LOUD = 10 ** (LOUD_DBFS / 10)


class SpeechSpans:
    """Finds stretches of sound in 16-bit PCM that comes in pieces; times are milliseconds of the stream."""

    def __init__(self) -> None:
        self._rest = b""
        self._clock_ms = 0
        self._start_ms: int | None = None
        self._end_ms = 0
        self._energy = 0.0
        self._windows = 0

    def feed(self, pcm: bytes, *, rate: int) -> Iterator[dict[str, Any]]:
        """Take a piece; give the stretches that have ended: `start_ms`, `end_ms`, `ms`, and their level in `dbfs`."""
        size = rate * WINDOW_MS // 1000 * 2
        data = self._rest + pcm
        count = len(data) // size
        self._rest = data[count * size :]
        if count == 0:
            return
        samples = np.frombuffer(data, "<i2", count=count * size // 2).reshape(count, -1).astype(np.float32)
        scale = _FULL_SCALE**2 * samples.shape[1]
        for energy in np.einsum("ij,ij->i", samples, samples).tolist():
            ended = self._take(energy / scale)
            if ended is not None:
                yield ended

    def end(self) -> dict[str, Any] | None:
        """The stretch that goes on, as if it ended here."""
        if self._start_ms is None:
            return None
        start, end = self._start_ms, self._end_ms
        level = round(_dbfs(self._energy / max(self._windows, 1)), 1)
        self._start_ms, self._energy, self._windows = None, 0.0, 0
        return {"start_ms": start, "end_ms": end, "ms": end - start, "dbfs": level}

    def _take(self, energy: float) -> dict[str, Any] | None:
        self._clock_ms += WINDOW_MS
        if energy >= _LOUD:
            if self._start_ms is None:
                self._start_ms = self._clock_ms - WINDOW_MS
            self._end_ms = self._clock_ms
            self._energy += energy
            self._windows += 1
        elif self._start_ms is not None and self._clock_ms - self._end_ms >= GAP_MS:
            return self.end()
        return None


def _dbfs(energy: float) -> float:
    return FLOOR_DBFS if energy <= 0 else max(FLOOR_DBFS, 10 * math.log10(energy))
