"""A beacon: any text as an audible burst of chords, to be played before the speech that says it.

A mock that listens for beacons knows the words of whatever comes behind one, also where no scenario lists them. It is
no speech: people hear it, and a voice detector takes it for the beginning of a turn.
"""

from __future__ import annotations

import zlib

import numpy as np

from realtime_mock.audio.pcm import pcm_of
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.hearing.tones import (
    BITS_PER_CHORD,
    CHECK_BITS,
    COPIES,
    FREQUENCIES,
    HEADER_BITS,
    HEADER_MASK,
    LENGTH_BITS,
    MOST_CHORDS,
    SYNC,
    Numbers,
    bits_of,
    body_mask,
    chords_of,
    order_of,
    samples_per_chord,
)

DICTIONARY = b" the what's is my to a for on in please can I you how where weather order "
"""Words that are short in a message."""

_LEVEL = 0.15 * 32768
"""RMS of the burst: -16.5 dBFS, a little above speech."""

_FADE_SECONDS = 0.004


class BeaconTooLong(ValueError):
    """The text does not fit; the message says how much does."""


def beacon(text: str) -> bytes:
    """24 kHz PCM of a burst that carries this text: about 0.6 s, and 0.1 s more for each three or four letters.

    Raises:
        BeaconTooLong: it is longer than about 150 letters.
    """
    message = _message(text)
    copies = [chords_of(message[order_of(copy, len(message))]) for copy in range(COPIES)]
    chords = np.concatenate([SYNC, _header(len(message) // BITS_PER_CHORD), *copies])
    sound = np.concatenate(_sung(chords))
    return pcm_of(sound * (_LEVEL / np.sqrt(np.mean(sound**2))))


def checksum(packed: bytes) -> int:
    """What tells a message from noise."""
    return zlib.crc32(packed) & (2**CHECK_BITS - 1)


def _message(text: str) -> Numbers:
    """The bits of a message, masked and filled up to whole chords."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -9, 9, zlib.Z_FIXED, DICTIONARY)
    packed = packer.compress(text.encode("utf-8", "replace")) + packer.flush()
    bits = bits_of(checksum(packed), CHECK_BITS) + [bit for byte in packed for bit in bits_of(byte, 8)]
    chords = -(-len(bits) // BITS_PER_CHORD)
    if chords > MOST_CHORDS:
        raise BeaconTooLong("a beacon carries about 150 letters, and this text has more; shorten it")
    size = chords * BITS_PER_CHORD
    return np.asarray(np.array(bits + [0] * (size - len(bits))) ^ body_mask(size))


def _header(chords: int) -> Numbers:
    repeated = (bits_of(chords, LENGTH_BITS) * (HEADER_BITS // LENGTH_BITS))[:HEADER_BITS]
    return chords_of(np.asarray(np.array(repeated) ^ HEADER_MASK))


def _sung(chords: Numbers) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Each chord, faded in and out; the phases are drawn, so that peaks stay low."""
    length = samples_per_chord(SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    edge = np.minimum(np.arange(length), np.arange(length)[::-1]) / (_FADE_SECONDS * SAMPLE_RATE)
    envelope = np.minimum(1.0, edge)
    phases = np.random.RandomState(3).random_sample(chords.shape) * 2 * np.pi
    sung = []
    for chord, shifts in zip(chords, phases, strict=True):
        tones = FREQUENCIES[np.arange(len(chord)), chord]
        sung.append(envelope * np.cos(2 * np.pi * tones[:, None] * time + shifts[:, None]).sum(axis=0))
    return sung
