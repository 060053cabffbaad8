"""Where in an utterance which phrase might be: each picture of a phrase is slid over that of the utterance.

The likeness is the normalised cross-correlation, made smaller by the part of the speech that it leaves unexplained.
All phrases are slid at once, by their Fourier transforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime_mock.hearing.spectrum import BANDS, Singles, audible

_LEAST_SHARE = 0.3
"""Where an utterance has less variation than this share of the phrase's, it has no words there."""

_MARGIN = 3
"""Frames around a phrase that count as explained by it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase, by its number, at a frame of the utterance; `whole` is how alike they are, 0 to 1."""

    whole: float
    at: int
    number: int


class Search:
    """Looks for pictures of phrases, whose bands have a mean of zero."""

    def __init__(self, pictures: Sequence[Singles]) -> None:
        self._pictures = pictures
        self._energies = np.array([float((picture**2).sum()) for picture in pictures])
        self._by_length: dict[int, list[int]] = {}
        for number, picture in enumerate(pictures):
            self._by_length.setdefault(len(picture), []).append(number)
        self._longest = max(self._by_length, default=0)
        self._spectra: tuple[int, NDArray[np.complex64]] = (0, np.zeros((0, 0, BANDS), np.complex64))

    def nearest(self, levels: Singles, *, count: int) -> list[Candidate]:
        """The phrases that are most alike, the best one first."""
        scores = _Scores(levels)
        products = self._slide(levels)
        found: list[Candidate] = []
        for length, numbers in self._by_length.items():
            if length <= len(levels):
                found += self._of_length(length, numbers, products, scores)
        return sorted(found, key=lambda candidate: candidate.whole, reverse=True)[:count]

    def _of_length(self, length: int, numbers: list[int], products: Singles, scores: _Scores) -> list[Candidate]:
        """The best place of each phrase of one length."""
        energies = self._energies[numbers]
        variation = np.maximum(scores.variation(length)[:, None], _LEAST_SHARE * energies)
        likeness = products[: len(variation), numbers] / np.sqrt(variation * energies)
        places = likeness.argmax(axis=0)
        best = likeness[places, np.arange(len(numbers))] * scores.explained(places, length)
        return [Candidate(float(best[rank]), int(places[rank]), number) for rank, number in enumerate(numbers)]

    def _slide(self, levels: Singles) -> Singles:
        """The products of every phrase (second axis) with the utterance at every frame (first axis)."""
        size = 1 << (len(levels) + self._longest - 1).bit_length()
        spectrum = np.fft.rfft(levels, size, axis=0).astype(np.complex64)
        products = np.matmul(self._spectra_of(size), spectrum[:, :, None])[:, :, 0]
        return np.asarray(np.fft.irfft(products, size, axis=0), dtype=np.float32)

    def _spectra_of(self, size: int) -> NDArray[np.complex64]:
        kept, spectra = self._spectra
        if kept != size:
            spectra = np.empty((size // 2 + 1, len(self._pictures), BANDS), np.complex64)
            for number, picture in enumerate(self._pictures):
                spectra[:, number] = np.conj(np.fft.rfft(picture, size, axis=0))
            self._spectra = (size, spectra)
        return spectra


class _Scores:
    """Sums over an utterance, so that those over any part of it are a difference."""

    def __init__(self, levels: Singles) -> None:
        self._sums = _running(levels.astype(np.float64))
        self._squares = _running((levels.astype(np.float64) ** 2).sum(axis=1))
        self._speech = _running(audible(levels).astype(np.float64))
        self._frames = len(levels)

    def variation(self, length: int) -> NDArray[np.float64]:
        """For every part of this length: how far its levels are from the means of their bands, squared and summed."""
        sums = self._sums[length:] - self._sums[:-length]
        squares = self._squares[length:] - self._squares[:-length]
        return np.asarray(squares - (sums**2).sum(axis=1) / length)

    def explained(self, places: NDArray[Any], length: int) -> NDArray[np.float64]:
        """The root of the share of all speech that lies in the part of this length at each place."""
        ends = np.minimum(self._frames, places + length + _MARGIN)
        share = self._speech[ends] - self._speech[np.maximum(0, places - _MARGIN)]
        return np.asarray(np.sqrt(share / max(1.0, float(self._speech[-1]))))


def _running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))
