"""What every voice's sound goes through: trimming, one loudness, and no long pauses.

The bounds are chosen against the server's voice detection (`core.vad`): the mock's own speech,
used as a test's microphone, is heard at the default threshold and is one turn, not several.
"""

from __future__ import annotations

import numpy as np

from realtime_mock.audio.pcm import Floats, pcm_of, samples_of
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE

LEVEL_DBFS = -20.0
"""RMS level of the audible parts of every sentence."""

LONGEST_PAUSE_MS = 150
"""Pauses are cut down to this; server VAD ends a turn after 200 ms at the least by default."""

_WINDOW_MS = 10
_WINDOW = SAMPLE_RATE * _WINDOW_MS // 1000
_FULL_SCALE = 32768.0
_PEAK = 0.95
_SILENT_DBFS = -50.0
"""Below this, the raw sound of a synthesizer counts as none."""

_PAUSE_DBFS = -46.0
"""Below this, levelled speech is a pause: 2 dB above where the detector at 0.5 stops hearing it."""


def level_sentence(pcm: bytes) -> bytes:
    """Trim silence from both ends of a sentence and set its loudness; one without any sound gives no bytes."""
    samples = samples_of(pcm)
    levels = _window_levels(samples)
    audible = np.flatnonzero(levels > _SILENT_DBFS)
    if len(audible) == 0:
        return b""
    first, last = max(0, int(audible[0]) - 1), int(audible[-1]) + 2
    power = float(np.mean(10.0 ** (levels[audible] / 10.0)))
    sound = samples[first * _WINDOW : last * _WINDOW]
    gain = min(10.0 ** (LEVEL_DBFS / 20.0) / power**0.5, _PEAK * _FULL_SCALE / float(np.abs(sound).max()))
    return pcm_of(sound * gain)


def shorten_pauses(pcm: bytes) -> bytes:
    """Take out the middle of every pause longer than `LONGEST_PAUSE_MS`."""
    keep = np.ones(-(-len(pcm) // (_WINDOW * 2)), dtype=np.bool_)
    longest = LONGEST_PAUSE_MS // _WINDOW_MS
    for start, end in _runs(_window_levels(samples_of(pcm)) < _PAUSE_DBFS):
        keep[start + longest // 2 : max(start + longest // 2, end - (longest - longest // 2))] = False
    if keep.all():
        return pcm
    size = _WINDOW_MS * BYTES_PER_MS
    return b"".join(pcm[number * size : (number + 1) * size] for number in np.flatnonzero(keep))


def _window_levels(samples: Floats) -> Floats:
    """Give the level of every 10 ms in dBFS, the last of them filled up with silence."""
    padded = np.pad(samples, (0, -len(samples) % _WINDOW)).reshape(-1, _WINDOW)
    power = np.mean(np.square(padded / _FULL_SCALE), axis=1)
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-12)))


def _runs(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Give the start and end of every unbroken run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
