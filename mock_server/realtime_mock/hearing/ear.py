"""The ear: which of the phrases that it was taught an utterance is, if any.

Every phrase is a picture (`spectrum`), made from the same voice that will say it. An utterance is searched for all of
them (`search`), and the nearest few are looked at closely (`parts`). A phrase is heard where its whole is alike enough
and its worst part is too, by the measure of how good the line is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime_mock.core.hearing import NOTHING, Heard, Span
from realtime_mock.core.speech import BYTES_PER_MS
from realtime_mock.hearing.beacon_reader import read_beacon
from realtime_mock.hearing.parts import PART, Look, look, worst_part
from realtime_mock.hearing.search import Search
from realtime_mock.hearing.spectrum import (
    HOP,
    RATE,
    STEP,
    STEPS,
    WINDOW,
    Singles,
    at_telephone_rate,
    audible,
    damaged,
    mended,
    picture,
)

LEAST_WHOLE = 0.6
"""How alike an utterance and a phrase are at least, as wholes."""

LONGEST_FACTOR = 3
"""An utterance with more than so many times the longest phrase's speech is none: most of it would be unexplained."""

_LOOKED_AT = 5
"""Phrases that are looked at closely."""

_MARGIN_MS = 400
_MARGIN = RATE * _MARGIN_MS // 1000
"""Samples of silence that are put around an utterance."""

LONGEST_MS = 60_000
"""What is longer is not looked at: memory grows with it, and no phrase lasts so long."""

_SHORTEST_MS = 100
_FAINTEST = 1e-3


@dataclass(frozen=True, slots=True)
class Rules:
    """When a phrase is taken to be heard.

    A part may differ by `base`, and by `per_noise` times as much as the middle one of all parts does, which tells how
    good the line is; where packets were lost, by `for_loss` more; by `most` in any case. `apart` is how much better
    the best phrase is than the next where one of them has to be told from the other. Where more than `most_hidden`
    frames in a row were lost, nobody knows the word. Phrases whose parts differ by `confusing` or less can hardly be
    told apart.
    """

    base: float = 0.08
    per_noise: float = 4.0
    for_loss: float = 0.1
    most: float = 0.3
    apart: float = 0.02
    confusing: float = 0.15
    most_hidden: int = 20

    def allowed(self, middle: float, *, is_damaged: bool) -> float:
        """How much the worst part may differ."""
        return min(self.most, self.base + self.per_noise * middle + (self.for_loss if is_damaged else 0.0))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two phrases, and how alike they are where they differ most, 0 to 1."""

    one: str
    other: str
    likeness: float


class Ear:
    """Knows phrases by their sound: 24 kHz PCM of each. Safe to share between threads once it is made."""

    def __init__(self, taught: Sequence[tuple[str, bytes]], *, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        shapes = [(says, _shape(pcm)) for says, pcm in taught]
        self.silent = [says for says, shape in shapes if shape is None]
        """Phrases without any sound, which are never heard."""
        self._says = [says for says, shape in shapes if shape is not None]
        self._shapes = [shape for _, shape in shapes if shape is not None]
        self._search = Search(self._shapes)
        self._longest = max(map(len, self._shapes), default=0)

    def hear(self, pcm: bytes, lost: Sequence[Span] = ()) -> Heard:
        """What one utterance says; `lost` are the samples of it that were lost on the way, whatever fills them now."""
        if not _SHORTEST_MS <= len(pcm) // BYTES_PER_MS <= LONGEST_MS:
            return NOTHING
        samples = at_telephone_rate(pcm)
        if np.abs(samples).max() < _FAINTEST:
            return NOTHING
        read = read_beacon(samples)
        if read is not None:
            return Heard(read.text, read.text, 1.0, 1.0, 0, len(pcm) // BYTES_PER_MS, "beacon")
        return self._match(samples, lost) if self._shapes else NOTHING

    def _match(self, samples: Singles, lost: Sequence[Span]) -> Heard:
        padded = np.pad(samples, _MARGIN)
        fine = picture(padded, step=STEP)
        mask = damaged(len(fine), lost, offset=_MARGIN)
        fine = mended(fine, mask)
        first, last = _extent(fine)
        if last - first > LONGEST_FACTOR * self._longest * STEPS:
            return NOTHING
        begin, end = max(0, first - _MARGIN // STEP), last + _MARGIN // STEP
        fine, mask = fine[begin:end], mask[begin:end]
        looks = [
            look(each, self._shapes[each.number], fine, mask)
            for each in self._search.nearest(fine[::STEPS], count=_LOOKED_AT)
        ]
        return self._judge(looks, offset=begin, is_damaged=bool(mask.any()))

    def close_pairs(self) -> list[Pair]:
        """Pairs of phrases with other words that are hard to tell apart, the nearest first."""
        found: dict[tuple[int, int], float] = {}
        for number, shape in enumerate(self._shapes):
            surrounded = np.pad(shape, ((PART, PART), (0, 0)), constant_values=float(shape.min()))
            for candidate in self._search.nearest(surrounded, count=_LOOKED_AT):
                other = candidate.number
                if self._says[other] != self._says[number] and candidate.whole >= LEAST_WHOLE:
                    pair = (min(number, other), max(number, other))
                    worst = worst_part(self._shapes[other], surrounded, candidate.at)
                    found[pair] = min(worst, found.get(pair, worst))
        near = sorted((worst, pair) for pair, worst in found.items() if worst <= self._rules.confusing)
        return [Pair(self._says[one], self._says[other], 1.0 - worst) for worst, (one, other) in near]

    def _judge(self, looks: list[Look], *, offset: int, is_damaged: bool) -> Heard:
        if not looks:
            return NOTHING
        likely = [each for each in looks if each.candidate.whole >= LEAST_WHOLE] or looks[:1]
        best, *others = sorted(likely, key=lambda each: each.merit, reverse=True)
        shape = self._shapes[best.candidate.number]
        says = self._says[best.candidate.number]
        rival = next((each for each in others if _words(self._says[each.candidate.number]) != _words(says)), None)
        is_known = (
            best.candidate.whole >= LEAST_WHOLE
            and best.worst <= self._rules.allowed(best.middle, is_damaged=is_damaged)
            and best.hidden <= self._rules.most_hidden
            and (rival is None or best.merit - rival.merit >= self._rules.apart)
        )
        start_ms = (offset + best.at) * STEP * 1000 // RATE - _MARGIN_MS
        return Heard(
            says=says if is_known else None,
            guess=says,
            whole=round(max(best.candidate.whole, 0.0), 3),
            worst=round(max(1.0 - best.worst, 0.0), 3),
            start_ms=max(0, start_ms),
            end_ms=max(0, start_ms + len(shape) * HOP * 1000 // RATE),
        )


def _words(says: str) -> str:
    """What of a phrase can be heard."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in says).casefold().split())


def _shape(pcm: bytes) -> Singles | None:
    """The picture of a phrase, without the silence around it; None where there is no sound."""
    samples = at_telephone_rate(pcm)
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max()) if len(samples) else samples
    if len(loud) == 0 or np.abs(samples).max() < _FAINTEST:
        return None
    sound = samples[int(loud[0]) : int(loud[-1]) + 1]
    levels = picture(np.pad(sound, (0, max(0, WINDOW - len(sound)))))
    return np.asarray(levels - levels.mean(axis=0), dtype=np.float32)


def _extent(fine: Singles) -> tuple[int, int]:
    """The first frame with speech and that behind the last one."""
    speech = np.flatnonzero(audible(fine))
    return int(speech[0]), int(speech[-1]) + 1
