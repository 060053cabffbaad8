"""Arguments made for a tool satisfy the tool's own schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_mock.scenario import arguments


def schema_of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


CASES: dict[str, tuple[Any, Any]] = {
    "nothing declared": ({}, {}),
    "a string": (schema_of(city={"type": "string"}), {"city": "example"}),
    "an integer": (schema_of(n={"type": "integer"}), {"n": 1}),
    "a number in a narrow range": (schema_of(n={"type": "number", "minimum": 0.1, "maximum": 0.2}), {"n": 0.1}),
    "an exclusive range": (
        schema_of(n={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        {"n": 0.01},
    ),
    "a multiple": (schema_of(n={"type": "integer", "minimum": 10, "multipleOf": 7}), {"n": 14}),
    "a negative range": (schema_of(n={"type": "integer", "maximum": -5}), {"n": -5}),
    "a flag": (schema_of(on={"type": "boolean"}), {"on": True}),
    "an array": (schema_of(colors={"type": "array", "items": {"type": "string"}}), {"colors": ["example"]}),
    "different elements": (
        schema_of(ids={"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}),
        {"ids": [1, 2, 3]},
    ),
    "a tuple": (
        schema_of(pair={"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}),
        {"pair": ["example", 1]},
    ),
    "an array that contains": (
        schema_of(list={"type": "array", "contains": {"const": 7}, "minItems": 2, "items": {"type": "integer"}}),
        {"list": [7, 1]},
    ),
    "an enum": (schema_of(unit={"enum": ["celsius", "kelvin"]}), {"unit": "celsius"}),
    "a const": (schema_of(kind={"const": None}), {"kind": None}),
    "a default": (schema_of(city={"type": "string", "default": "Paris"}), {"city": "Paris"}),
    "an example": (schema_of(city={"type": "string", "examples": ["Rome"]}), {"city": "Rome"}),
    "a default that does not fit": (schema_of(n={"type": "integer", "default": "x"}), {"n": 1}),
    "null as the last resort": (schema_of(city={"type": ["null", "string"]}), {"city": "example"}),
    "a date": (schema_of(day={"type": "string", "format": "date"}), {"day": "2026-01-01"}),
    "an email": (schema_of(to={"type": "string", "format": "email"}), {"to": "user1@example.com"}),
    "a long string": (schema_of(s={"type": "string", "minLength": 10}), {"s": "exampleeee"}),
    "a short string": (schema_of(s={"type": "string", "maxLength": 2}), {"s": "ex"}),
    "a pattern": (schema_of(zip={"type": "string", "pattern": r"^\d{5}(-\d{4})?$"}), {"zip": "00000"}),
    "a pattern of a length": (
        schema_of(s={"type": "string", "pattern": "^[a-z]+$", "minLength": 4}),
        {"s": "aaaa"},
    ),
    "all declared where none is required": (
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
        {"a": "example", "b": 1},
    ),
    "only the required where some are": (
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["b"]},
        {"b": 1},
    ),
    "a reference": (
        {"$defs": {"City": {"type": "string", "minLength": 1}}, **schema_of(city={"$ref": "#/$defs/City"})},
        {"city": "example"},
    ),
    "a tree that may end": (
        {
            "$defs": {"Node": schema_of(next={"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]})},
            "$ref": "#/$defs/Node",
        },
        {"next": {"next": None}},
    ),
    "one of two": (
        schema_of(x={"oneOf": [{"type": "string", "maxLength": 0, "minLength": 1}, {"type": "integer"}]}),
        {"x": 1},
    ),
    "all of two": (
        {"allOf": [schema_of(a={"type": "string"}), schema_of(b={"type": "integer"})]},
        {"a": "example", "b": 1},
    ),
    "all of two ranges": (
        schema_of(n={"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 9}]}),
        {"n": 3},
    ),
    "if and then": (
        {
            **schema_of(kind={"enum": ["a", "b"]}),
            "if": {"properties": {"kind": {"const": "a"}}},
            "then": {"required": ["size"], "properties": {"size": {"type": "integer"}}},
        },
        {"kind": "a", "size": 1},
    ),
    "not": (schema_of(x={"type": "string", "not": {"const": "example"}}), {"x": "example 2"}),
    "at least two properties": ({"type": "object", "minProperties": 2}, {"example": "example", "example 2": "example"}),
    "a map": (
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}},
        {"example": 1},
    ),
    "dependent names": (
        {"type": "object", "required": ["a"], "dependentRequired": {"a": ["b"]}, "properties": {"b": {"const": 2}}},
        {"a": "example", "b": 2},
    ),
    "any value": (schema_of(x=True), {"x": "example"}),
    "a required name nobody declared": ({"type": "object", "required": ["x"]}, {"x": "example"}),
    "draft 7 definitions": (
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"Pair": {"type": "array", "items": [{"type": "integer"}], "additionalItems": False}},
            **schema_of(pair={"$ref": "#/definitions/Pair"}),
        },
        {"pair": [1]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_example_is_plain_and_valid(name: str):
    schema, expected = CASES[name]
    assert arguments.example(schema) == expected
    jsonschema.validate(expected, schema)


HOPELESS: dict[str, Any] = {
    "no schema": None,
    "a list": [],
    "not an object": {"type": "string"},
    "malformed": {"type": "object", "properties": 3},
    "an unknown type": {"type": "objekt"},
    "a reference to nowhere": schema_of(x={"$ref": "#/$defs/Missing"}),
    "a reference to the network": schema_of(x={"$ref": "https://example.invalid/schema.json"}),
    "a reference to itself": {"$ref": "#"},
    "endless": {"$defs": {"A": schema_of(a={"$ref": "#/$defs/A"})}, "$ref": "#/$defs/A"},
    "a contradiction": schema_of(n={"type": "integer", "minimum": 2, "maximum": 1}),
    "a false property": schema_of(n=False),
    "a broken pattern": schema_of(s={"type": "string", "pattern": "("}),
    "a pattern of another language": schema_of(s={"type": "string", "pattern": r"^\p{Lu}$"}),
    "a string without end": schema_of(s={"type": "string", "minLength": 10**9}),
    "a list without end": schema_of(s={"type": "array", "minItems": 10**9}),
    "an impossible number": schema_of(n={"type": "number", "minimum": 1e308, "multipleOf": 1e-300}),
    "too many alternatives": {
        "allOf": [{"anyOf": [{"required": ["x"]}, {"required": ["y"]}]}] * 30,
        "maxProperties": 0,
    },
}


@pytest.mark.parametrize("name", HOPELESS)
def test_a_schema_that_cannot_be_satisfied_gets_an_empty_object(name: str):
    assert arguments.for_tool(HOPELESS[name]) == "{}"
    assert arguments.example(HOPELESS[name]) is None


def test_arguments_are_compact_json():
    assert arguments.for_tool(schema_of(a={"const": "ü"}, b={"const": [1, 2]})) == '{"a":"ü","b":[1,2]}'


def test_a_lone_surrogate_is_escaped():
    assert arguments.for_tool(schema_of(a={"const": "\ud800"})) == '{"a":"\\ud800"}'


CITY = schema_of(city={"type": "string"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('get_weather {"city": "Paris"} please', '{"city": "Paris"}'),
        ('first {"town": "Rome"} then {"city":"Oslo"}', '{"city":"Oslo"}'),
        ('{"nested": {"city": "Bonn"}}', None),
        ('a brace { and then {"city": "Kyiv"}', '{"city": "Kyiv"}'),
        ('{"city": 3}', None),
        ('{"city": NaN}', None),
        ("{" * 10_000, None),
        ("", None),
    ],
)
def test_the_first_object_of_the_text_that_fits_is_taken_to_the_letter(text: str, expected: str | None):
    assert arguments.from_text(text, CITY) == expected


def test_without_a_schema_any_object_of_the_text_fits():
    assert arguments.for_tool(None, 'do {"x": 1}') == '{"x": 1}'


def test_the_text_comes_before_the_example():
    assert arguments.for_tool(CITY, '{"city": "Paris"}') == '{"city": "Paris"}'
    assert arguments.for_tool(CITY, '{"city": 3}') == '{"city":"example"}'


def _bounded(low: str, high: str, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Two keywords whose values leave room between them; either may be absent."""
    both = st.tuples(numbers, numbers).map(sorted).map(lambda pair: {low: pair[0], high: pair[1]})
    return st.one_of(st.just({}), both, numbers.map(lambda n: {low: n}), numbers.map(lambda n: {high: n}))


