"""Each keyword of the schemas is obeyed by the values that are generated, and made use of."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, find, given, settings
from jsonschema import Draft202012Validator

from realtime_conformance.strategies.compiler import READ, UnreadKeyword, alternatives, compile_schema, merge
from realtime_conformance.strategies.options import Options

SCHEMAS = {
    "a type": {"type": "integer"},
    "several types": {"type": ["string", "null"]},
    "a constant": {"const": "audio"},
    "an enumeration": {"enum": ["low", 3, None]},
    "bounds": {"type": "number", "minimum": 0.25, "maximum": 1.5},
    "whole bounds": {"type": "integer", "minimum": 1, "maximum": 4096},
    "a length": {"type": "string", "minLength": 1, "maxLength": 3},
    "a pattern": {"type": "string", "pattern": "^tunnel_[a-z0-9]{4}$"},
    "elements": {"type": "array", "items": {"enum": [1, 2]}, "minItems": 1, "maxItems": 2},
    "keys": {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}, "required": ["a"]},
    "a required key that nothing describes": {"type": "object", "required": ["a"]},
    "no other keys": {"type": "object", "additionalProperties": False},
    "values of other keys": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 2}},
    "few short keys": {"type": "object", "maxProperties": 1, "propertyNames": {"maxLength": 2}},
    "a choice": {"oneOf": [{"const": 1}, {"type": "string"}]},
    "a choice beside keys": {
        "type": "object",
        "properties": {"kind": {"enum": ["x", "y"]}},
        "required": ["kind"],
        "oneOf": [
            {"properties": {"kind": {"const": "x"}, "x": {"type": "null"}}, "required": ["x"]},
            {"properties": {"kind": {"const": "y"}}},
        ],
    },
    "what is forbidden": {"type": "integer", "minimum": 0, "maximum": 3, "not": {"const": 2}},
    "anything": {},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_value_is_valid_and_is_json(name):
    validator = Draft202012Validator(SCHEMAS[name])

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(compile_schema(SCHEMAS[name]))
    def holds(value):
        validator.validate(value)
        assert json.loads(json.dumps(value)) == value

    holds()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("several types", None),
        ("bounds", 0.25),
        ("bounds", 1.5),
        ("elements", [2, 1]),
        ("keys", {"a": 1, "b": 2}),
        ("keys", {"a": 1}),
        ("values of other keys", {"": ""}),
        ("a choice", 1),
        ("a choice", ""),
        ("a choice beside keys", {"kind": "x", "x": None}),
        ("a choice beside keys", {"kind": "y"}),
        ("what is forbidden", 3),
        ("anything", []),
    ],
)
def test_what_a_schema_allows_is_found(name, wanted):
    found = find(compile_schema(SCHEMAS[name]), lambda value: value == wanted, settings=settings(max_examples=5000))
    assert found == wanted


LOOSER = {
    "type": {"type": "integer"},
    "const": {"type": "integer", "const": 3},
    "enum": {"type": "integer", "enum": [3, 4]},
    "minimum": {"type": "integer", "minimum": 3},
    "maximum": {"type": "integer", "maximum": 3},
    "minLength": {"type": "string", "minLength": 2},
    "maxLength": {"type": "string", "maxLength": 2},
    "pattern": {"type": "string", "pattern": "^[a-c]+$"},
    "items": {"type": "array", "items": {"type": "integer"}},
    "minItems": {"type": "array", "minItems": 1},
    "maxItems": {"type": "array", "maxItems": 1},
    "properties": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    "required": {"type": "object", "properties": {"a": {}}, "required": ["a"]},
    "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}},
    "propertyNames": {"type": "object", "propertyNames": {"maxLength": 1}},
    "maxProperties": {"type": "object", "maxProperties": 1},
    "oneOf": {"type": "object", "oneOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}]},
    "not": {"type": "boolean", "not": {"const": True}},
}
"""A schema for each keyword that is read; without the keyword it allows more."""


def test_every_keyword_that_is_read_is_tried():
    assert set(LOOSER) == READ


@pytest.mark.parametrize("keyword", LOOSER)
def test_without_the_keyword_values_come_that_it_forbids(keyword):
    strict = Draft202012Validator(LOOSER[keyword])
    loose = {key: value for key, value in LOOSER[keyword].items() if key != keyword}
    assert not all(strict.is_valid(value) for value in drawn(compile_schema(loose)))
    assert all(strict.is_valid(value) for value in drawn(compile_schema(LOOSER[keyword])))


def drawn(strategy):
    values = []

    @settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(value):
        values.append(value)

    draw()
    return values


def test_base64_is_of_whole_samples():
    schema = {"type": "string", "contentEncoding": "base64"}
    assert find(compile_schema(schema), lambda text: len(text) > 4).endswith("=")


def test_realistic_audio_lasts_20_to_200_ms():
    schema = {"type": "string", "contentEncoding": "base64"}
    shortest = find(compile_schema(schema, Options(audio="realistic")), lambda text: True)
    assert len(shortest) == 960 * 4 // 3


def test_unknown_keys_come_where_the_schema_allows_them():
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
    assert find(compile_schema(schema, Options(unknown_fields=True)), lambda value: len(value) > 1)["a"] == 1


def test_no_unknown_keys_come_where_the_schema_forbids_them():
    schema = {"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": False}

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(compile_schema(schema, Options(unknown_fields=True)))
    def holds(value):
        assert set(value) <= {"a"}

    holds()


def test_a_keyword_that_is_not_read_is_refused():
    with pytest.raises(UnreadKeyword, match="anyOf"):
        compile_schema({"type": "object", "properties": {"a": {"anyOf": []}}})


def test_branches_that_contradict_what_is_beside_them_are_left_out():
    schema = {"properties": {"a": {"const": 1}}, "required": ["a"], "oneOf": [{"properties": {"a": {"const": 2}}}]}
    assert list(alternatives(schema)) == []


def test_merged_enumerations_keep_what_both_have():
    assert merge({"enum": [1, 2]}, {"enum": [2, 3]}) == {"enum": [2]}
