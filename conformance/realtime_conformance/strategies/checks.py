"""One call in a user's test says whether a serializer keeps what the protocol allows and refuses what it forbids.

Each check draws events, shrinks what fails, and raises `AssertionError` with the smallest event, the place that
differs, and the schema that says what should be there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from realtime_conformance.strategies.events import (
    Event,
    event_schema,
    event_types,
    invalid_client_events,
    server_events,
)
from realtime_conformance.strategies.mutations import Mutation

DEFAULT_EXAMPLES = 200

Decode = Callable[[Event], Any]
Encode = Callable[[Any], Event]


def check_round_trip(
    encode: Encode,
    decode: Decode,
    *,
    events: st.SearchStrategy[Event] | None = None,
    max_examples: int = DEFAULT_EXAMPLES,
) -> None:
    """Hold that `encode(decode(event))` is the event, whatever event it is.

    Args:
        encode: makes the event, as a JSON object, of what `decode` gave.
        decode: makes whatever the library works with of an event.
        events: which to try; all server events by default.
        max_examples: how many.

    Raises:
        AssertionError: some event comes back changed, or not at all.
    """

    def holds(event: Event) -> None:
        try:
            back = encode(decode(json.loads(json.dumps(event))))
        except Exception as error:
            raise AssertionError(_told(event, f"it raised {type(error).__name__}: {error}")) from error
        place = difference(event, back)
        if place is not None:
            raise AssertionError(_told(event, place))

    hold_over(holds, _telling_events() if events is None else events, max_examples)


def check_tolerates_unknown(
    decode: Decode, *, events: st.SearchStrategy[Event] | None = None, max_examples: int = DEFAULT_EXAMPLES
) -> None:
    """Hold that `decode` raises at no event a server may send, with keys and of types that a later server may add.

    Raises:
        AssertionError: it raised.
    """
    known = server_events(unknown_fields=True) if events is None else events

    def holds(event: Event) -> None:
        try:
            decode(json.loads(json.dumps(event)))
        except Exception as error:
            raise AssertionError(_told(event, f"decoding raised {type(error).__name__}: {error}")) from error

    hold_over(holds, unknown_events(), max_examples=20)
    hold_over(holds, known, max_examples)


def check_rejects_invalid(
    validate: Callable[[Event], object],
    *,
    events: st.SearchStrategy[Mutation] | None = None,
    max_examples: int = DEFAULT_EXAMPLES,
) -> None:
    """Hold that `validate` refuses every client event with one thing wrong: it raises, or gives a false value.

    Raises:
        AssertionError: it let one through.
    """

    def holds(mutation: Mutation) -> None:
        try:
            verdict = validate(json.loads(json.dumps(mutation.event)))
        except Exception:  # noqa: BLE001 - raising is refusing
            return
        if verdict is None or verdict:
            what = f"it was let through, although {mutation.name} at '{mutation.path}' breaks '{mutation.keyword}'"
            raise AssertionError(_told(mutation.event, what, side="client"))

    hold_over(holds, invalid_client_events() if events is None else events, max_examples)


def unknown_events() -> st.SearchStrategy[Event]:
    """Events of types that no server sends today."""
    names = st.sampled_from(["response.hologram.delta", "session.weather", "x.y", "conversation.item.sung"])
    return st.builds(lambda kind, event_id: {"type": kind, "event_id": event_id}, names, st.text(max_size=8))


def hold_over(holds: Callable[[Any], None], strategy: st.SearchStrategy[Any], max_examples: int) -> None:
    """Draw, and shrink what fails.

    Raises:
        AssertionError: what `holds` raised for the smallest value.
    """

    @hypothesis.settings(
        max_examples=max_examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @hypothesis.given(strategy)
    def test(drawn: Any) -> None:
        holds(drawn)

    test()


def difference(expected: object, actual: object, path: str = "") -> str | None:
    """The first place at which two JSON values differ, in words; None where they are the same.

    `1` and `1.0` are the same number, `1` and `true` are not the same value, and the order of keys means nothing.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in (*expected, *(key for key in actual if key not in expected)):
            where = f"{path}.{key}" if path else str(key)
            if key not in actual:
                return f"'{where}' was lost"
            if key not in expected:
                return f"'{where}' was added: {json.dumps(actual[key], default=repr)}"
            found = difference(expected[key], actual[key], where)
            if found is not None:
                return found
        return None
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        found_in = (
            difference(one, other, f"{path}[{at}]")
            for at, (one, other) in enumerate(zip(expected, actual, strict=True))
        )
        return next((found for found in found_in if found is not None), None)
    if isinstance(expected, bool) is isinstance(actual, bool) and expected == actual:
        return None
    return f"'{path}' was {json.dumps(expected)} and became {json.dumps(actual, default=repr)}"


def _telling_events() -> st.SearchStrategy[Event]:
    """Any server event; half of them are of the few types that carry items or responses, where most goes wrong."""
    everything = event_types("server")
    rich = [kind for kind in everything if {"item", "response"} & set(event_schema("server", kind)["properties"])]
    return st.sampled_from([tuple(everything), tuple(rich)]).flatmap(lambda types: server_events(types=types))


def _told(event: Event, what: str, *, side: str = "server") -> str:
    kind = event.get("type")
    schema = (
        f"schemas/ga/{side}/{kind}.json" if kind in event_types("server" if side == "server" else "client") else "none"
    )
    return f"{what}\n  the smallest event: {json.dumps(event)}\n  its schema: {schema}"
