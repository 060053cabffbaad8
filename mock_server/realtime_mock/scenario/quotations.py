"""Whether what the steps of a rule quote can be there when they are performed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import placeholders
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.reachable import closed, impossible
from realtime_mock.scenario.words import suggest

_ANY = {"$any": True}
_CARRIERS = {
    "session": ("session.updated", "session", None),
    "response": ("response.done", "response", None),
    "previous_response": ("response.done", "response", None),
    "item": ("conversation.item.added", "item", None),
    "call": ("conversation.item.done", "item", "function_call"),
    "function_output": ("conversation.item.added", "item", "function_call_output"),
}
"""By which event what a placeholder stands for is known, under which key, and of which type an item is."""


def group_names(pattern: object) -> list[str]:
    """The named groups of the regular expressions in a pattern, which has no faults."""
    match pattern:
        case Mapping():
            found = [name for value in pattern.values() for name in group_names(value)]
            expression = pattern.get("$regex")
            return [*found, *(re.compile(expression).groupindex if isinstance(expression, str) else ())]
        case list() | tuple():
            return [name for value in pattern for name in group_names(value)]
        case _:
            return []


def check_quotations(step: object, *, groups: list[str], event_type: object) -> None:
    """Every placeholder of a step must begin with a known name and lead to something.

    `groups` are those of the rule's patterns, `event_type` is that of its event, as far as it is known.

    Raises:
        Misfit: one does not, or quotes a group that no pattern has, or a key that the API does not know.
    """
    for path in _paths(step):
        name, *keys = path.split(".")
        check_name(name)
        if name == "match" and (group := keys[0] if keys else "") not in groups:
            raise Misfit(f"nothing is found for '${path}': {_remedy(group, groups)}")
        if fault := _dead_end(name, keys, event_type):
            raise Misfit(f"nothing is found for '${path}': {fault.what}")


def check_name(name: str) -> None:
    """A placeholder must begin with a known name.

    Raises:
        Misfit: it does not.
    """
    if name not in placeholders.NAMES:
        remedy = suggest(name, placeholders.NAMES)
        stop = "" if remedy.endswith("?") else "."
        raise Misfit(f"unknown placeholder '${name}'; {remedy}{stop} A dollar sign itself is '$$'.")


def _dead_end(name: str, keys: list[str], event_type: object) -> Misfit | None:
    """Why a way can lead nowhere; None where it may lead to something.

    It is followed as far as a text, which may be JSON.
    """
    schema, known = _schema(name, event_type)
    passed: list[str] = []
    for key in keys:
        if impossible(schema, {**known, **_nested(passed, [] if key.isdecimal() else {})}):
            return None
        passed.append(key)
        if fault := impossible(schema, {**known, **_nested(passed, _ANY)}):
            return fault
    return None


def _nested(keys: list[str], leaf: object) -> dict[str, Any]:
    """The pattern of a value at the end of a way; what is not a mapping at its beginning says nothing."""
    pattern: Any = leaf
    for key in reversed(keys):
        pattern = [*[_ANY] * int(key), pattern] if key.isdecimal() else {key: pattern}
    return pattern if isinstance(pattern, dict) and pattern is not _ANY else {}


def _schema(name: str, event_type: object) -> tuple[Any, dict[str, Any]]:
    """The schema of what a name stands for, and what else is known of it."""
    if name == "event":
        return _event_schema(event_type), {}
    if name not in _CARRIERS:
        return None, {}
    carrier, key, item_type = _CARRIERS[name]
    schema = _event_schema(carrier)
    return schema["properties"][key] if schema else None, {} if item_type is None else {"type": item_type}


def _event_schema(event_type: object) -> Any:
    return _closed_schema(event_type) if isinstance(event_type, str) else None


@cache
def _closed_schema(event_type: str) -> Any:
    """The session's own events have no key that their schema does not list, a client's event is refused with one."""
    schema = SchemaRegistry.bundled().event_schema(event_type)
    return None if schema is None else closed(schema)


def _remedy(group: str, groups: list[str]) -> str:
    if not groups:
        return "no regular expression of the rule has a named group; write one, such as (?P<city>.+)"
    if not group:
        return f"a name of a group must follow; {suggest(group, groups)}"
    return f"the rule has no group '{group}'; {suggest(group, groups)}"


def _paths(value: object) -> Iterator[str]:
    """Every placeholder in the texts of a step."""
    if is_dataclass(value):
        for each in fields(value):
            yield from _paths(getattr(value, each.name))
    else:
        yield from placeholders.paths(value)
