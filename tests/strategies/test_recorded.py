"""Events as they were recorded are valid, and of the shapes that the recordings show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator

from realtime_conformance.strategies import server_events
from realtime_conformance.strategies.events import is_valid
from realtime_conformance.strategies.recorded import both, recorded_schema, recorded_types
from realtime_conformance.strategies.schemas import event_types, store

RECORDINGS = Path(__file__).parents[3] / "shared/reference/recordings"
RECORDED = store().by_name["ga/components/server/recorded"]["$defs"]
quiet = settings(database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recorded sessions are not here")
def test_recorded_events_are_as_recorded():
    schemas = {kind: Draft202012Validator(recorded_schema(kind)) for kind in recorded_types()}
    seen = set()
    for file in sorted(RECORDINGS.glob("pydantic-ai__*.json")):
        for entry in json.loads(file.read_text("utf-8")):
            if entry["direction"] == "received":
                schemas[entry["data"]["type"]].validate(entry["data"])
                seen.add(entry["data"]["type"])
    assert set(recorded_types()) - seen == {"output_audio_buffer.started", "output_audio_buffer.stopped"}


@pytest.mark.parametrize("kind", recorded_types())
def test_an_event_as_recorded_is_valid_and_has_what_every_recorded_one_had(kind):
    shape = Draft202012Validator(RECORDED[kind])

    @settings(quiet, max_examples=20, phases=[Phase.generate])
    @given(server_events(types=[kind], as_recorded=True))
    def holds(event):
        assert is_valid(event, "server")
        shape.validate(event)

    holds()


def test_only_server_events_were_recorded():
    assert set(recorded_types()) < set(event_types("server"))
    assert recorded_types("beta") == ()


def test_null_comes_where_it_was_recorded():
    failed = server_events(types=["conversation.item.input_audio_transcription.failed"], as_recorded=True)
    params = set()

    @settings(quiet, max_examples=30, phases=[Phase.generate])
    @given(failed)
    def draw(event):
        params.add(type(event["error"]["param"]))
        assert isinstance(event["error"]["code"], str)

    draw()
    assert type(None) in params


def test_an_event_that_was_not_recorded_is_not_drawn_as_recorded():
    with pytest.raises(ValueError, match=r"no recorded event has the type '.*'; there are .*response\.done"):
        server_events(types=["conversation.created"], as_recorded=True)


STRICTER = {
    "types": ({"type": ["string", "null"]}, {"type": "string"}, {"type": ["string"]}),
    "no type": ({"type": "string"}, {"type": "null"}, None),
    "values of a type": ({"enum": ["a", None]}, {"type": "string"}, {"type": ["string"], "enum": ["a"]}),
    "values": ({"enum": ["a", "b"]}, {"const": "b"}, {"enum": ["b"]}),
    "no value": ({"enum": ["a"]}, {"const": "b"}, None),
    "branches": (
        {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
        {"oneOf": [{"type": ["string"]}, {"type": ["null"]}]},
    ),
    "fields": (
        {"properties": {"a": {"type": ["string", "null"]}}, "required": []},
        {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]},
        {"properties": {"a": {"type": ["string"]}, "b": {}}, "required": ["a"]},
    ),
    "no other fields": (
        {"properties": {"a": {"type": "string"}, "b": {}}, "required": []},
        {"properties": {"a": {}, "c": {}}, "required": [], "additionalProperties": False},
        {"properties": {"a": {"type": ["string"]}, "c": {}}, "required": [], "additionalProperties": False},
    ),
    "no other fields, but one that has to be": (
        {"properties": {"b": {}}, "required": ["b"]},
        {"properties": {"a": {}}, "required": [], "additionalProperties": False},
        None,
    ),
    "a field that cannot be": (
        {"properties": {"a": {"type": "null"}}, "required": ["a"]},
        {"properties": {"a": {"type": "string"}}, "required": []},
        None,
    ),
    "elements": (
        {"type": "array", "items": {"type": ["string", "null"]}},
        {"type": "array", "items": {"type": "null"}, "maxItems": 2},
        {"type": ["array"], "items": {"type": ["null"]}, "maxItems": 2},
    ),
    "elements that cannot be": (
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "null"}},
        {"type": ["array"], "maxItems": 0},
    ),
}


@pytest.mark.parametrize("name", STRICTER)
def test_what_two_schemas_allow_is_what_both_allow(name):
    first, second, wanted = STRICTER[name]
    assert both(first, second) == wanted
