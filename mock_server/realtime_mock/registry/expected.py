"""What a schema asks for, by JSON type and in the service's words."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_mock.registry.messages import listed, quoted
from realtime_mock.registry.store import Schema

_ANY = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_PHRASES = {
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a decimal",
    "string": "a string",
    "object": "an object",
    "null": "null",
}


def alternatives(schema: Schema) -> Iterator[Schema]:
    """The branches of a plain `oneOf`, those of nested ones among them; of any other schema, itself."""
    if "oneOf" not in schema or "properties" in schema:
        yield schema
        return
    for branch in schema["oneOf"]:
        yield from alternatives(branch)


def json_types(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema lets through."""
    if "type" in schema:
        named = schema["type"]
        return frozenset([named] if isinstance(named, str) else named)
    if "oneOf" in schema:
        return frozenset().union(*(json_types(branch) for branch in schema["oneOf"]))
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        return frozenset("null" if value is None else "string" for value in values)
    return _ANY


def expected(schema: Schema) -> str:
    """The phrase after "expected" in a type error. Null is never named, though most fields take it."""
    phrases = [_phrase(branch) for branch in alternatives(schema) if json_types(branch) != {"null"}]
    if not phrases:
        return _PHRASES["null"]
    if len(phrases) == 1:
        return phrases[0]
    # "one of a string or array of objects": only the first keeps its article.
    return f"one of {' or '.join([phrases[0], *(_without_article(phrase) for phrase in phrases[1:])])}"


def _phrase(schema: Schema) -> str:
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    names = [quoted(value) for value in values if isinstance(value, str)]
    if names:
        return names[0] if len(names) == 1 else f"one of {listed(names, 'or')}"
    types = json_types(schema) - {"null"}
    if "array" in types:
        return f"an array of {_plural(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return "an object with string keys and string values"
    return _PHRASES[min(types)]


def _plural(schema: Schema) -> str:
    return f"{min(json_types(schema) - {'null'})}s"


def _without_article(phrase: str) -> str:
    return phrase.removeprefix("an ").removeprefix("a ")
