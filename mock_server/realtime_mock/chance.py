"""Chance without a generator: what falls out is a pure function of a seed.

Whoever needs an independent draw asks for one at a place of its own (`Chance(7).at("fault", 3)`), so that one more
draw somewhere changes none elsewhere, and a run with the same seed repeats to the letter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """One draw. The same seed gives the same draw, in every process and on every machine.

    `seed` is a number, a text, None, or a tuple of those: anything whose `repr` is its value.
    """

    seed: object

    def at(self, *place: object) -> Chance:
        """The draw at a place, which has nothing to do with the draws at other places."""
        return Chance((self.seed, *place))

    def fraction(self) -> float:
        """A number from 0 up to, but not including, 1."""
        # A float keeps 53 bits: with more the quotient could round up to 1.
        return (self._bits() >> 11) / 2**53

    def pick(self, count: int) -> int:
        """One of the numbers from 0 to `count` - 1, all of them equally likely; `count` is 1 or more."""
        return self._bits() * count >> 64

    def spread(self, seconds: float) -> float:
        """A time between `-seconds` and `seconds`, for jitter that makes things early as often as late."""
        return (2 * self.fraction() - 1) * seconds

    def order(self, count: int) -> tuple[int, ...]:
        """The numbers from 0 to `count` - 1, shuffled."""
        return tuple(sorted(range(count), key=lambda index: self.at(index)._bits()))  # noqa: SLF001 - a draw of its own

    def _bits(self) -> int:
        """64 bits of the draw."""
        return int.from_bytes(hashlib.blake2b(repr(self.seed).encode(), digest_size=8).digest(), "big")
