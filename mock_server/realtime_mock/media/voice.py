"""The mock's voice: any text to speech at 24 kHz, the same bytes each time.

A `Synthesizer` makes the sound of sentences; `SentenceVoice` around it does what is common:
cutting text into sentences, trimming, one loudness, a bound on length, and a cache.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable
from contextlib import closing
from importlib.util import find_spec
from threading import Lock
from typing import Protocol

import numpy as np

from realtime_mock.audio.pcm import Floats, pcm_of, samples_of
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE, Speech, Voice
from realtime_mock.media.cache import WeightedCache
from realtime_mock.media.sentences import sentences
from realtime_mock.media.tones import ToneSynthesizer

logger = logging.getLogger(__name__)

API_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
"""The voice names of the API; any other name (the id of a custom voice) takes the sound of one of them."""

SLOWEST, FASTEST = 0.25, 1.5
"""Bounds of `speed`, from the API reference; what lies outside is spoken at the bound."""

MAX_SECONDS = 300
"""Speech is cut off here."""

LEVEL_DBFS = -20.0
"""RMS level of the voiced parts of every sentence."""

SENTENCE_GAP_MS = 120
"""Silence between two sentences: heard as a pause, too short to end a turn of server VAD (200 ms and up)."""

SHORTEST_MS = 100
"""Length of the silence that stands for text without any sound, such as a lone emoji."""

_CACHE_BYTES = 64 * 2**20
_FULL_SCALE = 32768.0
_WINDOW = SAMPLE_RATE // 100
_AUDIBLE_DBFS = -50.0
_PEAK = 0.95


class Synthesizer(Protocol):
    """Makes the sound of sentences. `SentenceVoice` never calls it from two threads at once."""

    def say(self, parts: Iterable[str], *, voice: str, speed: float) -> Generator[bytes, None, None]:
        """Give the PCM (24 kHz) of each sentence in turn, at any level, with any silence around it."""
        ...


def default_voice() -> Voice:
    """Give real speech where `espeakng-loader` is installed (`realtime-mock[speech]`), else the numpy voice."""
    return SentenceVoice(_best_synthesizer())


def tone_voice() -> Voice:
    """Give the voice that needs no dependency: syllables of vowels and noise, not intelligible."""
    return SentenceVoice(ToneSynthesizer())


def _best_synthesizer() -> Synthesizer:
    if find_spec("espeakng_loader") is None:
        return ToneSynthesizer()
    from realtime_mock.media.espeak import EspeakError, EspeakSynthesizer  # noqa: PLC0415 - optional

    try:
        return EspeakSynthesizer()
    except EspeakError as error:
        logger.warning("espeak-ng does not start (%s); the numpy voice speaks instead", error)
        return ToneSynthesizer()


class SentenceVoice:
    """A `Voice` over a synthesizer; safe to share between threads and sessions."""

    def __init__(self, synthesizer: Synthesizer, *, cache_bytes: int = _CACHE_BYTES) -> None:
        self._synthesizer = synthesizer
        self._cache: WeightedCache[tuple[str, str, float], Speech] = WeightedCache(capacity=cache_bytes)
        self._lock = Lock()

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        """Say `text`; the same arguments give the same value, and the same object while it is cached."""
        speed = min(max(speed, SLOWEST), FASTEST)
        key = (text, voice, speed)
        with self._lock:
            speech = self._cache.get(key)
            if speech is None:
                speech = Speech(text, self._synthesize(text, voice, speed) if text else b"")
                self._cache.keep(key, speech, weight=len(speech.pcm) + 4 * len(text))
        return speech

    def _synthesize(self, text: str, voice: str, speed: float) -> bytes:
        pcm = bytearray()
        with closing(self._synthesizer.say(sentences(text), voice=voice, speed=speed)) as parts:
            for part in parts:
                sound = _even(part)
                if sound and pcm:
                    pcm += bytes(int(SENTENCE_GAP_MS / speed) * BYTES_PER_MS)
                pcm += sound
                if len(pcm) >= MAX_SECONDS * SAMPLE_RATE * 2:
                    break
        return bytes(pcm[: MAX_SECONDS * SAMPLE_RATE * 2]) or bytes(SHORTEST_MS * BYTES_PER_MS)


def _even(pcm: bytes) -> bytes:
    """Trim silence from both ends of a sentence and set its loudness; no sound gives no bytes."""
    samples = samples_of(pcm)
    windows = _window_levels(samples)
    audible = np.flatnonzero(windows > _AUDIBLE_DBFS)
    if len(audible) == 0:
        return b""
    first, last = max(0, int(audible[0]) - 1), int(audible[-1]) + 2
    voiced = float(np.mean(10.0 ** (windows[audible] / 10.0)))
    gain = 10.0 ** (LEVEL_DBFS / 20.0) / np.sqrt(voiced)
    sound = samples[first * _WINDOW : last * _WINDOW]
    return pcm_of(sound * min(gain, _PEAK * _FULL_SCALE / float(np.abs(sound).max())))


def _window_levels(samples: Floats) -> Floats:
    """Give the level of every 10 ms in dBFS, the last of them filled up with silence."""
    padded = np.pad(samples, (0, -len(samples) % _WINDOW)).reshape(-1, _WINDOW)
    power = np.mean(np.square(padded / _FULL_SCALE), axis=1)
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))
