"""What server events looked like in the recordings, beyond what their schemas promise.

A schema leaves open what no document promises. A client that needs such a field works as long as the service goes on
sending it: with these schemas it is told apart from one that fails today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from realtime_conformance.strategies.compiler import Schema
from realtime_conformance.strategies.schemas import Dialect, store

_DATA = "ga/components/server/recorded"


def recorded_types(dialect: Dialect = "ga") -> Sequence[str]:
    """The types of the server events of which recordings were compared; there are none for beta."""
    return tuple(_events()) if dialect == "ga" else ()


def as_recorded(schema: Schema, kind: str) -> Schema:
    """The schema of a GA server event in which everything that was always there is required, and null is as it was.

    Raises:
        KeyError: no event of this type was recorded.
    """
    entry = _events()[kind]
    nullable = set(entry.get("sometimes_null", ()))
    for path in entry["always"]:
        schema = _with_required(schema, _steps(path), keeps_null=path in nullable)
    return schema


@lru_cache(maxsize=1)
def _events() -> dict[str, Any]:
    events: dict[str, Any] = store().by_name[_DATA]["events"]
    return events


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[]", ".[]").split("."))


def _with_required(schema: Schema, steps: tuple[str, ...], *, keeps_null: bool) -> Schema:
    """The schema with the field at the end of the steps required, in each branch that has it."""
    first, *rest = steps
    changed = dict(schema)
    if "oneOf" in schema:
        changed["oneOf"] = [_with_required(branch, steps, keeps_null=keeps_null) for branch in schema["oneOf"]]
    inside = schema.get("items") if first == "[]" else schema.get("properties", {}).get(first)
    if inside is None:
        return changed
    if rest:
        inside = _with_required(inside, tuple(rest), keeps_null=keeps_null)
    elif not keeps_null:
        inside = _without_null(inside)
    if first == "[]":
        return {**changed, "items": inside}
    required = list(dict.fromkeys((*schema.get("required", ()), first)))
    return {**changed, "properties": {**schema["properties"], first: inside}, "required": required}


def _without_null(schema: Schema) -> Schema:
    changed = dict(schema)
    if isinstance(schema.get("type"), list):
        changed["type"] = _but_null(schema["type"], "null")
    if "enum" in schema:
        changed["enum"] = _but_null(schema["enum"], None)
    if "oneOf" in schema:
        changed["oneOf"] = [_without_null(branch) for branch in schema["oneOf"] if branch.get("type") != "null"]
    return changed


def _but_null(values: Iterable[Any], null: object) -> list[Any]:
    return [value for value in values if value != null]
