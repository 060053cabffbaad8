"""Rules of a session as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_conformance.events import text
from realtime_conformance.order.fields import Stream


def ids_are_unique(stream: Stream) -> Iterator[tuple[int, str]]:
    """No two events share an `event_id`."""
    seen: set[str] = set()
    for at, event in enumerate(stream):
        event_id = text(event, "event_id")
        if event_id and event_id in seen:
            yield at, f"event_id {event_id} was used before"
        seen.add(event_id)


def session_comes_first(stream: Stream) -> Iterator[tuple[int, str]]:
    """`session.created` is the first event or, on a sideband, absent."""
    for at, event in enumerate(stream):
        if event["type"] == "session.created" and at > 0:
            yield at, "session.created is not the first event"
