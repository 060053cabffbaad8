"""Events that a scenario writes itself: the step `emit`, and the changes of `proceed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from realtime_mock.scenario import fields, placeholders
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Emit, Proceed
from realtime_mock.scenario.quotations import check_name

if TYPE_CHECKING:
    from realtime_mock.registry import SchemaRegistry

PLACEHOLDER_ID = "event_000000000000000000000"
"""Stands for the id that the mock gives an emitted event when it is sent."""

_TEXTS = ("id", "text", "transcript", "name", "arguments", "message")
"""Keys whose value is text in every event, like those that end in `_id`."""


def read_emit(node: Node, *, invalid: bool, after: float, registry: SchemaRegistry) -> Emit:
    """The step `emit`; unless it is `invalid`, the event must fit its schema."""
    given = fields.any_mapping(node, what="'emit'")
    check_placeholders(node)
    event = {key: value.plain() for key, value in given.items()}
    if not invalid:
        _check_type(node, given, registry)
        _check_event(node, event, registry)
    return Emit(event, after, invalid=invalid)


def read_proceed(node: Node, after: float) -> Proceed:
    """The step `proceed`: the changes to the event, or none."""
    given = fields.any_mapping(node, what="'proceed'")
    check_placeholders(node)
    return Proceed({key: value.plain() for key, value in given.items()}, after)


def check_placeholders(node: Node) -> None:
    """Every placeholder must begin with a known name."""
    match node.value:
        case Mapping() as inner:
            for value in inner.values():
                check_placeholders(value)
        case tuple() as elements:
            for value in elements:
                check_placeholders(value)
        case str() as text:
            for path in placeholders.paths(text):
                _check_name(node, path.partition(".")[0])


def _check_name(node: Node, name: str) -> None:
    try:
        check_name(name)
    except Misfit as misfit:
        raise node.error(misfit.what) from None


def _check_type(node: Node, given: Mapping[str, Node], registry: SchemaRegistry) -> None:
    if "type" not in given:
        raise node.error("the event to emit has no 'type'; add the type of a server event")
    fields.choice(given["type"], registry.server_types, what="the type of an emitted event")


def _check_event(node: Node, event: Mapping[str, object], registry: SchemaRegistry) -> None:
    """What a placeholder will stand for is known only when it is sent: text is assumed where it must be text."""
    if _is_open(event):
        return
    fault = registry.first_server_error({"event_id": PLACEHOLDER_ID, **event})
    if fault is not None:
        raise node.error(
            f"the event to emit does not fit its schema: {fault}; correct the event, or add 'invalid: true' to the step"
        )


def _is_open(value: object, key: str = "") -> bool:
    """Whether a placeholder stands for something that need not be text."""
    match value:
        case str():
            return placeholders.is_placeholder(value) and key not in _TEXTS and not key.endswith("_id")
        case Mapping():
            return any(_is_open(inner, name) for name, inner in value.items())
        case list():
            return any(map(_is_open, value))
        case _:
            return False
