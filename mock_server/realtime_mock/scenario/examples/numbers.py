"""Numbers that a JSON Schema's bounds and multiples allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

MOST = 100
"""Candidates given for one schema."""


def candidates(schema: Mapping[str, Any], *, whole: bool) -> Iterator[int | float]:
    """Numbers in the range of `schema`, from its lower end on, or from one where that is open.

    A bound that is itself excluded may come first; whoever asks validates.
    """
    low = _bound(schema, ("minimum", "exclusiveMinimum"), pick=max)
    high = _bound(schema, ("maximum", "exclusiveMaximum"), pick=min)
    step = _step(schema, whole=whole)
    found = _multiples(step, low, high) if step else _points(low, high)
    try:
        yield from map(_plain, islice(found, MOST))
    except OverflowError:
        # Beyond what a float holds there is no number to give.
        return


def _bound(
    schema: Mapping[str, Any], keys: Iterable[str], *, pick: Callable[[list[Fraction]], Fraction]
) -> Fraction | None:
    # In draft 4 the exclusive bounds are flags beside the others.
    given = [schema[key] for key in keys if key in schema and not isinstance(schema[key], bool)]
    return pick([_exact(number) for number in given]) if given else None


def _step(schema: Mapping[str, Any], *, whole: bool) -> Fraction | None:
    step = _exact(schema["multipleOf"]) if "multipleOf" in schema else None
    if whole:
        # The whole multiples of p/q, in lowest terms, are the multiples of p.
        return Fraction(step.numerator) if step else Fraction(1)
    return step


def _multiples(step: Fraction, low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Multiples of `step` in the range, downwards where only an upper bound is near."""
    if low is None and high is not None and high < step:
        yield from _stride(step * math.floor(high / step), -step, None, None)
    else:
        yield from _stride(step if low is None else step * math.ceil(low / step), step, None, high)


def _points(low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    """Numbers of a range without multiples: one apart, closer where the range is narrow."""
    one = Fraction(1)
    if low is not None and high is not None:
        yield from _stride(low, min(one, (high - low) / MOST), low, high)
    elif high is not None and high < 1:
        yield from _stride(high, -one, None, high)
    else:
        yield from _stride(one if low is None else low, one, low, high)


def _stride(start: Fraction, step: Fraction, low: Fraction | None, high: Fraction | None) -> Iterator[Fraction]:
    for number in range(MOST):
        value = start + step * number
        if (low is None or value >= low) and (high is None or value <= high):
            yield value


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
