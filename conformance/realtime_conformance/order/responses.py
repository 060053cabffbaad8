"""Rules of responses as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_conformance.events import at, response_id
from realtime_conformance.order.fields import Stream


def responses_open_and_close_once(stream: Stream) -> Iterator[tuple[int, str]]:
    """`response.created` comes before, `response.done` after everything else of a response."""
    state: dict[str, str] = {}
    for place, event in enumerate(stream):
        named = response_id(event)
        if not event["type"].startswith("response.") or not named:
            continue
        before = state.get(named, "unknown")
        if event["type"] == "response.created":
            if before != "unknown":
                yield place, f"{named} was created before"
            state[named] = "open"
        elif before != "open":
            yield place, f"{event['type']} while {named} is {before}"
        if event["type"] == "response.done":
            state[named] = "done"


def one_default_response_at_a_time(stream: Stream) -> Iterator[tuple[int, str]]:
    """At most one response of the default conversation is active."""
    active: str | None = None
    for place, event in enumerate(stream):
        if at(event, "response.conversation_id") is None:
            continue
        named = response_id(event)
        if event["type"] == "response.created":
            if active is not None:
                yield place, f"{named} was created while {active} was active"
            active = named
        elif event["type"] == "response.done" and active == named:
            active = None
