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

from realtime_mock.core.speech import API_VOICES, BYTES_PER_MS, SAMPLE_RATE, Speech, Voice
from realtime_mock.media.cache import WeightedCache
from realtime_mock.media.loudness import level_sentence, shorten_pauses
from realtime_mock.media.sentences import sentences
from realtime_mock.media.tones import ToneSynthesizer

__all__ = ["API_VOICES", "SentenceVoice", "Synthesizer", "default_voice", "tone_voice"]

logger = logging.getLogger(__name__)

SLOWEST, FASTEST = 0.25, 1.5
"""Bounds of `speed`, from the API reference; what lies outside is spoken at the bound."""

MAX_SECONDS = 300
"""Speech is cut off here."""

SENTENCE_GAP_MS = 120
"""Silence between two sentences: a short breath."""

SHORTEST_MS = 100
"""Length of the silence that stands for text without any sound, such as a lone emoji."""

_MAX_BYTES = MAX_SECONDS * SAMPLE_RATE * 2
_CACHE_BYTES = 64 * 2**20


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
        speed = max(SLOWEST, min(FASTEST, speed))
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
                sound = level_sentence(part)
                if sound and pcm:
                    pcm += bytes(SENTENCE_GAP_MS * BYTES_PER_MS)
                pcm += sound
                if len(pcm) >= _MAX_BYTES:
                    break
        return shorten_pauses(bytes(pcm[:_MAX_BYTES])) or bytes(SHORTEST_MS * BYTES_PER_MS)
