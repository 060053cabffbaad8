"""Reads the text of a beacon out of what was heard: by the strength of each tone, no bit decided too early."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime_mock.hearing.beacon import DICTIONARY, checksum
from realtime_mock.hearing.spectrum import RATE, Singles
from realtime_mock.hearing.tones import (
    BITS_PER_CHORD,
    CHECK_BITS,
    CHORD,
    COPIES,
    FREQUENCIES,
    GROUPS,
    HEADER_BITS,
    HEADER_CHORDS,
    HEADER_MASK,
    LENGTH_BITS,
    SYNC,
    SYNC_CHORDS,
    TONES,
    body_mask,
    bytes_of,
    number_of,
    order_of,
)

_STEP = 40
"""Samples between two places where a beacon may begin."""

_PLACES = 12
"""The likeliest places that are tried."""

_LEAST_SYNC = 0.3
"""Share of the power that the tones of the sync have in their groups, at least: an eighth is chance."""

_PER_CHORD = CHORD // _STEP

Powers = NDArray[np.float64]
"""Power by place or chord, group and tone."""


@dataclass(frozen=True, slots=True)
class Read:
    """The text of a beacon, and the sample at `RATE` behind its last chord."""

    text: str
    end: int


def read_beacon(samples: Singles) -> Read | None:
    """The first beacon in what was heard, at `RATE`; None where there is none, or its message is not whole."""
    if len(samples) < (SYNC_CHORDS + HEADER_CHORDS + COPIES) * CHORD:
        return None
    powers = _powers(samples)
    likely = _sync(powers)
    for place in np.argsort(-likely)[:_PLACES]:
        if likely[place] < _LEAST_SYNC:
            return None
        chords = powers[int(place) + SYNC_CHORDS * _PER_CHORD :: _PER_CHORD]
        count = _length(chords)
        text = _text(_bits(chords[HEADER_CHORDS:], count)) if count else None
        if text is not None:
            total = SYNC_CHORDS + HEADER_CHORDS + COPIES * count
            return Read(text, int(place) * _STEP + total * CHORD)
    return None


def _powers(samples: Singles) -> Powers:
    frames = np.lib.stride_tricks.sliding_window_view(samples, CHORD)[::_STEP]
    return np.asarray(np.abs(frames @ _TRANSFORM) ** 2, dtype=np.float64).reshape(-1, GROUPS, TONES)


def _sync(powers: Powers) -> NDArray[np.float64]:
    """How much of a sync there is at each place."""
    shares = powers / (powers.sum(axis=2, keepdims=True) + 1e-9)
    places = len(shares) - SYNC_CHORDS * _PER_CHORD
    found = np.zeros(max(0, places))
    for chord in range(SYNC_CHORDS):
        at = chord * _PER_CHORD
        for group in range(GROUPS):
            found += shares[at : at + len(found), group, SYNC[chord, group]]
    return found / (SYNC_CHORDS * GROUPS)


def _length(chords: Powers) -> int:
    """How many chords a message has; 0 where the header says nothing."""
    if len(chords) < HEADER_CHORDS:
        return 0
    leaning = _leanings(chords[:HEADER_CHORDS]) * (1 - 2 * HEADER_MASK)
    count = number_of(leaning[place:HEADER_BITS:LENGTH_BITS].sum() > 0 for place in range(LENGTH_BITS))
    return count if len(chords) >= HEADER_CHORDS + count else 0


def _bits(chords: Powers, count: int) -> list[bool]:
    """The bits of a message, each by what all copies say of it together."""
    size = count * BITS_PER_CHORD
    leaning = np.zeros(size)
    for copy in range(COPIES):
        part = chords[copy * count : (copy + 1) * count]
        if len(part) == count:
            leaning[order_of(copy, size)] += _leanings(part)
    bits: list[bool] = (leaning * (1 - 2 * body_mask(size)) > 0).tolist()
    return bits


def _leanings(chords: Powers) -> NDArray[np.float64]:
    """For each bit how much more it looks like a one than like a zero."""
    levels = np.log(chords / (chords.mean(axis=2, keepdims=True) + 1e-12) + 0.05)
    ones = [(np.arange(TONES) >> place & 1).astype(np.bool_) for place in (2, 1, 0)]
    leanings = [levels[:, :, one].max(axis=2) - levels[:, :, ~one].max(axis=2) for one in ones]
    return np.stack(leanings, axis=2).reshape(-1)


def _text(bits: list[bool]) -> str | None:
    """The message is as long as its checksum says: the filling behind it is less than a chord."""
    wanted = number_of(bits[:CHECK_BITS])
    packed = bytes_of(bits[CHECK_BITS:])
    for size in range(len(packed), max(0, len(packed) - BITS_PER_CHORD // 8 - 1), -1):
        if checksum(packed[:size]) == wanted:
            try:
                return zlib.decompressobj(-9, DICTIONARY).decompress(packed[:size]).decode()
            except (zlib.error, UnicodeDecodeError):
                return None
    return None


_TRANSFORM = (
    np.hanning(CHORD + 2)[1:-1] * np.exp(-2j * np.pi * np.outer(FREQUENCIES.ravel(), np.arange(CHORD)) / RATE)
).T.astype(np.complex64)
