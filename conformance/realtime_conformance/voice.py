"""What the user says in cases: a recorded question, silence, and their G.711.

Servers with a real voice detector and a real transcription need real speech, so it is one.
"""

from __future__ import annotations

from functools import lru_cache

from realtime_mock._resources import fixtures_dir
from realtime_mock.audio import g711
from realtime_mock.audio.pcm import dbfs, resample
from realtime_mock.audio.wav import read_wav

RATE = 24_000
"""Samples per second of all PCM here: 16 bits, mono."""

BYTES_PER_SECOND = RATE * 2
SPOKEN = "What is the weather in Paris?"
"""The words of `question`."""

_G711_RATE = 8_000
_LEAD, _TAIL = 0.5, 1.5


@lru_cache(maxsize=1)
def question() -> bytes:
    """Somebody asks `SPOKEN`, with half a second of silence before and one and a half after it."""
    pcm, rate = read_wav(fixtures_dir() / "audio" / "question-24k.wav")
    return pcm if rate == RATE else resample(pcm, source=rate, target=RATE)


def speech() -> bytes:
    """The question without the silence around it."""
    return question()[int(_LEAD * BYTES_PER_SECOND) : -int(_TAIL * BYTES_PER_SECOND)]


def silence(seconds: float) -> bytes:
    """Nothing."""
    return bytes(int(seconds * RATE) * 2)


def seconds(pcm: bytes) -> float:
    """How long PCM lasts."""
    return len(pcm) / BYTES_PER_SECOND


def level(pcm: bytes) -> float:
    """How loud PCM is, in dBFS."""
    return dbfs(pcm)


def as_pcmu(pcm: bytes) -> bytes:
    """In G.711 u-law, 8 kHz."""
    return g711.encode_ulaw(resample(pcm, source=RATE, target=_G711_RATE))


def as_pcma(pcm: bytes) -> bytes:
    """In G.711 A-law, 8 kHz."""
    return g711.encode_alaw(resample(pcm, source=RATE, target=_G711_RATE))
