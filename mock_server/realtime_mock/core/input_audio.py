"""The input audio buffer: what the user said since the last commit, and the detector that listens to it.

All times are milliseconds since the first byte of the session (recorded: offsets count across turns).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.audio import g711, pcm
from realtime_mock.core import errors
from realtime_mock.core.hearing import Span
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE
from realtime_mock.core.vad import (
    ONSET_WINDOWS,
    WINDOW_MS,
    Detector,
    EnergyDetector,
    SpeechStarted,
    SpeechStopped,
    is_silent,
)

MINIMUM_COMMIT_MS = 100

SEMANTIC_SILENCE_MS = {"low": 1600, "medium": 800, "auto": 800, "high": 400}
"""How long a silence ends a turn for `semantic_vad`: our own rule, for a detector that hears only sound."""

_ONSET_MS = ONSET_WINDOWS * WINDOW_MS
_DEFAULT_THRESHOLD = 0.5
_DEFAULT_PADDING_MS = 300
_DEFAULT_SILENCE_MS = 500


@dataclass(frozen=True, slots=True)
class Utterance:
    """Committed audio: 24 kHz PCM.

    `heard` is how many seconds of it are speech as far as is known, `billed` how many a transcription pays for. `lost`
    are the samples in it that only stand for what never arrived.
    """

    pcm: bytes
    heard: float
    billed: float
    lost: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The user began to speak."""

    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The user stopped; `utterance` is what is committed."""

    audio_end_ms: int
    utterance: Utterance


class InputAudioBuffer:
    """Audio between two commits, on one clock for the whole session."""

    def __init__(self, detector: Detector | None = None) -> None:
        self._detector: Detector = EnergyDetector() if detector is None else detector
        self._audio = bytearray()
        self._starts_at = 0
        self._lost: list[Span] = []
        self._odd_byte = b""
        self._turn_start_ms: int | None = None

    @property
    def buffered_ms(self) -> float:
        """How much audio a commit would take."""
        return len(self._audio) / BYTES_PER_MS

    @property
    def clock_ms(self) -> int:
        """How much audio the session has heard, in whole windows of the detector."""
        return self._detector.clock_ms

    def decode(self, audio: str, audio_format: Mapping[str, Any]) -> bytes:
        """The 24 kHz PCM of an `append`; an odd byte waits for the next one.

        Raises:
            ClientFault: `audio` is not base64.
        """
        try:
            raw = base64.b64decode(audio, validate=True)
        except (binascii.Error, ValueError):
            raise errors.invalid_audio() from None
        match audio_format["type"]:
            case "audio/pcmu":
                return pcm.resample(g711.decode_ulaw(raw), source=8000, target=SAMPLE_RATE)
            case "audio/pcma":
                return pcm.resample(g711.decode_alaw(raw), source=8000, target=SAMPLE_RATE)
            case _:
                return self._whole_samples(raw)

    def append(
        self, audio: bytes, turn_detection: Mapping[str, Any] | None, *, lost: Sequence[Span] = ()
    ) -> Iterator[TurnStarted | TurnEnded]:
        """Take 24 kHz PCM in; with turn detection on, tell where turns begin and end.

        `lost` are the samples of it that stand for what never arrived.
        """
        if lost:
            at = (self._starts_at + len(self._audio)) // 2
            self._lost += [(at + start, at + end) for start, end in lost]
        self._audio += audio
        if turn_detection is None:
            self._detector.skip(audio)
            return
        padding_ms = _padding_ms(turn_detection)
        for signal in self._detector.detect(audio, **_sensitivity(turn_detection)):
            match signal:
                case SpeechStarted(at_ms):
                    self._turn_start_ms = max(at_ms - padding_ms, 0)
                    yield TurnStarted(self._turn_start_ms)
                case SpeechStopped(at_ms, voiced_ms):
                    turn, gaps = self._take_turn(at_ms)
                    billed = len(turn) / (SAMPLE_RATE * 2)
                    yield TurnEnded(at_ms, Utterance(turn, heard=voiced_ms / 1000, billed=billed, lost=gaps))
        if self._turn_start_ms is None:
            self._drop_before(self._detector.clock_ms - padding_ms - _ONSET_MS)

    def commit(self) -> Utterance:
        """Take everything out of the buffer.

        Raises:
            ClientFault: there is less than 100 ms of audio.
        """
        if self.buffered_ms < MINIMUM_COMMIT_MS:
            raise errors.commit_too_small(self.buffered_ms)
        taken, gaps = bytes(self._audio), self._gaps(len(self._audio))
        self.clear()
        seconds = len(taken) / (SAMPLE_RATE * 2)
        return Utterance(taken, heard=0.0 if is_silent(taken) else seconds, billed=seconds, lost=gaps)

    def take_silence(self, from_ms: int) -> Utterance:
        """Take what came since `from_ms`, in which nobody spoke. What had been let go of it was silence too.

        A transcription of it is billed with 0 seconds (recorded).
        """
        self.clear()
        return Utterance(bytes((self.clock_ms - from_ms) * BYTES_PER_MS), heard=0.0, billed=0.0)

    def clear(self) -> None:
        """Empty the buffer; speech in progress is forgotten."""
        self._starts_at += len(self._audio)
        self._audio.clear()
        self._lost.clear()
        self._turn_start_ms = None
        self._detector.reset()

    def _take_turn(self, stop_ms: int) -> tuple[bytes, tuple[Span, ...]]:
        self._drop_before(self._turn_start_ms or 0)
        taken = bytes(self._audio[: stop_ms * BYTES_PER_MS - self._starts_at])
        gaps = self._gaps(len(taken))
        self._drop_before(stop_ms)
        self._turn_start_ms = None
        return taken, gaps

    def _gaps(self, size: int) -> tuple[Span, ...]:
        """What was lost of the first `size` bytes in the buffer, counted from its beginning."""
        first, count = self._starts_at // 2, size // 2
        spans = ((max(start - first, 0), min(end - first, count)) for start, end in self._lost)
        return tuple((start, end) for start, end in spans if start < end)

    def _drop_before(self, at_ms: int) -> None:
        dropped = min(at_ms * BYTES_PER_MS - self._starts_at, len(self._audio))
        if dropped > 0:
            del self._audio[:dropped]
            self._starts_at += dropped
            if self._lost:
                self._lost = [span for span in self._lost if span[1] * 2 > self._starts_at]

    def _whole_samples(self, raw: bytes) -> bytes:
        raw = self._odd_byte + raw
        whole = len(raw) // 2 * 2
        self._odd_byte = raw[whole:]
        return raw[:whole]


def _padding_ms(turn_detection: Mapping[str, Any]) -> int:
    padding = turn_detection.get("prefix_padding_ms")
    return _DEFAULT_PADDING_MS if padding is None else int(padding)


def _sensitivity(turn_detection: Mapping[str, Any]) -> dict[str, Any]:
    """The detector's arguments for `server_vad`, or for `semantic_vad` by its eagerness."""
    if turn_detection["type"] == "semantic_vad":
        silence_ms = SEMANTIC_SILENCE_MS[turn_detection.get("eagerness") or "auto"]
        return {"threshold": _DEFAULT_THRESHOLD, "silence_duration_ms": silence_ms}
    threshold: float | None = turn_detection.get("threshold")
    silence: int | None = turn_detection.get("silence_duration_ms")
    return {
        "threshold": _DEFAULT_THRESHOLD if threshold is None else threshold,
        "silence_duration_ms": _DEFAULT_SILENCE_MS if silence is None else silence,
    }
