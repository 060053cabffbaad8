"""Patterns: what an event must contain, where it does not, and which event came nearest.

A pattern is plain JSON. A mapping in it names keys that must be there, with values that contain what the pattern
says of them; a list is compared place by place and may be longer than its pattern; anything else must be equal, and
`true` is not 1. A mapping whose keys begin with a dollar sign holds operators, all of which must hold. `$$` begins a
key that itself begins with a dollar sign.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from realtime_mock.scenario.words import suggest

LONGEST_SHOWN = 120
"""Characters of a value in a sentence about it."""

MOST_CANDIDATES = 1_000
"""Candidates that `nearest` looks at, the newest ones: what it costs is bounded."""


class Absence(Enum):
    """What stands where a value is missing."""

    ABSENT = "absent"


ABSENT = Absence.ABSENT


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a value is not what a pattern asks for.

    `path` leads there from the top, as the API writes it (`item.content[0].text`); it is empty for the whole value.
    `expected` is that part of the pattern, `actual` what stands there, or `ABSENT`.
    """

    path: str
    expected: object
    actual: object

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}expected {shown(self.expected)}, got {shown(self.actual)}"

    def as_json(self) -> dict[str, object]:
        """The difference for a client of the control API; an absent value has no `actual`."""
        actual = {} if self.actual is ABSENT else {"actual": self.actual}
        return {"path": self.path, "expected": self.expected, **actual}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The candidate that came nearest to a pattern: its place among the candidates, itself, and what differs."""

    index: int
    candidate: object
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.differences[:5]))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a pattern: `where` are the keys and positions that lead to it from the top.

    `of_key` tells that the last key is itself wrong, and not what stands there.
    """

    where: tuple[str | int, ...]
    what: str
    of_key: bool = False

    def __str__(self) -> str:
        path = path_of(self.where)
        return f"{path}: {self.what}" if path else self.what


def contains(value: object, pattern: object) -> bool:
    """Whether `value` contains `pattern`, in which `problems` finds none."""
    return next(differences(value, pattern), None) is None


def differences(value: object, pattern: object, path: str = "") -> Iterator[Difference]:
    """Every place where `value` is not what `pattern` asks for, in the order of the pattern."""
    match pattern:
        case Mapping() if is_operator(pattern):
            if not all(OPERATORS[name].holds(value, operand) for name, operand in pattern.items()):
                yield Difference(path, pattern, value)
        case Mapping() if isinstance(value, Mapping):
            for key, wanted in pattern.items():
                name = key.removeprefix("$")
                yield from differences(value.get(name, ABSENT), wanted, f"{path}.{name}" if path else name)
        case list() | tuple() if isinstance(value, list | tuple):
            for place, wanted in enumerate(pattern):
                actual = value[place] if place < len(value) else ABSENT
                yield from differences(actual, wanted, f"{path}[{place}]")
        case _ if not _is_equal(value, pattern):
            yield Difference(path, pattern, value)


def nearest(pattern: object, candidates: Iterable[object]) -> NearMiss | None:
    """The candidate with the fewest differences, the newest of those; None where nothing is near.

    A pattern that names a `type` is near to events of that type only. Of many candidates the newest
    `MOST_CANDIDATES` are looked at.
    """
    listed = list(candidates)
    first = max(len(listed) - MOST_CANDIDATES, 0)
    kind = pattern.get("type") if isinstance(pattern, Mapping) else None
    best: NearMiss | None = None
    for index in range(len(listed) - 1, first - 1, -1):
        candidate = listed[index]
        if isinstance(kind, str) and not (isinstance(candidate, Mapping) and candidate.get("type") == kind):
            continue
        miss = NearMiss(index, candidate, tuple(differences(candidate, pattern)))
        if best is None or len(miss.differences) < len(best.differences):
            best = miss
    return best


def groups(value: object, pattern: object) -> dict[str, str]:
    """What the named groups of the pattern's regular expressions found in a `value` that contains it."""
    found: dict[str, str] = {}
    match pattern:
        case Mapping() if is_operator(pattern):
            for name, operand in pattern.items():
                found.update(OPERATORS[name].groups(value, operand))
        case Mapping() if isinstance(value, Mapping):
            for key, wanted in pattern.items():
                found.update(groups(value.get(key.removeprefix("$")), wanted))
        case list() | tuple() if isinstance(value, list | tuple):
            for actual, wanted in zip(value, pattern, strict=False):
                found.update(groups(actual, wanted))
    return found


