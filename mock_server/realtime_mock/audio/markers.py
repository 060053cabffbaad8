"""Speech that a machine can read: one tone for each word, so that a test can tell which words it was played."""

from __future__ import annotations

import numpy as np

from realtime_mock.audio.pcm import pcm_of

MARKER_MS = 300
"""Length of one word: a tone and the silence after it."""

TONE_MS = 200

MOST_TONES = 20
"""After so many words the tones begin again."""

_AMPLITUDE = 8000.0


def frequency(word: int) -> float:
    """The tone in Hz of a word, counted from 0: 400, 500, up to 2300."""
    return 400.0 + 100.0 * (word % MOST_TONES)


def markers(words: int, *, rate: int) -> bytes:
    """16-bit mono PCM of so many words."""
    return b"".join(_marker(word, rate) for word in range(words))


def _marker(word: int, rate: int) -> bytes:
    tone = rate * TONE_MS // 1000
    # Every frequency makes whole periods in 200 ms: no click at the end.
    wave = np.sin(np.arange(tone) * (2 * np.pi * frequency(word) / rate)) * _AMPLITUDE
    return pcm_of(wave) + bytes(2 * (rate * MARKER_MS // 1000 - tone))
