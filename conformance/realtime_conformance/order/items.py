"""Rules of items: how they are added and done, and what comes between."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_conformance.events import at, item_id, number, response_id
from realtime_conformance.order.fields import Stream, default_responses, generated_items

_NESTED = {"response.output_item": "an item", "response.content_part": "a content part"}


def items_open_in_pairs(stream: Stream) -> Iterator[tuple[int, str]]:
    """`response.output_item.added` is followed at once by `conversation.item.added` of that item."""
    default = default_responses(stream)
    for place, event in enumerate(stream):
        if event["type"] == "response.output_item.added" and response_id(event) in default:
            yield from _followed_by(stream, place, "conversation.item.added")


def items_close_in_pairs(stream: Stream) -> Iterator[tuple[int, str]]:
    """A generated item's `conversation.item.done` is followed at once by its `response.output_item.done`.

    An MCP call that had to be approved has had the latter before, and is done once its result is known.
    """
    generated = generated_items(stream)
    closed: set[str] = set()
    for place, event in enumerate(stream):
        if event["type"] == "response.output_item.done":
            closed.add(item_id(event))
        elif event["type"] == "conversation.item.done" and item_id(event) in generated:
            approved = at(event, "item.type") == "mcp_call" and item_id(event) in closed
            # A client may give an item an id that a generated one has.
            given = place > 0 and _is_given(stream, place - 1) and item_id(stream[place - 1]) == item_id(event)
            if not approved and not given:
                yield from _followed_by(stream, place, "response.output_item.done")


def given_items_are_done_at_once(stream: Stream) -> Iterator[tuple[int, str]]:
    """An item that no response made is added and done at once, with equal content."""
    for place, event in enumerate(stream[:-1]):
        if not _is_given(stream, place) or at(event, "item.type") == "mcp_list_tools":
            continue
        after = stream[place + 1]
        if after["type"] != "conversation.item.done" or at(after, "item") != at(event, "item"):
            yield place, f"conversation.item.added of {item_id(event)} is not followed by an equal done"


def every_item_is_closed(stream: Stream) -> Iterator[tuple[int, str]]:
    """When a response is done, each of its items and content parts has had its `done`."""
    opened: dict[tuple[str, str, str, int], int] = {}
    for place, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        key = (response_id(event), kind, item_id(event), number(event, "content_index"))
        if kind in _NESTED and stage == "added":
            opened[key] = place
        elif kind in _NESTED and stage == "done":
            if opened.pop(key, None) is None:
                yield place, f"{event['type']} of {item_id(event)} which was not open"
        elif event["type"] == "response.done":
            for one in [one for one in opened if one[0] == response_id(event)]:
                yield opened.pop(one), f"{_NESTED[one[1]]} of {one[2]} never had its done"


def content_comes_within_its_item(stream: Stream) -> Iterator[tuple[int, str]]:
    """What names a response and one of its items comes between `response.output_item.added` and `.done` of it."""
    opened: set[tuple[str, str]] = set()
    known: set[str] = set()
    for place, event in enumerate(stream):
        key = (response_id(event), item_id(event))
        if event["type"] == "response.created":
            known.add(response_id(event))
        elif event["type"] == "response.output_item.added":
            opened.add(key)
        elif event["type"] == "response.output_item.done":
            opened.discard(key)
        elif event["type"].startswith("response.") and all(key) and key[0] in known and key not in opened:
            yield place, f"{event['type']} while {key[1]} is not open"


def _followed_by(stream: Stream, place: int, wanted: str) -> Iterator[tuple[int, str]]:
    if place + 1 == len(stream):
        return
    after = stream[place + 1]
    if after["type"] != wanted or item_id(after) != item_id(stream[place]):
        yield place, f"{stream[place]['type']} of {item_id(stream[place])} is followed by {after['type']}"


def _is_given(stream: Stream, place: int) -> bool:
    """Whether this event adds an item that no response made."""
    if stream[place]["type"] != "conversation.item.added":
        return False
    before = stream[place - 1] if place else {"type": ""}
    return before["type"] != "response.output_item.added" or item_id(before) != item_id(stream[place])
