"""G.711 u-law and A-law, by table (ITU-T G.711; `audioop` left the standard library in Python 3.13).

Where a 16-bit sample lies between two 14-bit (u-law) or 13-bit (A-law) values, the tables
follow the ITU's own reference software: a negative sample is complemented, not negated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 8_000
"""Samples per second of G.711 audio; one byte each."""

Codes = NDArray[np.uint8]
Samples = NDArray[np.int16]


def encode_ulaw(pcm: bytes) -> bytes:
    """Compress 16-bit PCM to one byte of u-law per sample; a trailing half sample is ignored."""
    return _ULAW_CODES[_indices(pcm)].tobytes()


def decode_ulaw(data: bytes) -> bytes:
    """Expand u-law to 16-bit PCM."""
    return _ULAW_SAMPLES[np.frombuffer(data, np.uint8)].tobytes()


def encode_alaw(pcm: bytes) -> bytes:
    """Compress 16-bit PCM to one byte of A-law per sample; a trailing half sample is ignored."""
    return _ALAW_CODES[_indices(pcm)].tobytes()


def decode_alaw(data: bytes) -> bytes:
    """Expand A-law to 16-bit PCM."""
    return _ALAW_SAMPLES[np.frombuffer(data, np.uint8)].tobytes()


def _indices(pcm: bytes) -> NDArray[np.uint16]:
    return np.frombuffer(pcm, "<u2", count=len(pcm) // 2)


def _every_sample() -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Sign and magnitude of all 65,536 samples, in the order of their unsigned bit patterns."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int64)
    return samples >= 0, np.where(samples >= 0, samples, ~samples)


def _segment(magnitudes: NDArray[np.int64], *, first_bits: int) -> NDArray[np.int64]:
    """Number of the chord a magnitude lies in: 0 below 2**first_bits, then one more per doubling."""
    return np.asarray(sum((magnitudes >> (first_bits + step) > 0).astype(np.int64) for step in range(7)))


def _ulaw_codes() -> Codes:
    positive, magnitudes = _every_sample()
    biased = np.minimum((magnitudes >> 2) + 33, 0x1FFF)
    segment = _segment(biased, first_bits=6)
    code = segment << 4 | (biased >> (segment + 1)) & 0xF
    return np.asarray(~np.where(positive, code, code | 0x80), dtype=np.uint8)


def _ulaw_samples() -> Samples:
    codes = ~np.arange(256, dtype=np.uint8)
    segment, step = (codes >> 4 & 7).astype(np.int64), (codes & 0xF).astype(np.int64)
    magnitudes = ((2 * step + 33) << segment) - 33
    return np.where(codes & 0x80, -4 * magnitudes, 4 * magnitudes).astype("<i2")


def _alaw_codes() -> Codes:
    positive, magnitudes = _every_sample()
    segment = _segment(magnitudes >> 4, first_bits=5)
    # The two lowest chords have the same step, so the first of them is as wide as the second.
    linear = magnitudes >> 4 < 16
    chord = np.where(linear, 0, segment + 1)
    code = chord << 4 | (magnitudes >> np.where(linear, 4, segment + 4)) & 0xF
    return np.asarray(np.where(positive, code | 0x80, code) ^ 0x55, dtype=np.uint8)


def _alaw_samples() -> Samples:
    codes = np.arange(256, dtype=np.uint8) ^ 0x55
    chord, step = (codes >> 4 & 7).astype(np.int64), (codes & 0xF).astype(np.int64)
    magnitudes = np.where(chord == 0, 2 * step + 1, (2 * step + 33) << np.maximum(chord - 1, 0))
    return np.where(codes & 0x80, 8 * magnitudes, -8 * magnitudes).astype("<i2")


_ULAW_CODES = _ulaw_codes()
_ULAW_SAMPLES = _ulaw_samples()
_ALAW_CODES = _alaw_codes()
_ALAW_SAMPLES = _alaw_samples()
