"""The schemas that events are drawn from, and where in their files the rule for a value stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Self
from urllib.parse import urldefrag, urljoin, urlsplit

from realtime_mock._resources import schemas_dir
from realtime_mock.registry.expected import json_types
from realtime_mock.registry.store import Schema, SchemaStore

Dialect = Literal["ga", "beta"]
Side = Literal["client", "server"]
Steps = Sequence[str | int]
"""The way into a value: keys, and indexes of lists."""

_JSON_TYPES: Mapping[type, frozenset[str]] = {
    type(None): frozenset({"null"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"integer", "number"}),
    str: frozenset({"string"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
}


def event_types(side: Side, dialect: Dialect = "ga") -> Sequence[str]:
    """The types of the events of one side, in alphabetical order."""
    return store().names(f"{dialect}/{side}/")


@lru_cache(maxsize=1024)
def event_schema(side: Side, event_type: str, dialect: Dialect = "ga") -> Schema:
    """The whole schema of an event, with what it refers to put in place."""
    return store().expanded(f"{dialect}/{side}/{event_type}")


@lru_cache(maxsize=1)
def store() -> SchemaStore:
    """The schemas of both dialects."""
    return SchemaStore.read(schemas_dir(), below=("ga", "beta"))


def rule_place(event: Mapping[str, Any], steps: Steps, *, side: Side, dialect: Dialect) -> str:
    """The file and the pointer of what the schemas say of the value at these steps, as far as they go on about it.

    Such as `schemas/ga/components/server/item.json#/$defs/user_message/properties/status`; "none" for an event of a
    type that no schema describes.
    """
    name = f"{dialect}/{side}/{event.get('type')}"
    if name not in store().by_name:
        return "none"
    schema = store().by_name[name]
    place, value = _Place(schema, schema["$id"], ""), event
    for step in steps:
        below = place.below(step, value)
        if below is None:
            break
        place, value = below, _member(value, step)
    return str(place)


@dataclass(frozen=True, slots=True)
class _Place:
    """A schema inside a file, not expanded: the file by its `$id`, and the JSON pointer into it."""

    schema: Schema
    document: str
    pointer: str

    def __str__(self) -> str:
        return urlsplit(self.document).path.removeprefix("/") + (self.pointer and f"#{self.pointer}")

    def below(self, step: str | int, value: object) -> Self | None:
        """Where the rule for a member of the value is; the nearest to it of several. None where there is none."""
        for place in reversed(list(self.levels(value))):
            if isinstance(step, int) and "items" in place.schema:
                return place.at("items")
            if step in place.schema.get("properties", {}):
                return place.at("properties", step)
            if isinstance(place.schema.get("additionalProperties"), dict):
                return place.at("additionalProperties")
        return None

    def levels(self, value: object) -> Iterator[Self]:
        """Where the reference leads, then the branch of its choice that fits the value, and that one's branch."""
        place = self.resolved()
        yield place
        for number, _ in enumerate(place.schema.get("oneOf", ())):
            branch = place.at("oneOf", number)
            if branch.fits(value):
                yield from branch.levels(value)
                return

    def resolved(self) -> Self:
        """Where its reference leads, if it is one."""
        if "$ref" not in self.schema:
            return self
        reference = urljoin(self.document, self.schema["$ref"])
        schema, document = store().resolve(reference)
        return replace(self, schema=schema, document=document, pointer=urldefrag(reference).fragment).resolved()

    def fits(self, value: object) -> bool:
        """Whether the value has the type, and the constants, of this branch."""
        schema = store().expand(self.schema, self.document)
        if not _JSON_TYPES[type(value)] & json_types(schema):
            return False
        constants = {key: rule["const"] for key, rule in schema.get("properties", {}).items() if "const" in rule}
        return all(_member(value, key) == constant for key, constant in constants.items())

    def at(self, *steps: str | int) -> Self:
        """What is inside it in the file."""
        schema: Any = self.schema
        for step in steps:
            schema = schema[step]
        return replace(self, schema=schema, pointer="/".join([self.pointer, *(_escaped(step) for step in steps)]))


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _member(value: Any, step: str | int) -> Any:
    inside = isinstance(value, list) and isinstance(step, int) and step < len(value)
    return value[step] if inside or (isinstance(value, dict) and step in value) else None
