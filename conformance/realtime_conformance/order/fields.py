"""What the rules of order share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from realtime_conformance.events import Event, at, item_id, of_type, response_id

Stream = Sequence[Event]
Rule = Callable[[Stream], Iterator[tuple[int, str]]]
"""Yields the number of each event that breaks it, and what is wrong with it."""


def default_responses(stream: Stream) -> set[str]:
    """The ids of the responses of the default conversation."""
    created = of_type(stream, "response.created")
    return {response_id(event) for event in created if at(event, "response.conversation_id") is not None}


def generated_items(stream: Stream) -> set[str]:
    """The ids of the items that responses made."""
    return {item_id(event) for event in of_type(stream, "response.output_item.added")}
