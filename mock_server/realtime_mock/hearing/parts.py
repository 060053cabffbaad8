"""Phrases looked at closely, part by part: one word is what tells "the weather in Paris" from that in London."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime_mock.hearing.search import Candidate
from realtime_mock.hearing.spectrum import STEPS, Mask, Singles

PART = 12
"""Frames of a part: 240 ms, a syllable or two."""

_WORST_PERCENT = 97
_STEADINESS = 4.0
"""Added to a part's energy, for each frame: silence differs from silence by chance alone."""


@dataclass(frozen=True, slots=True)
class Look:
    """A candidate seen closely: at which step, how much its worst and its middle part differ.

    `hidden` is the longest row of its frames that did not arrive whole.
    """

    candidate: Candidate
    at: int
    worst: float
    middle: float
    hidden: int

    @property
    def merit(self) -> float:
        """What the likeliest candidate has most of."""
        return self.candidate.whole + 1.0 - self.worst


def look(candidate: Candidate, shape: Singles, fine: Singles, mask: Mask) -> Look:
    """The candidate, whose picture is `shape`, at the step where it differs least, a hop to either side at most."""
    looks: list[tuple[float, int, NDArray[np.float64]]] = []
    for at in range(max(0, (candidate.at - 1) * STEPS), (candidate.at + 1) * STEPS + 1):
        seen = fine[at::STEPS][: len(shape)]
        if len(seen) == len(shape):
            parts = _differences(shape, seen, mask[at::STEPS][: len(shape)])
            looks.append((float(parts.mean()), at, parts))
    _, at, parts = min(looks, key=lambda each: each[:2])
    worst, middle = float(np.percentile(parts, _WORST_PERCENT)), float(np.median(parts))
    return Look(candidate, at, worst, middle, _longest_row(mask[at::STEPS][: len(shape)]))


def worst_part(shape: Singles, seen: Singles, at: int) -> float:
    """How much the worst part of a phrase differs from another phrase there, or a frame beside it."""
    places = [seen[near : near + len(shape)] for near in (at - 1, at, at + 1) if near >= 0]
    intact = np.zeros(len(shape), np.bool_)
    parts = (_differences(shape, place, intact) for place in places if len(place) == len(shape))
    return min(float(np.percentile(differing, _WORST_PERCENT)) for differing in parts)


def _differences(shape: Singles, seen: Singles, mask: Mask) -> NDArray[np.float64]:
    """How much each part of a phrase differs from what is seen of it, 0 to about 1; what is damaged is left out."""
    level = seen - seen.mean(axis=0)
    whole = ~mask
    part = np.ones(min(PART, len(shape)))
    apart = np.convolve(((shape - level) ** 2).sum(axis=1) * whole, part, "valid")
    energy = np.convolve((shape**2 + level**2).sum(axis=1) * whole, part, "valid")
    return np.asarray(apart / (energy + _STEADINESS * len(part)))


def _longest_row(mask: Mask) -> int:
    """The most damaged frames in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
