"""The rules of a scenario: on which event, which turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.model import Call, Close, Fail, McpCall, Proceed, Respond, Rule, Say, Step, Turn
from realtime_mock.scenario.steps import read_step

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

_KEYS = ("on", "turns", "once", "nth", "instead")
_NOTHING = Turn(())


def read_rule(node: Node, registry: SchemaRegistry) -> Rule:
    """One rule."""
    what = "a rule"
    given = fields.mapping(node, what=what, allowed=_KEYS, required=("on",))
    instead = "instead" in given and fields.flag(given["instead"], what="'instead'")
    if "turns" not in given and not instead:
        raise node.error(f"{what} has no 'turns'; add it")
    pattern = _pattern(given["on"], registry)
    once = "once" in given and fields.flag(given["once"], what="'once'")
    nth = fields.counting_number(given["nth"], what="'nth'") if "nth" in given else None
    turns = _turns(given["turns"], registry) if "turns" in given else (_NOTHING,)
    if nth is not None and len(turns) > 1:
        raise given["turns"].error("a rule with 'nth' matches once, so it plays one turn; remove the others")
    if "turns" in given:
        _check_turns(given["turns"], turns, instead=instead, is_client=pattern.get("type") in registry.client_types)
    return Rule(pattern, turns, once, nth, instead)


def _pattern(node: Node, registry: SchemaRegistry) -> dict[str, Any]:
    """The mapping under `on`; a bare string is short for an event type."""
    if isinstance(node.value, str):
        return {"type": _event_type(node, registry)}
    given = fields.any_mapping(node, what="'on'")
    if "type" in given:
        _event_type(given["type"], registry)
    return {key: value.plain() for key, value in given.items()}


def _event_type(node: Node, registry: SchemaRegistry) -> str:
    return fields.choice(node, (*registry.client_types, *registry.server_types), what="the type of an event")


def _turns(node: Node, registry: SchemaRegistry) -> tuple[Turn, ...]:
    return tuple(_turn(turn, registry) for turn in fields.elements(node, what="'turns'"))


def _turn(node: Node, registry: SchemaRegistry) -> Turn:
    """One step, or a list of steps that share a response."""
    steps: list[Step] = []
    for each in _step_nodes(node):
        step = read_step(each, registry)
        if any(isinstance(earlier, Close) for earlier in steps):
            raise each.error("nothing can follow 'close'; make it the last step of the turn")
        if isinstance(step, Say | Call | McpCall | Fail) and any(isinstance(earlier, Fail) for earlier in steps):
            raise each.error("the response has ended with 'fail'; begin another turn")
        steps.append(step)
    return Turn(tuple(steps))


def _step_nodes(turn: Node) -> Sequence[Node]:
    return fields.elements(turn, what="a turn") if isinstance(turn.value, tuple) else (turn,)


def _check_turns(node: Node, turns: Sequence[Turn], *, instead: bool, is_client: bool) -> None:
    """What a step may do depends on the rule and on the other steps of its turn."""
    for turn_node, turn in zip(fields.elements(node, what="'turns'"), turns, strict=True):
        for step_node, step in zip(_step_nodes(turn_node), turn.steps, strict=True):
            match step:
                case Proceed() if not instead:
                    raise step_node.error("the session goes on by itself here; add 'instead: true' to the rule")
                case Proceed(changes) if changes and is_client:
                    raise step_node.error("a client's event proceeds as it is; write 'proceed: {}'")
                case Respond() if turn.is_answer:
                    raise step_node.error("this turn waits for a response; give 'respond' a turn of its own")
                case Say() | Call() | McpCall() | Fail() if instead:
                    raise step_node.error("a rule with 'instead' starts no response; remove 'instead' or this step")
                case _:
                    pass
