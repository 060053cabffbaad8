"""What a scenario expects of its client: the list `expect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.expectation import Event, Expectation
from realtime_mock.scenario.misfit import Misfit

_WHAT = "an expectation"
_SENDERS = ("client", "server")


def read_expectations(node: Node) -> tuple[Expectation, ...]:
    """The expectations of a scenario, in their order."""
    return fields.every(_expectation, fields.elements(node, what="'expect'"))


def _expectation(node: Node) -> Expectation:
    """A pattern alone, or a mapping that also says how often and when."""
    words: dict[str, Any] = {"event": node}
    given: Mapping[str, Node] = {"event": node}
    if isinstance(node.value, Mapping) and node.value.keys() & {"event", "in_order"}:
        given = fields.mapping(node, what=_WHAT, allowed=_READERS)
    elif isinstance(node.value, Mapping):
        _check_bare(node, node.value)
    if "event" in given and "in_order" in given:
        raise node.keys["in_order"].error(f"{_WHAT} is one event or several; remove 'event' or 'in_order'")
    words = {_NAMES.get(key, key): _READERS[key](value) for key, value in given.items()}
    try:
        return Expectation(**words)
    except Misfit as misfit:
        is_bare = given.get("event") is node
        raise fields.located(node, misfit.inside("event") if is_bare else misfit) from None


def _check_bare(node: Node, given: Mapping[str, Node]) -> None:
    """A word of expectations beside the keys of an event would be taken for one of those."""
    for key in given:
        if key in _READERS:
            raise node.keys[key].error(f"'{key}' stands beside 'event'; write {{event: {{type: ...}}, {key}: ...}}")


def _event(node: Node) -> Event:
    if isinstance(node.value, str):
        return fields.text(node, what="the type of an event")
    given = fields.any_mapping(node, what="an expected event")
    return {key: value.plain() for key, value in given.items()}


def _events(node: Node) -> list[Event]:
    return [_event(element) for element in fields.elements(node, what="'in_order'")]


def _number(word: str) -> Callable[[Node], int]:
    return lambda node: fields.whole_number(node, what=f"'{word}'")


_READERS: Mapping[str, Callable[[Node], object]] = {
    "event": _event,
    "in_order": _events,
    "count": _number("count"),
    "at_least": _number("at_least"),
    "at_most": _number("at_most"),
    "never": lambda node: fields.flag(node, what="'never'"),
    "after": _event,
    "before": _event,
    "within": lambda node: fields.duration(node, what="'within'"),
    "from": lambda node: fields.choice(node, _SENDERS, what="'from'"),
}
_NAMES = {"from": "sender"}
"""Words that Python has another name for."""
