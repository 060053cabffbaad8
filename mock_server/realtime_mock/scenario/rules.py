"""The rules of a scenario: on which event, which turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from realtime_mock.scenario import fields
from realtime_mock.scenario.checks import ORDERS
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Rule, Turn
from realtime_mock.scenario.steps import read_step

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

_WHAT = "a rule"


def read_rules(node: Node, registry: SchemaRegistry) -> tuple[Rule, ...]:
    """The rules of a scenario, in their order."""
    return fields.every(lambda rule: _rule(rule, registry), fields.elements(node, what="'rules'"))


def _rule(node: Node, registry: SchemaRegistry) -> Rule:
    given = fields.mapping(node, what=_WHAT, allowed=_KEYS, required=("on",))
    instead = "instead" in given and fields.flag(given["instead"], what="'instead'")
    if "turns" not in given and not instead:
        raise node.error(f"{_WHAT} has no 'turns'; add it")
    turns = _turns(given["turns"], registry) if "turns" in given else ()
    try:
        return Rule(
            _on(given["on"]),
            turns,
            once="once" in given and fields.flag(given["once"], what="'once'"),
            nth=fields.counting_number(given["nth"], what="'nth'") if "nth" in given else None,
            instead=instead,
            state=fields.optional_text(given, "state", what=_WHAT),
            then=fields.optional_text(given, "then", what=_WHAT),
            order=fields.choice(given["order"], ORDERS, what="'order'") if "order" in given else "listed",
            place=str(node.place),
        )
    except Misfit as misfit:
        raise fields.located(node, misfit) from None


def _on(node: Node) -> str | Mapping[str, Any]:
    """The mapping under `on`; a bare string is short for an event type."""
    if isinstance(node.value, str):
        return fields.text(node, what="the type of an event")
    given = fields.any_mapping(node, what="'on'")
    if "type" in given and not isinstance(given["type"].value, Mapping):
        fields.text(given["type"], what="the type of an event")
    return {key: value.plain() for key, value in given.items()}


def _turns(node: Node, registry: SchemaRegistry) -> tuple[Turn, ...]:
    return fields.every(lambda turn: _turn(turn, registry), fields.elements(node, what="'turns'"))


def _turn(node: Node, registry: SchemaRegistry) -> Turn:
    """One step, or a list of steps that share a response."""
    nodes = fields.elements(node, what="a turn") if isinstance(node.value, tuple) else (node,)
    steps = fields.every(lambda step: read_step(step, registry), nodes)
    try:
        return Turn(steps)
    except Misfit as misfit:
        raise fields.located(node, misfit) from None


_KEYS = ("on", "turns", "once", "nth", "instead", "state", "then", "order")