def problems(pattern: object, where: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Everything that is wrong with a pattern: unknown operators, and operands that an operator cannot use."""
    match pattern:
        case Mapping():
            operators = [key for key in pattern if _names_operator(key)]
            for key, value in pattern.items():
                if key not in operators:
                    if operators:
                        beside = f"'{key}' stands beside '{operators[0]}'; operators share their mapping with no key"
                        yield Problem((*where, key), beside, of_key=True)
                    yield from problems(value, (*where, key))
                elif key in OPERATORS:
                    yield from OPERATORS[key].problems(value, (*where, key))
                else:
                    remedy = f"{suggest(key, OPERATORS)} A key that begins with a dollar sign is written '${key}'."
                    yield Problem((*where, key), f"unknown operator '{key}'; {remedy}", of_key=True)
        case list() | tuple():
            for place, value in enumerate(pattern):
                yield from problems(value, (*where, place))


def is_operator(pattern: Mapping[str, object]) -> bool:
    """Whether a mapping in a pattern holds operators, not keys."""
    return any(map(_names_operator, pattern))


def path_of(where: Iterable[str | int]) -> str:
    """Keys and positions as the API writes them: `item.content[0].text`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return "".join(steps).removeprefix(".")


def shown(value: object) -> str:
    """A value in a sentence: JSON, cut where it is long; `nothing` where it is absent."""
    if value is ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


# Operators


def _no_groups(_value: object, _operand: Any) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Operator:
    """What one `$` word means.

    `holds` judges a value, which may be `ABSENT`, by the operand; `problems` says what is wrong with an operand that
    stands at a place; `groups` are the named groups of a regular expression that holds.
    """

    holds: Callable[[object, Any], bool]
    problems: Callable[[object, tuple[str | int, ...]], Iterator[Problem]]
    groups: Callable[[object, Any], Mapping[str, str]] = _no_groups


def _contains(value: object, operand: object) -> bool:
    """Text contains text, whatever the case of its letters; a list contains what one of its elements contains."""
    match value:
        case str():
            return isinstance(operand, str) and operand.casefold() in value.casefold()
        case list() | tuple():
            return any(contains(element, operand) for element in value)
        case _:
            return False


def _groups_of_element(value: object, operand: object) -> Mapping[str, str]:
    elements = value if isinstance(value, list | tuple) else ()
    return next((groups(element, operand) for element in elements if contains(element, operand)), {})


def _matches(value: object, operand: str) -> bool:
    return isinstance(value, str) and re.search(operand, value) is not None


def _groups_of_match(value: object, operand: str) -> Mapping[str, str]:
    found = re.search(operand, value) if isinstance(value, str) else None
    return {} if found is None else {name: text for name, text in found.groupdict().items() if text is not None}


def _equals(value: object, operand: object) -> bool:
    """The same JSON value, with nothing more in it."""
    match operand:
        case Mapping():
            return (
                isinstance(value, Mapping)
                and value.keys() == operand.keys()
                and all(_equals(value[key], inner) for key, inner in operand.items())
            )
        case list() | tuple():
            return isinstance(value, list | tuple) and len(value) == len(operand) and all(map(_equals, value, operand))
        case _:
            return _is_equal(value, operand)


def _as_json(value: object) -> object:
    """What a JSON text says, or `ABSENT` where it is none."""
    if not isinstance(value, str):
        return ABSENT
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return ABSENT


def _compared(holds: Callable[[float, float], bool]) -> Operator:
    def judge(value: object, operand: float) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and holds(value, operand)

    return Operator(judge, _number_problems)


def _is_equal(value: object, pattern: object) -> bool:
    if isinstance(pattern, bool) or pattern is None:
        return value is pattern
    return not isinstance(value, bool) and value == pattern


def _names_operator(key: str) -> bool:
    return key.startswith("$") and not key.startswith("$$")


def _no_problems(_operand: object, _where: tuple[str | int, ...]) -> Iterator[Problem]:
    return iter(())


def _true_problems(operand: object, where: tuple[str | int, ...]) -> Iterator[Problem]:
    if operand is not True:
        yield Problem(where, f"'{where[-1]}' is always true; write '{where[-1]}: true', or '$not' before it")


def _number_problems(operand: object, where: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        yield Problem(where, f"'{where[-1]}' compares with a number; write one, without quotes")


def _list_problems(operand: object, where: tuple[str | int, ...]) -> Iterator[Problem]:
    if not isinstance(operand, list | tuple) or not operand:
        yield Problem(where, f"'{where[-1]}' needs a list with at least one element; write '[a, b]'")
    else:
        yield from problems(operand, where)


def _regex_problems(operand: object, where: tuple[str | int, ...]) -> Iterator[Problem]:
    if not isinstance(operand, str):
        yield Problem(where, f"'{where[-1]}' needs a regular expression; write it as text, in single quotes")
        return
    try:
        re.compile(operand)
    except (re.error, RecursionError, OverflowError) as error:
        yield Problem(where, f"the regular expression is wrong: {error}; it is one of Python's, correct it")


OPERATORS: Mapping[str, Operator] = {
    "$contains": Operator(_contains, problems, _groups_of_element),
    "$regex": Operator(_matches, _regex_problems, _groups_of_match),
    "$any": Operator(lambda value, _: value is not ABSENT, _true_problems),
    "$absent": Operator(lambda value, _: value is ABSENT, _true_problems),
    "$in": Operator(lambda value, operand: any(contains(value, one) for one in operand), _list_problems),
    "$equals": Operator(_equals, _no_problems),
    "$not": Operator(lambda value, operand: not contains(value, operand), problems),
    "$json": Operator(
        lambda value, operand: contains(_as_json(value), operand),
        problems,
        lambda value, operand: groups(_as_json(value), operand),
    ),
    "$gt": _compared(lambda value, operand: value > operand),
    "$gte": _compared(lambda value, operand: value >= operand),
    "$lt": _compared(lambda value, operand: value < operand),
    "$lte": _compared(lambda value, operand: value <= operand),
}
"""What can stand in place of a value, by its word."""
