"""The rules of a scenario: on which event, which turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from realtime_mock.scenario import fields
from realtime_mock.scenario.checks import ORDERS, check_on
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Rule, Turn
from realtime_mock.scenario.phrase_words import read_heard
from realtime_mock.scenario.steps import read_step

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

_WHAT = "a rule"


def read_rules(node: Node, registry: SchemaRegistry) -> tuple[Rule, ...]:
    """The rules of a scenario, in their order."""
    return fields.every(lambda rule: _rule(rule, registry), fields.elements(node, what="'rules'"))


def _rule(node: Node, registry: SchemaRegistry) -> Rule:
    given = fields.mapping(node, what=_WHAT, allowed=_READERS, required=("on",))
    words = dict(zip(given, fields.every(lambda key: _READERS[key](given[key], registry), given), strict=True))
    try:
        return Rule(**words, place=str(node.place))
    except Misfit as misfit:
        raise fields.located(node, misfit) from None


def _on(node: Node) -> Mapping[str, Any]:
    """The mapping under `on`; a bare string is short for an event type."""
    if isinstance(node.value, str):
        on: Mapping[str, Any] = {"type": fields.text(node, what="the type of an event")}
    else:
        given = fields.any_mapping(node, what="'on'")
        if "type" in given and not isinstance(given["type"].value, Mapping):
            fields.text(given["type"], what="the type of an event")
        on = {key: read_heard(value) if key == "heard" else value.plain() for key, value in given.items()}
    try:
        check_on(on)
    except Misfit as misfit:
        raise fields.located(node, misfit.inside("on")) from None
    return on


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


_READERS: Mapping[str, Callable[[Node, SchemaRegistry], Any]] = {
    "on": lambda node, _: _on(node),
    "turns": _turns,
    "once": lambda node, _: fields.flag(node, what="'once'"),
    "nth": lambda node, _: fields.counting_number(node, what="'nth'"),
    "instead": lambda node, _: fields.flag(node, what="'instead'"),
    "state": lambda node, _: fields.text(node, what=f"'state' of {_WHAT}"),
    "then": lambda node, _: fields.text(node, what=f"'then' of {_WHAT}"),
    "order": lambda node, _: fields.choice(node, ORDERS, what="'order'"),
}
"""What each key of a rule becomes: the field of `Rule` that has its name."""
