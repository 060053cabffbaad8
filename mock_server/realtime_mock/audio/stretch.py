"""Slower speech at the same pitch."""

from __future__ import annotations

import numpy as np

from realtime_mock.audio.pcm import Floats, pcm_of, samples_of

_FRAME_MS = 40
_SEARCH_MS = 8


def stretch(pcm: bytes, *, factor: float, rate: int) -> bytes:
    """Make PCM of `rate` samples per second `factor` times as long; a factor up to 1 changes nothing.

    Overlapping frames are laid further apart than they were taken, each one shifted by up to
    8 ms to where it continues the last one best.
    """
    if factor <= 1.0:
        return pcm
    samples = samples_of(pcm)
    half, search = rate * _FRAME_MS // 2000, rate * _SEARCH_MS // 1000
    length = round(len(samples) * factor)
    source = np.pad(samples, (search, 2 * half + 2 * search))
    output = np.zeros(length + 2 * half)
    window = 0.5 - 0.5 * np.cos(np.pi * np.arange(2 * half) / half)
    position = search
    for start in range(0, length, half):
        wanted = min(round(start / factor), len(samples)) + search
        position = _best_match(source, position + half, wanted, half, search) if start else wanted
        output[start : start + 2 * half] += window * source[position : position + 2 * half]
    return pcm_of(output[:length])


def _best_match(source: Floats, continued: int, wanted: int, half: int, search: int) -> int:
    """Find the position around `wanted` that is most like the natural continuation of the last frame."""
    template = source[min(continued, len(source) - half) :][:half]
    candidates = source[wanted - search : wanted + search + half]
    likeness = np.correlate(candidates, template, "valid")
    return wanted - search + int(np.argmax(likeness))
