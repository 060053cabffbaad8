"""The events that are generated: all valid, of every type, with every optional field and every branch of a choice."""

from __future__ import annotations

import json
import random
from functools import cache, partial

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, find, given, seed, settings
from jsonschema import Draft202012Validator

from realtime_conformance.strategies import client_events, items, responses, server_events, sessions
from realtime_conformance.strategies.compiler import alternatives, compile_schema
from realtime_conformance.strategies.events import is_valid
from realtime_conformance.strategies.schemas import event_schema, event_types

SIDES = {"client": client_events, "server": server_events}
KINDS = [(side, dialect, kind) for side in SIDES for dialect in ("ga", "beta") for kind in event_types(side, dialect)]
TOGETHER = 2_000
"""Events in an ordinary run, spread over all types; `long` takes 50,000."""

quiet = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
deep = settings(quiet, max_examples=3_000)


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


class Form:
    """A schema made ready for telling which of its `places` a value takes."""

    def __init__(self, schema):
        self.branches = list(alternatives(schema))
        several = len(self.branches) > 1
        self.validators = [jsonschema_rs.Draft202012Validator(branch) if several else None for branch in self.branches]
        self.elements = [
            Form(branch["items"]) if isinstance(branch.get("items"), dict) else None for branch in self.branches
        ]
        self.fields = [
            {key: Form(inside) for key, inside in branch.get("properties", {}).items() if inside is not None}
            for branch in self.branches
        ]

    def seen(self, value, at=""):
        """Those of `places` that the value takes."""
        for number, validator in enumerate(self.validators):
            if validator is not None:
                if not validator.is_valid(value):
                    continue
                yield f"{at}<{number}>"
            if isinstance(value, list) and self.elements[number]:
                for element in value:
                    yield from self.elements[number].seen(element, f"{at}[]")
            if isinstance(value, dict):
                yield from self._seen_in_object(number, value, at)

    def _seen_in_object(self, number, value, at):
        required = self.branches[number].get("required", ())
        for key, form in self.fields[number].items():
            if key not in required:
                yield f"{at}.{key}{'+' if key in value else '-'}"
            if key in value:
                yield from form.seen(value[key], f"{at}.{key}")


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
    form = Form(schema)
    for number in range(at_most):
        if not wanted:
            break
        for value in examples(strategy, each, number=number):
            wanted = wanted - set(form.seen(value))
    return sorted(wanted)


def check_parts(*, largest):
    """Every part of every event takes every form, those with more than so many places apart."""
    parts = {json.dumps(node): node for kind in KINDS for node in nodes(event_schema(kind[0], kind[2], kind[1]))}
    for part in parts.values():
        own = {place for place in places(part) if place.count(".") <= 1 and "[]" not in place}
        if own and len(set(places(part))) <= largest:
            assert missing_places(part, own, compile_schema(part), at_most=40, each=25) == [], part


def test_every_part_of_every_event_takes_every_form():
    check_parts(largest=14)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_largest_parts_take_every_form_too():
    check_parts(largest=10_000)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whole_events_take_every_form():
    for side, dialect, kind in KINDS:
        schema, strategy = event_schema(side, kind, dialect), SIDES[side](types=[kind], dialect=dialect)
        missing = missing_places(schema, set(places(schema)), strategy, at_most=20, each=1_000)
        assert missing == [], (side, dialect, kind)


def simplest(side, dialect, kind):
    """What Hypothesis tries first, and what every failure would shrink to."""
    [event] = examples(SIDES[side](types=[kind], dialect=dialect), 1)
    return event


def test_the_simplest_event_of_each_type_has_no_field_that_may_be_missing():
    for side, dialect, kind in KINDS:
        event = simplest(side, dialect, kind)
        seen = set(Form(event_schema(side, kind, dialect)).seen(event))
        assert [place for place in seen if place.endswith("+")] == [], event


@pytest.mark.parametrize(
    ("side", "kind", "smallest"),
    [
        ("client", "response.create", {"type": "response.create"}),
        ("client", "session.update", {"type": "session.update", "session": {"type": "realtime"}}),
        ("server", "input_audio_buffer.cleared", {"type": "input_audio_buffer.cleared", "event_id": ""}),
    ],
)
def test_a_failure_shrinks_to_the_smallest_event(side, kind, smallest):
    found = find(SIDES[side](types=[kind]), lambda event: True, settings=quiet)
    assert found == smallest == simplest(side, "ga", kind)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_failure_of_whatever_type_shrinks_to_the_smallest_event():
    for side, dialect, kind in KINDS:
        found = find(SIDES[side](types=[kind], dialect=dialect), lambda event: True, settings=quiet)
        assert found == simplest(side, dialect, kind)


DEEP = {
    "a call after other items": (
        lambda event: any(item.get("arguments") for item in event["response"].get("output") or ()),
        {"output": [{"type": "function_call", "name": "", "arguments": "0"}]},
    ),
    "a count of a kind of tokens": (
        lambda event: reach(event, "response", "usage", "input_token_details", "text_tokens"),
        {"usage": {"input_token_details": {"text_tokens": 1}}},
    ),
}


def reach(value, *keys):
    """What the keys lead to, None where one is missing."""
    for key in keys:
        value = (value or {}).get(key)
    return value


@pytest.mark.parametrize("name", DEEP)
def test_a_failure_deep_inside_shrinks_to_what_it_needs(name):
    fails, response = DEEP[name]
    found = find(server_events(types=["response.done"]), fails, settings=deep, random=random.Random(0))
    assert found == {"type": "response.done", "event_id": "", "response": response}


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
    later = [event for event in examples(server_events(types=["error"], unknown_fields=True), 60) if set(event) - known]
    assert later
    assert all(is_valid(event, "server") for event in later)


def test_ascii_alone_comes_where_it_is_asked_for():
    for event in examples(client_events(types=["conversation.item.create"], unicode=False), 200):
        assert repr(event).isascii()


PARTS = {
    "sessions": (sessions, "types", ["realtime", "transcription"]),
    "client's sessions": (partial(sessions, side="client"), "types", ["realtime", "transcription"]),
    "items": (items, "types", ["message", "function_call", "function_call_output"]),
    "client's items": (partial(items, side="client"), "types", ["message", "function_call", "function_call_output"]),
    "responses": (responses, "statuses", ["completed", "cancelled", "failed", "incomplete", "in_progress"]),
}


@pytest.mark.parametrize("dialect", ["ga", "beta"])
@pytest.mark.parametrize("name", PARTS)
def test_parts_of_events_are_drawn_by_themselves_and_by_type(name, dialect):
    strategy, option, values = PARTS[name]
    key = {"types": "type", "statuses": "status"}[option]
    for value in values:
        parts = examples(strategy(dialect=dialect, **{option: [value]}), 10)
        # A session has no type in beta: its event has.
        assert ("sessions" in name and dialect == "beta") or {part[key] for part in parts} == {value}
        assert len({json.dumps(part, sort_keys=True) for part in parts}) > 1


@pytest.mark.parametrize("name", PARTS)
def test_parts_take_the_options_of_events(name):
    strategy, _, _ = PARTS[name]
    for part in examples(strategy(unicode=False, audio="realistic"), 60):
        assert repr(part).isascii()


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_a_type_that_is_none_is_refused(name):
    strategy, option, values = PARTS[name]
    with pytest.raises(ValueError, match=f"has the (type|status) 'sung'; there are .*{values[-1]}"):
        strategy(**{option: ["sung"]})


def test_a_part_has_every_type_that_it_can_have():
    seen = {part["type"] for part in examples(items(), 400)}
    assert seen >= {"mcp_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "message"}
