"""What speech looks like to the ear: its level in 20 bands, frame by frame.

Everything is looked at as a telephone carries it: at 8 kHz, from 250 to 3400 Hz. So a codec that leaves out the rest
leaves out nothing. Levels more than 40 dB below the loudest count as silence, and phrases are compared by how their
bands differ from their own means: neither gain nor the colour of a line matters.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from realtime_mock.core.hearing import Span
from realtime_mock.core.speech import SAMPLE_RATE

RATE = 8_000
"""Samples per second of what the ear looks at."""

HOP = 160
"""Samples from one frame to the next: 20 ms."""

STEPS = 4
"""Pictures of an utterance have so many frames in one hop: speech begins between those of a phrase."""

STEP = HOP // STEPS
WINDOW = 400
"""Samples that a frame looks at: 50 ms."""

BANDS = 20

Singles = NDArray[np.float32]
Mask = NDArray[np.bool_]

_DECADES = 4.0
"""Range of a level, in decades of power: 40 dB."""

_AUDIBLE_DECADES = 2.5
"""How far below the loudest frame speech is still speech: 25 dB."""

_EDGE = 80
"""Samples at either end of a frame that hardly count in it."""

_RECOVERY = 3 * HOP
"""Samples behind a lost packet in which a decoder finds back into its stream."""

_LOWEST, _HIGHEST, _CUTOFF = 250.0, 3400.0, 3700.0
_BINS = 512
_FILTER_TAPS = 49
_DECIMATION = SAMPLE_RATE // RATE


def at_telephone_rate(pcm: bytes) -> Singles:
    """24 kHz PCM as samples from -1 to 1 at `RATE`."""
    samples = np.frombuffer(pcm, "<i2", count=len(pcm) // 2).astype(np.float32) / np.float32(32768)
    if len(samples) < _FILTER_TAPS:
        return np.zeros(0, np.float32)
    return np.ascontiguousarray(np.convolve(samples, _LOW_PASS, "same")[::_DECIMATION])


def picture(samples: Singles, *, step: int = HOP) -> Singles:
    """The level of each band in a frame every `step` samples, in decades of power."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::step] * _HANN
    power = (np.abs(np.fft.rfft(frames, _BINS)) ** 2).astype(np.float32) @ _BANK
    levels = np.log10(power + np.float32(1e-9))
    loudest = np.percentile(levels.max(axis=1), 95)
    return np.asarray(np.maximum(levels, loudest - _DECADES), dtype=np.float32)


def audible(levels: Singles) -> Mask:
    """The frames in which there is speech."""
    loudest = levels.max(axis=1)
    return np.asarray(loudest > loudest.max() - _AUDIBLE_DECADES)


def damaged(frames: int, lost: Iterable[Span], *, offset: int) -> Mask:
    """The frames, one every `STEP`, that a gap in 24 kHz audio touches, or a decoder's recovery behind it.

    `offset` is how many samples stand before that audio in the picture.
    """
    mask = np.zeros(frames, np.bool_)
    for start, end in lost:
        first = (start // _DECIMATION + offset - WINDOW + _EDGE) // STEP + 1
        last = (end // _DECIMATION + offset + _RECOVERY - _EDGE) // STEP
        mask[max(0, first) : max(0, last)] = True
    return mask


def mended(levels: Singles, mask: Mask) -> Singles:
    """A picture whose damaged frames lead from what was before them to what came behind."""
    if not mask.any() or mask.all():
        return levels
    frames = np.arange(len(levels))
    bands = [np.interp(frames, frames[~mask], band[~mask]) for band in levels.T]
    return np.stack(bands, axis=1).astype(np.float32)


def _low_pass() -> Singles:
    distance = np.arange(_FILTER_TAPS) - _FILTER_TAPS // 2
    cutoff = _CUTOFF / SAMPLE_RATE
    taps = 2 * cutoff * np.sinc(2 * cutoff * distance) * np.hanning(_FILTER_TAPS + 2)[1:-1]
    return np.asarray(taps, dtype=np.float32)


def _bank() -> Singles:
    """Triangles of equal width on the mel scale, one for each band."""
    edges = 700 * (10 ** (np.linspace(_mel(_LOWEST), _mel(_HIGHEST), BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(_BINS, 1 / RATE)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).T.astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


_LOW_PASS = _low_pass()
_BANK = _bank()
_HANN = np.hanning(WINDOW).astype(np.float32)
