"""PCM arithmetic: levels and sample-rate conversion.

PCM is 16-bit little-endian mono everywhere in this project. Conversion is a windowed sinc
in double precision, evaluated as one matrix product per block of samples: the outputs of a
block are fixed weighted sums of the inputs around it, whatever the signal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLOOR_DBFS = -120.0
"""The level given to digital silence, so that a level is always a finite number."""

_FULL_SCALE = 32768.0
_ZERO_CROSSINGS = 32
"""Half-length of the filter, in zero crossings of its sinc: transition band 9 % of the lower rate."""

_CUTOFF = 0.925
"""Middle of the transition band, as a share of half the lower rate: flat to 0.84, silent past 1.01."""

_KAISER_BETA = 7.857
"""Stop band at -80 dB."""

_LARGEST_FACTOR = 1000
"""Bound of the reduced ratio's terms: the filter bank grows with their product."""


def dbfs(pcm: bytes) -> float:
    """Give the RMS level in dB below a full-scale square wave; `FLOOR_DBFS` for silence or no samples.

    A full-scale sine is therefore at -3.01. A trailing half sample is ignored.
    """
    samples = samples_of(pcm)
    energy = float(np.dot(samples, samples))
    if energy == 0.0:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 10.0 * math.log10(energy / len(samples) / _FULL_SCALE**2))


def samples_of(pcm: bytes) -> Floats:
    """Read PCM as floats from -32768 to 32767; a trailing half sample is ignored."""
    return np.frombuffer(pcm, "<i2", count=len(pcm) // 2).astype(np.float64)


def pcm_of(samples: Floats) -> bytes:
    """Write floats as PCM, rounded to the nearest value and clipped to 16 bits."""
    return np.clip(np.rint(samples), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


def resample(pcm: bytes, *, source: int, target: int) -> bytes:
    """Convert PCM from `source` to `target` samples per second, without delay.

    Gives ceil(samples * target / source) samples; equal rates give the input.

    Raises:
        ValueError: a rate is not positive, or the two share too small a common factor.
    """
    resampler = Resampler(source=source, target=target)
    return resampler.feed(pcm) + resampler.flush()


class Resampler:
    """Converts a stream of PCM piece by piece, to the same samples as one `resample` of it all.

    It holds back the few milliseconds that later samples still bear on; `flush` gives them.
    A sample cut in two by a piece's end is put together again.
    """

    def __init__(self, *, source: int, target: int) -> None:
        self._bank = _filter_bank(source, target)
        self._pending = np.zeros(self._bank.reach)
        self._half_sample = b""
        self._received = self._sent = 0

    def feed(self, pcm: bytes) -> bytes:
        """Take the next piece of the stream and give the output that is ready."""
        data = self._half_sample + pcm
        whole = len(data) - len(data) % 2
        self._half_sample = data[whole:]
        samples = samples_of(data)
        self._received += len(samples)
        return pcm_of(self._convert(samples))

    def flush(self) -> bytes:
        """Give what was held back, as if silence followed, and start a new stream."""
        owed = -(-self._received * self._bank.outputs // self._bank.inputs) - self._sent
        tail = self._convert(np.zeros(self._bank.reach + self._bank.inputs))[:owed]
        self._pending = np.zeros(self._bank.reach)
        self._half_sample = b""
        self._received = self._sent = 0
        return pcm_of(tail)

    def _convert(self, samples: Floats) -> Floats:
        pending = np.concatenate((self._pending, samples))
        blocks, self._pending = self._bank.split(pending)
        converted = self._bank.convert(blocks)
        self._sent += len(converted)
        return converted


@dataclass(frozen=True, slots=True)
class _FilterBank:
    """The filter of one pair of rates: `inputs` samples become `outputs` by one product.

    `reach` is how many samples before and after a moment bear on it.
    """

    inputs: int
    outputs: int
    reach: int
    weights: Floats

    def split(self, samples: Floats) -> tuple[Floats, Floats]:
        """Cut into overlapping windows, one per whole block, and what remains for the next call."""
        width = self.inputs + 2 * self.reach
        count = max(0, (len(samples) - 2 * self.reach) // self.inputs)
        if count == 0:
            return np.empty((0, width)), samples
        windows = np.lib.stride_tricks.sliding_window_view(samples, width)[: count * self.inputs : self.inputs]
        return np.ascontiguousarray(windows), samples[count * self.inputs :]

    def convert(self, windows: Floats) -> Floats:
        """Give the outputs of all windows in one row."""
        return (windows @ self.weights).reshape(-1)


@lru_cache(maxsize=32)
def _filter_bank(source: int, target: int) -> _FilterBank:
    """Build the filter of two rates; equal rates pass unchanged."""
    if source <= 0 or target <= 0:
        raise ValueError(f"a sample rate is a positive number, not {min(source, target)}")
    if source == target:
        return _FilterBank(1, 1, 0, np.ones((1, 1)))
    common = math.gcd(source, target)
    if max(source, target) // common > _LARGEST_FACTOR:
        raise ValueError(f"cannot convert {source} Hz to {target} Hz: give audio at a common rate, such as 48000 Hz")
    # Larger blocks than the ratio asks for: fewer overlapping windows to copy per output sample.
    repeat = -(-32 // (target // common))
    inputs, outputs = repeat * source // common, repeat * target // common
    reach = math.ceil(_ZERO_CROSSINGS * max(1.0, source / target) / _CUTOFF) + 1
    return _FilterBank(inputs, outputs, reach, _weights(inputs, outputs, reach))


def _weights(inputs: int, outputs: int, reach: int) -> Floats:
    """Weigh every input of a window (rows) for every output of its block (columns)."""
    cutoff = _CUTOFF * min(1.0, outputs / inputs)
    moments = np.arange(outputs) * inputs / outputs + reach
    distance = (moments[np.newaxis, :] - np.arange(inputs + 2 * reach)[:, np.newaxis]) * cutoff
    inside = np.clip(1.0 - (distance / _ZERO_CROSSINGS) ** 2, 0.0, None)
    window = np.where(np.abs(distance) < _ZERO_CROSSINGS, np.i0(_KAISER_BETA * np.sqrt(inside)), 0.0)
    weights = np.sinc(distance) * window
    # A constant stays the same constant at every position between two samples.
    return np.asarray(weights / weights.sum(axis=0, keepdims=True))
