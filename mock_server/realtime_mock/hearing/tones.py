"""The alphabet of a beacon: chords of seven tones, each of which carries three bits.

A beacon is four chords that nobody else sings, two that tell how long the message is, and the message three times,
each time with its bits in another order: what a lost packet takes from one copy stands elsewhere in the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from realtime_mock.hearing.spectrum import RATE

GROUPS: Final = 7
TONES: Final = 8
"""Tones in each group; a chord has one of every group."""

COPIES: Final = 3
CHORD: Final = 320
"""Samples at `RATE`: 40 ms."""

SYNC_CHORDS: Final = 4
HEADER_CHORDS: Final = 2
BITS_PER_CHORD: Final = 3 * GROUPS
HEADER_BITS: Final = HEADER_CHORDS * BITS_PER_CHORD
LENGTH_BITS: Final = 6
"""The length of the message in chords, repeated as often as the header holds it."""

MOST_CHORDS: Final = 2**LENGTH_BITS - 1
CHECK_BITS: Final = 24

Numbers = NDArray[np.int64]

FREQUENCIES: Final = np.asarray(400.0 + 50.0 * np.arange(GROUPS * TONES), np.float64).reshape(GROUPS, TONES)
"""In Hz: 400 to 3150, which a telephone carries."""


def _drawn(seed: int, below: int, *shape: int) -> Numbers:
    """The same whole numbers on every machine: numpy promises never to change this generator."""
    return np.random.RandomState(seed).randint(0, below, shape).astype(np.int64)


SYNC: Final = _drawn(7, TONES, SYNC_CHORDS, GROUPS)

_MASK = _drawn(5, 2, 2000)
"""Makes every message a mixture of tones, a long row of zeros too."""

HEADER_MASK: Final = _MASK[:HEADER_BITS]


def body_mask(bits: int) -> Numbers:
    """The mask of a message of so many bits."""
    return _MASK[100 : 100 + bits]


def order_of(copy: int, bits: int) -> NDArray[Any]:
    """In which order the bits of a message stand in one of its copies."""
    return np.random.RandomState(100 + copy).permutation(bits)


def chords_of(bits: Numbers) -> Numbers:
    """The tone of each group, chord by chord."""
    return np.asarray(bits.reshape(-1, GROUPS, 3) @ np.array([4, 2, 1]))


def bits_of(number: int, count: int) -> list[int]:
    """A number in so many bits, the highest first."""
    return [number >> place & 1 for place in range(count - 1, -1, -1)]


def number_of(bits: Iterable[Any]) -> int:
    """The number that bits make, the highest first."""
    number = 0
    for bit in bits:
        number = number << 1 | int(bit)
    return number


def samples_per_chord(rate: int) -> int:
    """How long a chord is at another sample rate."""
    return rate * CHORD // RATE


def bytes_of(bits: Sequence[Any]) -> bytes:
    """The whole bytes in a row of bits."""
    return bytes(number_of(bits[at : at + 8]) for at in range(0, len(bits) - 7, 8))
