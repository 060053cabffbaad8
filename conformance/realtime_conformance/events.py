"""Reading events, whatever is in them: a server under test may leave anything out, or send it in another shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

Event = Mapping[str, Any]
AnyEvent = TypeVar("AnyEvent", bound=Event)


def at(value: object, path: str) -> Any:
    """What stands at a place such as `response.output.0.id`, or None where there is no such place."""
    for key in _keys(path):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def text(value: object, path: str) -> str:
    """The text at a place, empty where there is none."""
    found = at(value, path)
    return found if isinstance(found, str) else ""


def number(value: object, path: str) -> int:
    """The whole number at a place, 0 where there is none."""
    found = at(value, path)
    return found if isinstance(found, int) else 0


def entries(value: object, path: str) -> Iterator[Event]:
    """The objects in the list at a place."""
    found = at(value, path)
    yield from (entry for entry in found if isinstance(entry, Mapping)) if isinstance(found, list) else ()


def picked(value: object, *paths: str) -> dict[str, Any]:
    """What stands at several places, by their paths."""
    return {path: at(value, path) for path in paths}


def distinct(values: Iterable[object]) -> list[object]:
    """Each of some values once, whatever they are."""
    found: list[object] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def of_type(events: Iterable[AnyEvent], *kinds: str) -> list[AnyEvent]:
    """Those of some events that have one of these types."""
    return [event for event in events if event["type"] in kinds]


def kinds(events: Iterable[Event]) -> list[str]:
    """The types of some events."""
    return [event["type"] for event in events]


def joined(events: Iterable[Event], kind: str) -> str:
    """What the deltas of a kind, such as `response.output_text`, add up to."""
    return "".join(text(event, "delta") for event in of_type(events, f"{kind}.delta"))


def item_id(event: Event) -> str:
    """The id of the item that an event names or holds; empty where it does neither."""
    return text(event, "item_id") or text(event, "item.id")


def response_id(event: Event) -> str:
    """The id of the response that an event belongs to; empty where it belongs to none."""
    return text(event, "response.id") or text(event, "response_id")


@cache
def _keys(path: str) -> list[str]:
    return path.split(".")
