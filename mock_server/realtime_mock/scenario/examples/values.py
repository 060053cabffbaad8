"""Example values of a JSON Schema: candidates by type, kept where they validate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from realtime_mock.scenario.examples import numbers, strings
from realtime_mock.scenario.examples.alternatives import Alternatives, Refs, Schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MOST_VARIATIONS = 20
"""Values tried for one property or element before the next is varied."""

MOST_ELEMENTS = 1_000
"""Elements of the longest list and properties of the largest object made up."""

_TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "uniqueItems", "contains"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


@dataclass(frozen=True, slots=True)
class _Where:
    """How deep a value lies, and which references led to it."""

    depth: int = 0
    refs: Refs = ()

    def inside(self) -> _Where:
        return _Where(self.depth + 1, self.refs)


class Examples:
    """Examples of one root schema, held to `validator`, which validates that root.

    At the top an object gets its required properties, or all it declares where none is required;
    further down it gets the required ones. A list gets one element where it may have one.
    """

    def __init__(self, root: Schema, validator: Validator) -> None:
        self._alternatives = Alternatives(root)
        self._validator = validator

    def of(self, schema: Schema) -> Iterator[Any]:
        """Valid values of `schema`, a subschema of the root; the first is the plainest."""
        return self._values(schema, _Where())

    def _values(self, schema: Schema, where: _Where) -> Iterator[Any]:
        validator = self._validator.evolve(schema=schema)
        for flat, refs in self._alternatives.of(schema, where.refs):
            for value in self._candidates(flat, _Where(where.depth, refs)):
                self._alternatives.step()
                if validator.is_valid(value):
                    yield value

    def _candidates(self, schema: Mapping[str, Any], where: _Where) -> Iterator[Any]:
        if "const" in schema:
            yield schema["const"]
            return
        if "enum" in schema:
            yield from schema["enum"]
            return
        if "default" in schema:
            yield schema["default"]
        yield from schema.get("examples", ())
        for kind in _types(schema):
            yield from self._of_type(kind, schema, where)

    def _of_type(self, kind: str, schema: Mapping[str, Any], where: _Where) -> Iterator[Any]:
        match kind:
            case "string":
                yield from strings.candidates(schema)
            case "integer" | "number":
                yield from numbers.candidates(schema, whole=kind == "integer")
            case "boolean":
                yield from (True, False)
            case "object":
                yield from self._objects(schema, where)
            case "array":
                yield from self._arrays(schema, where)
            case "null":
                yield None

    def _objects(self, schema: Mapping[str, Any], where: _Where) -> Iterator[dict[str, Any]]:
        required = _required(schema)
        wanted = required or (list(schema.get("properties", {})) if where.depth == 0 else [])
        wanted = [*wanted, *self._more_names(schema, wanted, where)]
        choices = {name: self._values(_property(schema, name), where.inside()) for name in wanted}
        plain: dict[str, Any] = {}
        for name, values in choices.items():
            for value in islice(values, 1):
                plain[name] = value
            if name in required and name not in plain:
                return
        yield plain
        yield {name: plain[name] for name in required}
        for name, values in choices.items():
            yield from ({**plain, name: value} for value in islice(values, MOST_VARIATIONS))

    def _more_names(self, schema: Mapping[str, Any], taken: Sequence[str], where: _Where) -> Iterator[str]:
        """Names that bring an object up to `minProperties`: declared ones, then made up."""
        missing = schema.get("minProperties", 0) - len(taken)
        if missing <= 0 or missing > MOST_ELEMENTS:
            return
        declared = [name for name in schema.get("properties", {}) if name not in taken]
        names = self._values({"allOf": [schema.get("propertyNames", True), {"type": "string"}]}, where.inside())
        made_up = (str(name) for name in names if name not in taken and name not in declared)
        yield from islice((name for group in (declared, made_up) for name in group), int(missing))

    def _arrays(self, schema: Mapping[str, Any], where: _Where) -> Iterator[list[Any]]:
        least = max(schema.get("minItems", 0), schema.get("minContains", int("contains" in schema)))
        wanted = max(least, len(_prefix(schema)), int("items" in schema))
        wanted = min(wanted, schema.get("maxItems", wanted), MOST_ELEMENTS)
        elements = list(islice(self._elements(schema, where.inside()), int(wanted)))
        if len(elements) >= least:
            yield elements
        yield elements[: int(schema.get("minItems", 0))]
        if elements:
            first = self._values(_element(schema, 0), where.inside())
            yield from ([value, *elements[1:]] for value in islice(first, 1, MOST_VARIATIONS))

    def _elements(self, schema: Mapping[str, Any], where: _Where) -> Iterator[Any]:
        """Elements place by place: the plainest of each, or one not taken yet where they must differ."""
        unique = schema.get("uniqueItems", False)
        taken: list[Any] = []
        current: Schema | None = None
        values: Iterator[Any] = iter(())
        found: Any = _NONE
        for place in count():
            element = _element(schema, place)
            if element != current:
                current, values, found = element, self._values(element, where), _NONE
            if unique or found is _NONE:
                found = next((value for value in values if not unique or value not in taken), _NONE)
            if found is _NONE:
                return
            taken.append(found)
            yield found


_NONE = object()


def _types(schema: Mapping[str, Any]) -> Sequence[str]:
    """The types to try: those declared, else those the keywords speak of, else all; null comes last."""
    declared = schema.get("type")
    if declared is None:
        return [kind for kind, hints in _HINTS.items() if any(hint in schema for hint in hints)] or _TYPES
    kinds = [declared] if isinstance(declared, str) else declared
    return sorted(kinds, key=lambda kind: kind == "null")


def _required(schema: Mapping[str, Any]) -> list[str]:
    """The required names and those that depend on them."""
    names = list(schema.get("required", ()))
    depends = schema.get("dependentRequired", {})
    for name in names:
        names.extend(other for other in depends.get(name, ()) if other not in names)
    return names


def _property(schema: Mapping[str, Any], name: str) -> Schema:
    schemas = [schema["properties"][name]] if name in schema.get("properties", {}) else []
    schemas += [value for pattern, value in schema.get("patternProperties", {}).items() if re.search(pattern, name)]
    if not schemas:
        other: Schema = schema.get("additionalProperties", True)
        return other
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _prefix(schema: Mapping[str, Any]) -> Sequence[Schema]:
    # Until draft 2019-09 a list under `items` was what `prefixItems` is now.
    items = schema.get("items")
    prefix: Sequence[Schema] = items if isinstance(items, list) else schema.get("prefixItems", ())
    return prefix


def _element(schema: Mapping[str, Any], place: int) -> Schema:
    prefix = _prefix(schema)
    items: Schema = schema.get("additionalItems" if isinstance(schema.get("items"), list) else "items", True)
    own: Schema = prefix[place] if place < len(prefix) else items
    if "contains" in schema and place < schema.get("minContains", 1):
        return {"allOf": [own, schema["contains"]]}
    return own
