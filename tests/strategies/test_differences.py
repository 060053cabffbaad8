"""Two JSON values differ at a place; the place has a rule in the schemas."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from realtime_conformance.strategies import server_events
from realtime_conformance.strategies.differences import difference
from realtime_conformance.strategies.schemas import event_schema, event_types, rule_place
from realtime_mock._resources import schemas_dir


@pytest.mark.parametrize(
    ("one", "other", "told", "place"),
    [
        ({"a": 1}, {"a": True}, "'a' was 1 and became true", "a replaced"),
        ({"a": [1, 2]}, {"a": [1]}, "'a' was [1, 2] and became [1]", "a replaced"),
        ({"a": [{"b": 1}]}, {"a": [{}]}, "'a[0].b' was lost", "a[].b lost"),
        ({}, {"a": None}, "'a' was added: null", "a added"),
        ({"a": [0, [1]]}, {"a": [0, [2]]}, "'a[1][0]' was 1 and became 2", "a[][] replaced"),
    ],
)
def test_the_first_difference_is_named(one, other, told, place):
    found = difference(one, other)
    assert (str(found), found.place) == (told, place)


@pytest.mark.parametrize(("one", "other"), [({"a": 1}, {"a": 1.0}), ({"a": 1, "b": [2]}, {"b": [2], "a": 1})])
def test_what_json_does_not_tell_apart_is_the_same(one, other):
    assert difference(one, other) is None


ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi."}]}
ADDED = {"type": "conversation.item.added", "event_id": "", "item": ITEM}
SESSION = {"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"turn_detection": None}}}}


@pytest.mark.parametrize(
    ("event", "steps", "side", "wanted"),
    [
        (ADDED, (), "server", "ga/server/conversation.item.added.json"),
        (ADDED, ("item",), "server", "ga/server/conversation.item.added.json#/properties/item"),
        (ADDED, ("item", "role"), "server", "ga/components/server/item.json#/$defs/user_message/properties/role"),
        (
            ADDED,
            ("item", "content", 0, "text"),
            "server",
            "ga/components/server/item.json#/$defs/user_part/properties/text",
        ),
        (ADDED, ("item", "new"), "server", "ga/server/conversation.item.added.json#/properties/item"),
        (
            SESSION,
            ("session", "audio", "input", "turn_detection"),
            "client",
            "ga/components/client/audio.json#/$defs/input/properties/turn_detection",
        ),
    ],
)
def test_a_place_in_an_event_has_a_rule_in_a_file(event, steps, side, wanted):
    assert rule_place(event, steps, side=side, dialect="ga") == f"schemas/{wanted}"


def test_an_event_that_no_schema_describes_has_no_rule():
    assert rule_place({"type": "x.y"}, ("type",), side="server", dialect="ga") == "none"


def every_place(value, steps=()):
    yield steps
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in members:
        yield from every_place(member, (*steps, step))


@settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(server_events())
def test_every_rule_that_is_named_is_there(event):
    for steps in every_place(event):
        file, _, pointer = rule_place(event, steps, side="server", dialect="ga").partition("#")
        rule = json.loads((schemas_dir().parent / file).read_text("utf-8"))
        for step in pointer.split("/")[1:]:
            rule = rule[int(step) if isinstance(rule, list) else step]
        assert not steps or steps[-1] not in rule.get("properties", {}), "there is a rule nearer to it"


def test_every_field_that_is_described_is_found():
    for kind in event_types("server"):
        for key in event_schema("server", kind)["properties"]:
            wanted = f"schemas/ga/server/{kind}.json#/properties/{key}"
            assert rule_place({"type": kind}, (key,), side="server", dialect="ga") == wanted
