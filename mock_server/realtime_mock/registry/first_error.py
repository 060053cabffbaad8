"""The search for the one fault that the service would name.

It runs only on what a schema has refused, so it may take its time. It knows the keywords that
our schemas use and no others, on schemas without references (`SchemaStore.expanded`).

The order is ours, since none is recorded: unknown keys anywhere in the event, then missing keys
anywhere, then values; each in document order, depth first.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.registry import messages
from realtime_mock.registry.expected import alternatives, expected, json_types
from realtime_mock.registry.store import Schema

_MOST_FAULTS = 10_000


class Phase(IntEnum):
    """What kind of fault comes first."""

    UNKNOWN_KEY = 0
    MISSING_KEY = 1
    VALUE = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    phase: Phase
    error: ApiError


def first_error(schema: Schema, value: object, *, path: str = "") -> ApiError | None:
    """The fault that comes first, or None where nothing is wrong.

    Of an event with thousands of faults only the first thousands are weighed, so that 16 MiB of
    them hold nobody up.
    """
    first: Fault | None = None
    for fault in islice(find_faults(schema, value, path), _MOST_FAULTS):
        if first is None or fault.phase < first.phase:
            first = fault
        if first.phase is Phase.UNKNOWN_KEY:
            break
    return first.error if first else None


def find_faults(schema: Schema, value: object, path: str) -> Iterator[Fault]:
    """Everything that is wrong, in document order. Of a value of the wrong type, nothing else is said."""
    if not json_types(schema) & _types_of(value):
        yield _fault(messages.wrong_type(path, expected(schema), value))
    elif value is None:
        return
    elif "oneOf" in schema and "properties" in schema:
        yield from _union_faults(schema, value, path)
    elif "oneOf" in schema:
        # At most one alternative takes each JSON type: a test holds the schemas to it.
        for branch in alternatives(schema):
            if json_types(branch) & _types_of(value):
                yield from find_faults(branch, value, path)
    else:
        yield from _value_faults(schema, value, path)


def _union_faults(schema: Schema, value: Any, path: str) -> Iterator[Fault]:
    """A union of objects: the key that tells them apart is judged before anything else in it."""
    missing = [key for key in schema["required"] if key not in value]
    yield from (_missing(path, key) for key in missing)
    if missing:
        return
    for key, rule in schema["properties"].items():
        faults = list(find_faults(rule, value[key], _join(path, key)))
        yield from faults
        if faults:
            return
    key = discriminator(schema)
    for branch in schema["oneOf"]:
        if value[key] in _constants(branch, key):
            yield from find_faults(branch, value, path)


def discriminator(schema: Schema) -> str:
    """The key that tells the branches of a union of objects apart."""
    rules: Schema = schema["properties"]
    return next(key for key, rule in rules.items() if "enum" in rule)


def _constants(branch: Schema, key: str) -> list[object]:
    rule = branch["properties"][key]
    return [rule["const"]] if "const" in rule else list(rule["enum"])


def _value_faults(schema: Schema, value: object, path: str) -> Iterator[Fault]:
    match value:
        case dict():
            yield from _object_faults(schema, value, path)
        case list():
            yield from _array_faults(schema, value, path)
        case str():
            yield from _enum_faults(schema, value, path)
            yield from _string_faults(schema, value, path)
        case int() | float() if not isinstance(value, bool):
            yield from _number_faults(schema, value, path)


def _object_faults(schema: Schema, value: dict[str, object], path: str) -> Iterator[Fault]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    yield from (_missing(path, key) for key in schema.get("required", ()) if key not in value)
    yield from _map_faults(schema, value, path)
    for key, member in value.items():
        if key in properties:
            yield from find_faults(properties[key], member, _join(path, key))
        elif others is False:
            yield Fault(Phase.UNKNOWN_KEY, messages.unknown_parameter(_join(path, key)))
        elif others is not True:
            yield from find_faults(others, member, _join(path, key))


def _map_faults(schema: Schema, value: dict[str, object], path: str) -> Iterator[Fault]:
    limit = schema.get("maxProperties")
    if limit is not None and len(value) > limit:
        yield _fault(messages.too_many_properties(path, limit, len(value)))
    longest = schema.get("propertyNames", {}).get("maxLength")
    for key in value if longest is not None else ():
        if len(key) > longest:
            yield _fault(messages.property_name_too_long(path, key, longest))


def _array_faults(schema: Schema, value: list[object], path: str) -> Iterator[Fault]:
    if len(value) < schema.get("minItems", 0):
        yield _fault(messages.too_few_elements(path, schema["minItems"]))
    for index, member in enumerate(value):
        yield from find_faults(schema["items"], member, f"{path}[{index}]")
    if "enum" in schema and value not in schema["enum"]:
        supported = [entry for entry in schema["enum"] if entry is not None]
        yield _fault(messages.unsupported_combination(path, value, supported))


def _enum_faults(schema: Schema, value: str, path: str) -> Iterator[Fault]:
    supported = [schema["const"]] if "const" in schema else schema.get("enum")
    if supported is not None and value not in supported:
        yield _fault(messages.unsupported_value(path, value, [entry for entry in supported if entry is not None]))


def _string_faults(schema: Schema, value: str, path: str) -> Iterator[Fault]:
    limit = schema.get("maxLength")
    if limit is not None and len(value) > limit:
        yield _fault(messages.string_too_long(path, limit, len(value)))
    if schema.get("contentEncoding") == "base64" and "pattern" in schema:
        # Its pattern would say the same, but takes far too long in Python over megabytes.
        if not _is_base64(value):
            yield _fault(messages.bad_base64(path))
    elif "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield _fault(messages.pattern_mismatch(path, schema["pattern"]))


def _number_faults(schema: Schema, value: float, path: str) -> Iterator[Fault]:
    noun = "integer" if "integer" in json_types(schema) else "decimal"
    minimum, maximum = schema.get("minimum"), schema.get("maximum")
    if minimum is not None and not value >= minimum:
        yield _fault(messages.out_of_range(path, value, minimum=minimum, maximum=None, noun=noun))
    if maximum is not None and not value <= maximum:
        yield _fault(messages.out_of_range(path, value, minimum=None, maximum=maximum, noun=noun))


def _types_of(value: object) -> frozenset[str]:
    match value:
        case None:
            return frozenset({"null"})
        case bool():
            return frozenset({"boolean"})
        case int():
            return frozenset({"integer", "number"})
        case float():
            # JSON Schema counts 24000.0 among the integers.
            return frozenset({"integer", "number"}) if value.is_integer() else frozenset({"number"})
        case str():
            return frozenset({"string"})
        case list():
            return frozenset({"array"})
        case dict():
            return frozenset({"object"})
        case _:
            return frozenset()


def _is_base64(text: str) -> bool:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return False
    return True


def _missing(path: str, key: str) -> Fault:
    return Fault(Phase.MISSING_KEY, messages.missing_parameter(_join(path, key)))


def _fault(error: ApiError) -> Fault:
    return Fault(Phase.VALUE, error)


def _join(path: str, key: str) -> str:
    name = messages.clean(str(key))
    return f"{path}.{name}" if path else name
