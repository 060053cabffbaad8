"""What the rules read out of events, whatever is in them: a server under test may leave anything out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Event = Mapping[str, Any]
Stream = Sequence[Event]
Rule = Callable[[Stream], Iterator[tuple[int, str]]]
"""Yields the number of each event that breaks it, and what is wrong with it."""


def at(value: object, *path: str) -> Any:
    """What stands at a place in a JSON value, or None where there is no such place."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(value: object, *path: str) -> str:
    """The text at a place, empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: object, *path: str) -> int:
    """The number at a place, 0 where there is none."""
    found = at(value, *path)
    return found if isinstance(found, int) else 0


def entries(value: object, *path: str) -> Iterator[Event]:
    """The objects in the list at a place."""
    found = at(value, *path)
    yield from (entry for entry in found if isinstance(entry, Mapping)) if isinstance(found, list) else ()


def item_id(event: Event) -> str:
    """The id of the item that an event names or holds; empty where it does neither."""
    return text(event, "item_id") or text(event, "item", "id")


def response_id(event: Event) -> str:
    """The id of the response that an event belongs to; empty where it belongs to none."""
    return text(event, "response", "id") or text(event, "response_id")


def default_responses(stream: Stream) -> set[str]:
    """The ids of the responses of the default conversation."""
    created = (event for event in stream if event["type"] == "response.created")
    return {response_id(event) for event in created if at(event, "response", "conversation_id") is not None}


def generated_items(stream: Stream) -> set[str]:
    """The ids of the items that responses made."""
    return {item_id(event) for event in stream if event["type"] == "response.output_item.added"}