SMALL = st.integers(0, 6)
LEAVES = st.one_of(
    st.just(True),
    _bounded("minLength", "maxLength", SMALL).map(lambda bounds: {"type": "string", **bounds}),
    st.sampled_from(["date", "date-time", "email", "uuid", "uri"]).map(lambda f: {"type": "string", "format": f}),
    st.sampled_from([r"^\d{3}$", "^(a|b)c?$", "x+y*", r"^[A-Z]{2}-\w+$", "^[^0-9]{4}$", r"^(\w)\1$"]).map(
        lambda p: {"type": "string", "pattern": p}
    ),
    _bounded("minimum", "maximum", st.integers(-1000, 1000)).map(lambda bounds: {"type": "integer", **bounds}),
    _bounded("minimum", "maximum", st.floats(-1e6, 1e6)).map(lambda bounds: {"type": "number", **bounds}),
    st.tuples(st.integers(-50, 50), st.sampled_from([2, 3, 0.5, 0.1])).map(
        lambda pair: {"type": "number", "minimum": pair[0], "multipleOf": pair[1]}
    ),
    st.sampled_from([["null"], ["boolean", "null"], ["integer", "string"]]).map(lambda kinds: {"type": kinds}),
    st.lists(st.one_of(st.integers(), st.text(max_size=3), st.none()), min_size=1, max_size=3).map(
        lambda v: {"enum": v}
    ),
)
NAMES = st.sampled_from(["a", "b", "c"])


