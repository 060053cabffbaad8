"""What a fault is `on`: an event of either side, an attempt to connect, a request, or nothing in particular."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from realtime_mock.faults.model import Always, OnConnect, OnEvent, OnRequest, Side, Trigger, Way
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.matching import problems

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

_CONNECT = "connect"
_SIDES: Mapping[str, Side] = {"client": "client", "server": "server"}


@dataclass(frozen=True, slots=True)
class Occasion:
    """A trigger, and the `nth` that stood inside it, with the node that told it."""

    on: Trigger
    nth: Node | None = None


def read_trigger(node: Node, registry: SchemaRegistry) -> Occasion:
    """The trigger under `on`.

    `connect`, `client`, `server` and a bare event type are short for their mappings. A mapping with `path` or
    `method` is about requests, one with `connect` about connections, any other is the pattern of an event.
    """
    if isinstance(node.value, str):
        return Occasion(_named(node, registry))
    given = fields.any_mapping(node, what="'on'")
    nth = given.get("nth")
    rest = {key: value for key, value in given.items() if key != "nth"}
    if not rest:
        return Occasion(Always(), nth)
    if "path" in rest or "method" in rest:
        return Occasion(_request(node), nth)
    if _CONNECT in rest:
        return Occasion(_connect(node), nth)
    return Occasion(_event(rest, registry), nth)


def _named(node: Node, registry: SchemaRegistry) -> Trigger:
    types = _types(registry)
    name = fields.choice(node, (_CONNECT, *_SIDES, *types), what="'on'")
    if name == _CONNECT:
        return OnConnect()
    if name in _SIDES:
        return OnEvent(side=_SIDES[name])
    return OnEvent({"type": name}, types[name])


def _request(node: Node) -> OnRequest:
    given = fields.mapping(node, what="'on' of a request", allowed=("path", "method", "nth"))
    return OnRequest(
        path=fields.optional_text(given, "path", what="'on'") or "*",
        method=(fields.optional_text(given, "method", what="'on'") or "*").upper(),
    )


def _connect(node: Node) -> OnConnect:
    given = fields.mapping(node, what="'on' of a connection", allowed=(_CONNECT, "nth"))
    name = fields.choice(given[_CONNECT], get_args(Way), what="'connect'")
    return OnConnect(next(way for way in get_args(Way) if way == name))


def _event(given: Mapping[str, Node], registry: SchemaRegistry) -> OnEvent:
    pattern = {key: value.plain() for key, value in given.items()}
    for problem in problems(pattern):
        raise _standing_at(problem.where, given).error(problem.what)
    if "type" not in given or not isinstance(given["type"].value, str):
        return OnEvent(pattern)
    types = _types(registry)
    return OnEvent(pattern, types[fields.choice(given["type"], types, what="the type of an event")])


def _standing_at(where: Sequence[str | int], given: Mapping[str, Node]) -> Node:
    """The node that a path leads to."""
    node = given[str(where[0])]
    for step in where[1:]:
        inner = node.value
        if isinstance(inner, Mapping):
            node = inner[str(step)]
        elif isinstance(inner, tuple):
            node = inner[int(step)]
    return node


def _types(registry: SchemaRegistry) -> dict[str, Side]:
    """Who sends the events of each type, in either dialect."""
    types: dict[str, Side] = {}
    for known in (registry.dialect("ga"), registry.dialect("beta")):
        types |= dict.fromkeys(known.client_types, _SIDES["client"])
        types |= dict.fromkeys(known.server_types, _SIDES["server"])
    return types
