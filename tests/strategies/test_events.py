"""The events that are generated: all valid, of every type, with every optional field and every branch of a choice."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, find, given, seed, settings
from jsonschema import Draft202012Validator

from realtime_conformance.strategies import client_events, items, responses, server_events, sessions
from realtime_conformance.strategies.compiler import alternatives, compile_schema
from realtime_conformance.strategies.events import event_schema, event_types, is_valid

SIDES = {"client": client_events, "server": server_events}
KINDS = [(side, dialect, kind) for side in SIDES for dialect in ("ga", "beta") for kind in event_types(side, dialect)]
TOGETHER = 2_000
"""Events in an ordinary run, spread over all types; `long` takes 50,000."""

quiet = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))


def examples(strategy, count, *, number=0):
    """What a seeded run of Hypothesis draws, its first and simplest values among them."""
    drawn = []

    @seed(20261121 + number)
    @settings(quiet, max_examples=count)
    @given(strategy)
    def draw(event):
        drawn.append(event)

    draw()
    return drawn


@cache
def reference(side, kind, dialect):
    return Draft202012Validator(event_schema(side, kind, dialect))


def check_validity(count):
    each = count // len(KINDS) + 1
    for side, dialect, kind in KINDS:
        for event in examples(SIDES[side](types=[kind], dialect=dialect), each):
            assert is_valid(event, side, dialect), event
            reference(side, kind, dialect).validate(event)


def test_every_event_is_valid_by_both_validators():
    check_validity(TOGETHER)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_none_of_fifty_thousand_events_is_invalid():
    check_validity(50_000)


def places(schema, at=""):
    """Every optional field, as present and as absent, and every branch of a choice, by its place in the event."""
    branches = list(alternatives(schema))
    for number, branch in enumerate(branches):
        if len(branches) > 1:
            yield f"{at}<{number}>"
        if isinstance(branch.get("items"), dict):
            yield from places(branch["items"], f"{at}[]")
        for key, inside in branch.get("properties", {}).items():
            if inside is None:
                continue
            if key not in branch.get("required", ()):
                yield from (f"{at}.{key}+", f"{at}.{key}-")
            yield from places(inside, f"{at}.{key}")


def seen_places(schema, value, at=""):
    """Those of `places` that a value takes."""
    branches = list(alternatives(schema))
    for number, branch in enumerate(branches):
        if len(branches) > 1 and not Draft202012Validator(branch).is_valid(value):
            continue
        if len(branches) > 1:
            yield f"{at}<{number}>"
        if isinstance(value, list) and isinstance(branch.get("items"), dict):
            for element in value:
                yield from seen_places(branch["items"], element, f"{at}[]")
        if not isinstance(value, dict):
            continue
        for key, inside in branch.get("properties", {}).items():
            if inside is None:
                continue
            if key not in branch.get("required", ()):
                yield f"{at}.{key}{'+' if key in value else '-'}"
            if key in value:
                yield from seen_places(inside, value[key], f"{at}.{key}")


def nodes(schema):
    """Every schema inside an event's that has optional fields or a choice."""
    for branch in alternatives(schema):
        inside = [value for value in branch.get("properties", {}).values() if value is not None]
        if isinstance(branch.get("items"), dict):
            inside.append(branch["items"])
        for each in inside:
            yield from nodes(each)
    yield schema


def missing_places(schema, wanted, strategy, *, at_most, each=100):
    """Those of `wanted` that the strategy never takes, in at most so many runs of it."""
    for number in range(at_most):
        if not wanted:
            break
        for value in examples(strategy, each, number=number):
            wanted = wanted - set(seen_places(schema, value))
    return sorted(wanted)


def check_parts(*, largest):
    """Every part of every event takes every form, those with more than so many places apart."""
    parts = {json.dumps(node): node for kind in KINDS for node in nodes(event_schema(kind[0], kind[2], kind[1]))}
    for part in parts.values():
        own = {place for place in places(part) if place.count(".") <= 1 and "[]" not in place}
        if own and len(set(places(part))) <= largest:
            assert missing_places(part, own, compile_schema(part), at_most=20, each=50) == [], part


def test_every_part_of_every_event_takes_every_form():
    check_parts(largest=14)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_largest_parts_take_every_form_too():
    check_parts(largest=10_000)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_whole_events_take_every_form():
    for side, dialect, kind in KINDS:
        schema, strategy = event_schema(side, kind, dialect), SIDES[side](types=[kind], dialect=dialect)
        missing = missing_places(schema, set(places(schema)), strategy, at_most=20, each=1_000)
        assert missing == [], (side, dialect, kind)


@pytest.mark.parametrize(
    ("side", "kind", "smallest"),
    [
        ("client", "response.create", {"type": "response.create"}),
        ("client", "session.update", {"type": "session.update", "session": {"type": "transcription"}}),
        ("server", "input_audio_buffer.cleared", {"type": "input_audio_buffer.cleared", "event_id": ""}),
    ],
)
def test_a_failure_shrinks_to_the_smallest_event(side, kind, smallest):
    assert find(SIDES[side](types=[kind]), lambda event: True, settings=quiet) == smallest


def test_events_of_all_types_are_drawn_together():
    missing = set(event_types("server"))
    for number in range(10):
        if missing:
            missing -= {event["type"] for event in examples(server_events(), 500, number=number)}
    assert missing == set()


def test_a_type_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no client event has the type"):
        client_events(types=["response.done"])


def test_unknown_fields_come_where_they_are_asked_for():
    known = set(event_schema("server", "error")["properties"])
    events = server_events(types=["error"], unknown_fields=True)
    assert is_valid(find(events, lambda event: set(event) - known, settings=quiet), "server")


def test_ascii_alone_comes_where_it_is_asked_for():
    for event in examples(client_events(types=["conversation.item.create"], unicode=False), 200):
        assert repr(event).isascii()


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_parts_of_events_are_drawn_by_themselves(dialect):
    assert find(responses(dialect=dialect), lambda part: part.get("status") == "cancelled", settings=quiet)
    assert find(items(dialect=dialect), lambda part: part.get("type") == "function_call", settings=quiet)
    assert isinstance(find(sessions(dialect=dialect), lambda part: True, settings=quiet), dict)
    assert find(items(side="client", dialect=dialect), lambda part: part.get("type") == "message", settings=quiet)
