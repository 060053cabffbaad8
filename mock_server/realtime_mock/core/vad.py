"""When somebody speaks: detectors on the audio's own clock.

The service's detector works on a grid of 32 ms (recorded: every `audio_end_ms`, and every `audio_start_ms` plus
the padding, is a multiple of 32). Ours do too: a `Judge` hears each window, and `WindowDetector` makes beginnings
and ends of what it says. What counts as loud for the default one is our own rule, made to be predictable:
`threshold` t means -42 dBFS at 0.5 and rises by 6 dB for each 0.1; speech that has begun goes on until the level
has been 6 dB below that for `silence_duration_ms`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from realtime_mock.core.speech import BYTES_PER_MS

WINDOW_MS = 32
WINDOW_BYTES = WINDOW_MS * BYTES_PER_MS
HYSTERESIS_DB = 6.0
_FULL_ENERGY = WINDOW_BYTES // 2 * 32768.0**2

ONSET_WINDOWS = 2
"""Windows of speech in a row that make a beginning: one alone is a click."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech began at `at_ms` of the audio, the padding not yet subtracted."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Speech ended: the silence was long enough at `at_ms`; it was heard for `voiced_ms` from its beginning."""

    at_ms: int
    voiced_ms: int


class Detector(Protocol):
    """Whatever tells a session where speech begins and ends, on the clock of the audio it is given."""

    @property
    def clock_ms(self) -> int:
        """How much audio has been judged."""
        ...

    def reset(self) -> None:
        """Forget speech in progress; the clock goes on."""
        ...

    def skip(self, pcm: bytes) -> None:
        """Let 24 kHz PCM pass unheard: only the clock goes on."""
        ...

    def detect(
        self, pcm: bytes, *, threshold: float, silence_duration_ms: int
    ) -> Iterator[SpeechStarted | SpeechStopped]:
        """Judge more 24 kHz PCM and tell what began or ended in it, in order."""
        ...


class Verdict(Enum):
    """What a window is: enough to begin speech, enough for speech to go on, or no speech at all."""

    BEGINS = "begins"
    GOES_ON = "goes on"
    NO_SPEECH = "no speech"


class Judge(Protocol):
    """Hears windows of `WINDOW_BYTES` of 24 kHz PCM, in the order of the stream."""

    def judge(self, windows: bytes, *, threshold: float) -> Iterable[Verdict]:
        """Say of each window what it is; `threshold` is that of the session, 0 to 1."""
        ...

    def reset(self) -> None:
        """Forget what was heard: the next window does not follow the last one."""
        ...


def loud_dbfs(threshold: float) -> float:
    """The level in dBFS from which a window is loud."""
    return -42.0 + (threshold - 0.5) * 60.0


def is_silent(pcm: bytes) -> bool:
    """Whether no window of this 24 kHz PCM is loud at the usual threshold."""
    windows = pcm + bytes(-len(pcm) % WINDOW_BYTES)
    return Verdict.BEGINS not in EnergyJudge().judge(windows, threshold=0.5)


class EnergyJudge:
    """Judges by the level of each window alone."""

    def judge(self, windows: bytes, *, threshold: float) -> Iterable[Verdict]:
        """`loud_dbfs(threshold)` begins speech; `HYSTERESIS_DB` below it speech goes on."""
        loud = loud_dbfs(threshold)
        for level in _levels_dbfs(windows):
            if level >= loud:
                yield Verdict.BEGINS
            else:
                yield Verdict.GOES_ON if level >= loud - HYSTERESIS_DB else Verdict.NO_SPEECH

    def reset(self) -> None:
        """Nothing is remembered."""


class WindowDetector:
    """Turns a stream of 24 kHz PCM into beginnings and ends of speech, as its judge hears it."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._pending = bytearray()
        self._clock_ms = 0
        self._speech_run = 0
        self._voiced_from_ms = 0
        self._voiced_until_ms = 0
        self._speaking = False

    @property
    def clock_ms(self) -> int:
        """How much audio has been judged, in whole windows."""
        return self._clock_ms

    def reset(self) -> None:
        """Forget speech in progress; the clock goes on."""
        self._speaking = False
        self._speech_run = 0

    def skip(self, pcm: bytes) -> None:
        """Let audio pass unheard: only the clock goes on."""
        self.reset()
        self._judge.reset()
        self._clock_ms += len(self._whole_windows(pcm)) // BYTES_PER_MS

    def detect(
        self, pcm: bytes, *, threshold: float, silence_duration_ms: int
    ) -> Iterator[SpeechStarted | SpeechStopped]:
        """Judge more audio, window by window."""
        for verdict in self._judge.judge(self._whole_windows(pcm), threshold=threshold):
            yield from self._window(verdict, silence_ms=silence_duration_ms)

    def _whole_windows(self, pcm: bytes) -> bytes:
        self._pending += pcm
        size = len(self._pending) // WINDOW_BYTES * WINDOW_BYTES
        windows = bytes(self._pending[:size])
        del self._pending[:size]
        return windows

    def _window(self, verdict: Verdict, *, silence_ms: int) -> Iterator[SpeechStarted | SpeechStopped]:
        self._clock_ms += WINDOW_MS
        if not self._speaking:
            self._speech_run = self._speech_run + 1 if verdict is Verdict.BEGINS else 0
            if self._speech_run >= ONSET_WINDOWS:
                self._speaking = True
                self._voiced_from_ms = self._clock_ms - self._speech_run * WINDOW_MS
                self._voiced_until_ms = self._clock_ms
                yield SpeechStarted(self._voiced_from_ms)
        elif verdict is not Verdict.NO_SPEECH:
            self._voiced_until_ms = self._clock_ms
        elif self._clock_ms - self._voiced_until_ms >= silence_ms:
            self.reset()
            yield SpeechStopped(self._clock_ms, self._voiced_until_ms - self._voiced_from_ms)


class EnergyDetector(WindowDetector):
    """The default: it hears only how loud it is."""

    def __init__(self) -> None:
        super().__init__(EnergyJudge())


def _levels_dbfs(pcm: bytes) -> list[float]:
    """RMS level of each window; digital silence is -120 dBFS."""
    if not pcm:
        return []
    # Whole numbers of up to 40 bits, which these floats hold: a sum is exact whatever the order.
    windows = np.frombuffer(pcm, dtype="<i2").astype(np.float64).reshape(-1, WINDOW_BYTES // 2)
    energies = [float(window.dot(window)) for window in windows]
    return [10.0 * math.log10(max(energy / _FULL_ENERGY, 1e-12)) for energy in energies]
