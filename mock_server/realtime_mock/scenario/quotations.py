"""Whether what the steps of a rule quote can be there when they are performed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from realtime_mock.scenario import placeholders
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.words import suggest


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


def check_quotations(step: object, *, groups: list[str]) -> None:
    """Every placeholder of a step must begin with a known name; `groups` are those of the rule's patterns.

    Raises:
        Misfit: one does not, or quotes a group that no pattern has.
    """
    for path in _paths(step):
        name, _, rest = path.partition(".")
        check_name(name)
        if name == "match" and (group := rest.partition(".")[0]) not in groups:
            raise Misfit(f"nothing is found for '${path}': {_remedy(group, groups)}")


def check_name(name: str) -> None:
    """A placeholder must begin with a known name.

    Raises:
        Misfit: it does not.
    """
    if name not in placeholders.NAMES:
        remedy = suggest(name, placeholders.NAMES)
        stop = "" if remedy.endswith("?") else "."
        raise Misfit(f"unknown placeholder '${name}'; {remedy}{stop} A dollar sign itself is '$$'.")


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
