"""How the parts of a scenario are read from nodes: each reader gives a value or a located error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from realtime_mock.scenario import words
from realtime_mock.scenario.document import Node, ScenarioError
from realtime_mock.scenario.misfit import Misfit

LONGEST_DURATION = 86_400.0
"""Seconds of the longest wait: a day."""

suggest = words.suggest

Given = TypeVar("Given")
Read = TypeVar("Read")


def every(read: Callable[[Given], Read], given: Iterable[Given]) -> tuple[Read, ...]:
    """What is read of each one given. Where some cannot be read, the error of the first brings the others along."""
    found: list[Read] = []
    errors: list[ScenarioError] = []
    for each in given:
        try:
            found.append(read(each))
        except ScenarioError as error:
            errors += error.all
    if errors:
        raise ScenarioError(str(errors[0]), errors[1:])
    return tuple(found)


def located(node: Node, misfit: Misfit) -> ScenarioError:
    """The error for what is wrong below a node, pointing as near to it as the file goes.

    A single element may stand in place of a list.
    """
    place = node.place
    for step in misfit.where:
        match node.value:
            case Mapping() as inner if isinstance(step, str) and step in inner:
                place = node.keys[step] if misfit.of_key else inner[step].place
                node = inner[step]
            case tuple() as inner if isinstance(step, int) and step < len(inner):
                node = inner[step]
                place = node.place
            case _:
                pass
    return place.error(misfit.what)


def mapping(node: Node, *, what: str, allowed: Iterable[str], required: Iterable[str] = ()) -> Mapping[str, Node]:
    """The fields of a mapping that has no key but the `allowed` and every one of the `required`."""
    fields = any_mapping(node, what=what)
    names = list(allowed)
    unknown = [key for key in fields if key not in names]
    errors = [node.keys[key].error(f"unknown key '{key}' in {what}; {suggest(key, names)}") for key in unknown]
    errors += [node.error(f"{what} has no '{key}'; add it") for key in required if key not in fields]
    if errors:
        raise ScenarioError(str(errors[0]), errors[1:])
    return fields


def any_mapping(node: Node, *, what: str) -> Mapping[str, Node]:
    """The fields of a mapping with whatever keys."""
    if not isinstance(node.value, Mapping):
        raise node.error(f"{what} must be a mapping, not {kind(node)}; write 'key: value' pairs")
    return node.value


def elements(node: Node, *, what: str) -> tuple[Node, ...]:
    """The elements of a list that has at least one."""
    if not isinstance(node.value, tuple):
        raise node.error(f"{what} must be a list, not {kind(node)}; begin each element with '- '")
    if not node.value:
        raise node.error(f"{what} is empty; give at least one element")
    return node.value


def text(node: Node, *, what: str) -> str:
    """Text that is more than blanks."""
    if isinstance(node.value, bool | int | float):
        raise node.error(f"{what} must be text, not {kind(node)}; put it in quotes")
    if not isinstance(node.value, str):
        raise node.error(f"{what} must be text, not {kind(node)}; write it after the colon")
    if not node.value.strip():
        raise node.error(f"{what} is empty; write some text")
    return node.value


def any_text(node: Node, *, what: str) -> str:
    """Text, which may be empty."""
    return node.value if isinstance(node.value, str) else text(node, what=what)


def optional_text(fields: Mapping[str, Node], key: str, *, what: str) -> str | None:
    """The text under `key`, or None where there is none."""
    return text(fields[key], what=f"'{key}' of {what}") if key in fields else None


def json_text(node: Node, *, what: str) -> str:
    """The JSON text of a mapping; text is taken to be JSON already, to the letter."""
    if isinstance(node.value, str):
        return node.value
    if not isinstance(node.value, Mapping):
        raise node.error(f"{what} must be a mapping or JSON text, not {kind(node)}; write 'key: value' pairs")
    return json.dumps(node.plain(), ensure_ascii=False, separators=(",", ":"))


def flag(node: Node, *, what: str) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        raise node.error(f"{what} must be true or false, not {kind(node)}; write one of the two, without quotes")
    return node.value


def whole_number(node: Node, *, what: str) -> int:
    """An integer."""
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        raise node.error(f"{what} must be a whole number, not {kind(node)}; write digits, without quotes")
    return node.value


def counting_number(node: Node, *, what: str) -> int:
    """An integer from 1 on."""
    number = whole_number(node, what=what)
    if number < 1:
        raise node.error(f"{what} counts from 1; write 1 for the first")
    return number


def duration(node: Node, *, what: str) -> float:
    """Seconds from `120ms`, `1.5s` or the plain number `2`."""
    seconds = words.seconds(node.value)
    if seconds is None:
        shown = f"'{node.value}'" if isinstance(node.value, str) else kind(node)
        raise node.error(f"{what} must be a duration, not {shown}; write 120ms, 1.5s, or 2 for seconds")
    if not 0 <= seconds <= LONGEST_DURATION:
        raise node.error(f"{what} must be between 0 and {LONGEST_DURATION:.0f} seconds; change the duration")
    return seconds


def choice(node: Node, names: Iterable[str], *, what: str) -> str:
    """One of `names`."""
    given = text(node, what=what)
    allowed = list(names)
    if given not in allowed:
        raise node.error(f"{what} cannot be '{given}'; {suggest(given, allowed)}")
    return given


def kind(node: Node) -> str:
    """What a value is, with its article."""
    value: Any = node.value
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case tuple():
            return "a list"
        case _:
            return "a mapping"