def _composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(NAMES, inner, max_size=3).flatmap(
        lambda fields: st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.just(fields)},
            optional={
                "required": st.lists(st.sampled_from(sorted(fields) or ["z"]), unique=True),
                "additionalProperties": inner.filter(bool) | st.just(True),
                "minProperties": st.integers(0, 4),
            },
        )
    )
    arrays = st.tuples(inner, st.integers(0, 3)).map(
        lambda pair: {"type": "array", "items": pair[0], "minItems": pair[1]}
    )
    choices = st.lists(inner, min_size=1, max_size=3).map(lambda schemas: {"anyOf": schemas})
    return st.one_of(objects, arrays, choices)


SCHEMAS = st.dictionaries(NAMES, st.recursive(LEAVES, _composed, max_leaves=8), max_size=3).map(
    lambda fields: schema_of(**fields)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS)
def test_arguments_validate_whatever_the_schema(schema: dict[str, Any]):
    jsonschema.validate(json.loads(arguments.for_tool(schema)), schema)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
# fmt: off
KEYWORDS = st.sampled_from([
    "type", "properties", "required", "items", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if",
    "then", "$ref", "pattern", "minimum", "multipleOf", "minItems", "minLength", "uniqueItems", "contains",
    "prefixItems", "additionalProperties", "patternProperties", "minProperties", "format",
])
# fmt: on


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYWORDS, JSON, max_size=4))
def test_no_schema_whatever_raises(schema: dict[str, Any]):
    assert isinstance(json.loads(arguments.for_tool(schema, "no object here")), dict)
