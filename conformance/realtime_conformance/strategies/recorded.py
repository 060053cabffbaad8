"""What server events looked like in the recordings, beyond what their schemas promise.

A schema leaves open what no document promises. A client that needs such a field works as long as the service goes on
sending it: with these schemas it is told apart from one that fails today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jsonschema_rs import Draft202012Validator

from realtime_conformance.strategies.compiler import Schema, alternatives, constants
from realtime_conformance.strategies.schemas import Dialect, event_schema, store

_DATA = "ga/components/server/recorded"
_UNITED = frozenset(("type", "const", "enum", "oneOf", "properties", "required", "items"))


def recorded_types(dialect: Dialect = "ga") -> Sequence[str]:
    """The types of the server events of which recordings were compared; there are none for beta."""
    return tuple(_recorded()) if dialect == "ga" else ()


def recorded_schema(kind: str) -> Schema:
    """A schema for GA server events of a type that are valid, and have the shape that every recorded one had.

    Raises:
        KeyError: no event of this type was recorded.
    """
    schema = both(event_schema("server", kind), _recorded()[kind])
    if schema is None:
        raise ValueError(f"no {kind} is valid and as it was recorded")
    return schema


def both(first: Schema, second: Schema) -> Schema | None:
    """A schema for the values that two schemas allow; None where there are none.

    Types, constants, fields, elements and choices are those that both allow; of any other keyword the second's counts.
    """
    met = (_met(one, other) for one in alternatives(first) for other in alternatives(second))
    found = [schema for schema in met if schema is not None]
    if len(found) > 1:
        return {"oneOf": found}
    return found[0] if found else None


def _recorded() -> Mapping[str, Schema]:
    events: Mapping[str, Schema] = store().by_name[_DATA]["$defs"]
    return events


def _met(first: Schema, second: Schema) -> Schema | None:
    """The same for schemas without `oneOf`."""
    met = {key: value for key, value in {**first, **second}.items() if key not in _UNITED}
    types = _types(first, second)
    if types is not None:
        met["type"] = types
    values = _values(first, second)
    if values is not None:
        met["enum"] = values
    required = list(dict.fromkeys((*first.get("required", ()), *second.get("required", ()))))
    inside = _members(first, second)
    described = [key for key in required if any(key in schema.get("properties", {}) for schema in (first, second))]
    if inside or required:
        met |= {"properties": inside, "required": required}
    items = [schema["items"] for schema in (first, second) if "items" in schema]
    if items:
        elements = both(items[0], items[-1]) if len(items) > 1 else items[0]
        met |= {"maxItems": 0} if elements is None else {"items": elements}
    is_empty = types == [] or values == [] or any(key not in inside for key in described)
    return None if is_empty else met


def _members(first: Schema, second: Schema) -> dict[str, Schema]:
    """The fields that both let be there."""
    keys = dict.fromkeys((*first.get("properties", {}), *second.get("properties", {})))
    members = {key: _meet(_member(first, key), _member(second, key)) for key in keys}
    return {key: schema for key, schema in members.items() if schema is not None}


def _member(schema: Schema, key: str) -> Schema | None:
    """What a schema says of a field; None where it forbids it."""
    properties: Mapping[str, Schema | None] = schema.get("properties", {})
    if key in properties:
        return properties[key]
    return None if schema.get("additionalProperties") is False else {}


def _meet(first: Schema | None, second: Schema | None) -> Schema | None:
    return None if first is None or second is None else both(first, second)


def _types(first: Schema, second: Schema) -> list[str] | None:
    """The JSON types that both allow; None where neither names any."""
    named = [_listed(schema["type"]) for schema in (first, second) if "type" in schema]
    return [kind for kind in named[0] if kind in named[-1]] if named else None


def _values(first: Schema, second: Schema) -> list[Any] | None:
    """The values that one of them lists and both allow; None where neither lists any."""
    lists = [values for values in (constants(first), constants(second)) if values is not None]
    if not lists:
        return None
    return [value for value in lists[0] if value in lists[-1] and all(_fits(value, one) for one in (first, second))]


def _fits(value: object, schema: Schema) -> bool:
    is_valid: bool = Draft202012Validator({key: schema[key] for key in ("type",) if key in schema}).is_valid(value)
    return is_valid


def _listed(kinds: str | Iterable[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)
