"""A JSON Schema as plain alternatives: what `$ref`, `allOf`, `anyOf`, `oneOf` and `if` leave to choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from referencing import Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

Schema = bool | Mapping[str, Any]
Refs = tuple[str, ...]

MOST_REPEATS = 2
"""How often one reference may lead into itself."""

MOST_STEPS = 3_000
"""Schemas looked at and values validated before the search gives up."""

_COMBINATORS = frozenset({"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else"})
_ANNOTATIONS = frozenset({"$defs", "definitions", "$schema", "$id", "$comment", "title", "description"})
_TIGHTEST = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
}


class Exhausted(Exception):
    """The schema has too many alternatives to search."""


class Alternatives:
    """Flattens the subschemas of one root, whose references it follows."""

    def __init__(self, root: Schema) -> None:
        resource: Resource[Any] = Resource.from_contents(root, default_specification=DRAFT202012)
        self._resolver = EMPTY_REGISTRY.resolver_with_root(resource)
        self._steps = 0

    def step(self) -> None:
        """Count one step of the search.

        Raises:
            Exhausted: The search has become too long.
        """
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Exhausted

    def of(self, schema: Schema, refs: Refs = ()) -> Iterator[tuple[dict[str, Any], Refs]]:
        """Each way to read `schema` without combinators, with the references followed on the way.

        Raises:
            Exhausted: The search has become too long.
        """
        self.step()
        if isinstance(schema, bool):
            if schema:
                yield {}, refs
            return
        own = {key: value for key, value in schema.items() if key not in _COMBINATORS | _ANNOTATIONS}
        if "$ref" in schema:
            refs = (*refs, schema["$ref"])
            if refs.count(schema["$ref"]) > MOST_REPEATS:
                return
        for choice in product(*self._parts(schema)):
            yield from self._merged(own, choice, refs)

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[Sequence[Schema]]:
        """What must hold besides the schema's own keywords: one of each sequence."""
        if "$ref" in schema:
            yield self._target(schema["$ref"])
        yield from ([part] for part in schema.get("allOf", ()))
        yield from (schema[key] for key in ("anyOf", "oneOf") if key in schema)
        if "if" in schema:
            yield [{"allOf": [schema["if"], schema.get("then", True)]}, schema.get("else", True)]

    def _target(self, ref: str) -> Sequence[Schema]:
        try:
            return [self._resolver.lookup(ref).contents]
        except Unresolvable:
            return []

    def _merged(
        self, own: dict[str, Any], choice: Sequence[Schema], refs: Refs
    ) -> Iterator[tuple[dict[str, Any], Refs]]:
        if not choice:
            yield own, refs
            return
        for flat, followed in self.of(choice[0], refs):
            yield from self._merged(merge(own, flat), choice[1:], followed)


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One schema that asks for what both ask for; where no rule joins two keywords, the second stands."""
    joined = dict(one)
    for key, value in other.items():
        joined[key] = _join(key, joined[key], value) if key in joined else value
    return joined


def _join(key: str, one: Any, other: Any) -> Any:
    if key in _TIGHTEST:
        return _TIGHTEST[key](one, other)
    match key:
        case "properties" | "patternProperties":
            both = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
            return {**one, **other, **both}
        case "required":
            return list(dict.fromkeys([*one, *other]))
        case "enum":
            return [value for value in one if value in other]
        case "type":
            return _common_types(one, other)
        case "items" | "additionalProperties" | "contains" | "propertyNames" if not isinstance(one, list):
            return {"allOf": [one, other]}
        case _:
            return other


def _common_types(one: str | list[str], other: str | list[str]) -> list[str]:
    first, second = ([kind] if isinstance(kind, str) else kind for kind in (one, other))
    return [kind for kind in first if kind in second or (kind == "integer" and "number" in second)] or [
        kind for kind in second if kind == "integer" and "number" in first
    ]
