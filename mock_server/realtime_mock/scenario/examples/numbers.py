"""Numbers that a JSON Schema's bounds and multiples allow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import count, islice
from typing import Any

MOST = 100
"""Candidates given for one schema."""


def candidates(schema: Mapping[str, Any], *, whole: bool) -> Iterator[int | float]:
    """Numbers in the range of `schema`, from its lower end on, or from one where that is open.

    A bound that is itself excluded may come first; whoever asks validates.
    """
    low = _bound(schema, "minimum", "exclusiveMinimum", pick=max)
    high = _bound(schema, "maximum", "exclusiveMaximum", pick=min)
    step = _step(schema, low, high, whole=whole)
    yield from map(_plain, islice(_multiples(step, low, high), MOST))


def _bound(schema: Mapping[str, Any], *keys: str, pick: Any) -> Fraction | None:
    # In draft 4 the exclusive bounds are flags beside the others.
    given = [schema[key] for key in keys if isinstance(schema.get(key), int | float)]
    return pick(exact) if (exact := [_exact(number) for number in given if not isinstance(number, bool)]) else None


def _step(schema: Mapping[str, Any], low: Fraction | None, high: Fraction | None, *, whole: bool) -> Fraction:
    step = _exact(schema["multipleOf"]) if "multipleOf" in schema else None
    if whole:
        # The whole multiples of p/q, in lowest terms, are the multiples of p.
        return Fraction(step.numerator) if step else Fraction(1)
    if step:
        return step
    if low is not None and high is not None and 0 < high - low < 2:
        return (high - low) / 4
    return Fraction(1)


def _multiples(step: Fraction, low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Multiples of `step` in the range: upwards, or downwards from an upper bound below the first."""
    if low is None and high is not None and high < step:
        top = math.floor(high / step)
        yield from (step * (top - number) for number in count())
        return
    # A quarter of a narrow range is no divisor of its lower end.
    start = step if low is None else low if step < 1 and high is not None else step * math.ceil(low / step)
    for number in count():
        value = start + step * number
        if high is not None and value > high:
            return
        yield value


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
