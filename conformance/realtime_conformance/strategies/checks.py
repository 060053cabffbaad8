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

from realtime_conformance.strategies.differences import difference
from realtime_conformance.strategies.events import Event, invalid_client_events, is_valid, server_events
from realtime_conformance.strategies.mutations import Mutation
from realtime_conformance.strategies.recorded import recorded_types
from realtime_conformance.strategies.schemas import Dialect, Side, Steps, event_schema, event_types, rule_place

DEFAULT_EXAMPLES = 200

_KINDS: tuple[tuple[Side, Dialect], ...] = (("server", "ga"), ("client", "ga"), ("server", "beta"), ("client", "beta"))

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
        found = difference(event, back)
        if found is not None:
            raise AssertionError(_told(event, str(found), found.steps))

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
            raise AssertionError(_message(mutation.event, what, mutation.rule))

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


def _telling_events() -> st.SearchStrategy[Event]:
    """Any server event; most are of the few types that carry items or responses, where most goes wrong.

    Those as recorded are full: no field that holds more is missing, or null.
    """
    rich = [
        kind for kind in event_types("server") if {"item", "response"} & set(event_schema("server", kind)["properties"])
    ]
    full = [kind for kind in recorded_types() if kind in rich]
    kinds = [server_events(), server_events(types=rich), server_events(types=full, as_recorded=True)]
    # `one_of` would choose among the types of all three alike.
    return st.sampled_from(kinds).flatmap(lambda events: events)


def _told(event: Event, what: str, steps: Steps = ()) -> str:
    """What is wrong with a valid event, at these steps."""
    known = [kind for kind in _KINDS if is_valid(event, *kind)]
    rules = [rule_place(event, steps, side=side, dialect=dialect) for side, dialect in known]
    return _message(event, what, rules[0] if rules else "none")


def _message(event: Event, what: str, rule: str) -> str:
    return f"{what}\n  the smallest event: {json.dumps(event)}\n  its schema: {rule}"
