"""The schemas against the official SDK's types: the same events, fields, required sets and literals.

Both are flattened to facts about paths, such as ("session.update.session<realtime>.model", "string").
What differs on purpose is listed in sdk_differences.yaml and beta_differences.yaml; anything else fails, and so
does a stale entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from openai.types.beta import realtime as beta
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import TypeAdapter

from realtime_mock._resources import schemas_dir
from realtime_mock.registry.store import SchemaStore

LISTED = [
    entry
    for name in ("sdk_differences.yaml", "beta_differences.yaml")
    for entry in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))["differences"]
]
UNIONS = {
    "client": RealtimeClientEvent,
    "server": RealtimeServerEvent,
    "beta client": beta.RealtimeClientEvent,
    "beta server": beta.RealtimeServerEvent,
}
FOLDERS = {side: f"beta/{side[5:]}" if side.startswith("beta ") else f"ga/{side}" for side in UNIONS}
# Recorded as the first event of a transcription connection; the SDK leaves it out.
ONLY_ON_THE_WIRE = {"transcription_session.created"}


class Fact(NamedTuple):
    """One thing that a schema says of a path: a type, a literal, that it exists, that it is required."""

    path: str
    says: str


class Difference(NamedTuple):
    """A fact that only one of the two states."""

    only: str
    fact: Fact


@pytest.mark.parametrize("side", UNIONS)
def test_the_sdk_knows_the_same_events(side: str) -> None:
    assert set(our_facts(side)) - ONLY_ON_THE_WIRE == set(sdk_facts(side))


@pytest.mark.parametrize("side", UNIONS)
def test_every_difference_from_the_sdk_is_listed(side: str) -> None:
    unlisted = [d for d in differences(side) if not any(covers(entry, side, d) for entry in LISTED)]
    assert unlisted == []


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: f"{entry['side']}-{entry['path']}")
def test_no_listed_difference_is_stale(entry: dict[str, str]) -> None:
    assert [d for d in differences(entry["side"]) if covers(entry, entry["side"], d)] != []


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: f"{entry['side']}-{entry['path']}")
def test_every_listed_difference_has_a_reason(entry: dict[str, str]) -> None:
    assert entry.keys() == {"side", "path", "says", "only", "reason"}
    assert len(entry["reason"]) > 20


def covers(entry: dict[str, str], side: str, difference: Difference) -> bool:
    """Whether an entry of the list is about a difference."""
    return (
        entry["side"] == side
        and entry["only"] == difference.only
        and fnmatchcase(difference.fact.path, entry["path"])
        and fnmatchcase(difference.fact.says, entry["says"])
    )


@cache
def differences(side: str) -> list[Difference]:
    """What only ours or only the SDK says; of a field that only one has, nothing but that it is there."""
    ours, sdk = our_facts(side), sdk_facts(side)
    found = []
    for kind in sorted(set(ours) & set(sdk)):
        for only, more, less in (("ours", ours[kind], sdk[kind]), ("sdk", sdk[kind], ours[kind])):
            alone = more - less
            heads = {fact.path for fact in alone if fact.says in ("field", "variant")}
            found += [Difference(only, fact) for fact in sorted(alone) if not within(fact, heads)]
    return found


def within(fact: Fact, heads: set[str]) -> bool:
    """Whether a fact is about something inside a field that is itself a difference, or is said of that field."""
    inner = (fact.path.startswith((f"{head}.", f"{head}<")) for head in heads)
    return any(inner) or (fact.path in heads and fact.says not in ("field", "variant"))


@cache
def our_facts(side: str) -> dict[str, set[Fact]]:
    folder = FOLDERS[side]
    store = SchemaStore.read(schemas_dir(), below=(folder.partition("/")[0],))
    return {kind: event_facts(kind, store.expanded(f"{folder}/{kind}"), {}) for kind in store.names(f"{folder}/")}


@cache
def sdk_facts(side: str) -> dict[str, set[Fact]]:
    schema = TypeAdapter(UNIONS[side]).json_schema()
    definitions = schema["$defs"]
    events = [definitions[branch["$ref"].rpartition("/")[2]] for branch in schema.get("oneOf") or schema["anyOf"]]
    return {
        event["properties"]["type"]["const"]: event_facts(event["properties"]["type"]["const"], event, definitions)
        for event in events
    }


def event_facts(kind: str, schema: dict[str, Any], definitions: dict[str, Any]) -> set[Fact]:
    facts = set(member_facts(schema, kind, definitions))
    strings = {fact.path for fact in facts if fact.says == "string"}
    # `str | Literal[...]` is any string: its literals are advice.
    return {fact for fact in facts if not (fact.says.startswith("value ") and fact.path in strings)}


def facts_of(schema: dict[str, Any], path: str, definitions: dict[str, Any]) -> Iterator[Fact]:
    for branch in branches(schema, definitions):
        if "properties" in branch:
            yield from object_facts(branch, path, definitions)
        else:
            yield from plain_facts(branch, path, definitions)


def branches(schema: dict[str, Any], definitions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The alternatives of a schema, references followed, each with a single `type`."""
    if "$ref" in schema:
        yield from branches(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif "oneOf" in schema or "anyOf" in schema:
        for branch in schema.get("oneOf") or schema["anyOf"]:
            yield from branches(branch, definitions)
    elif isinstance(schema.get("type"), list):
        for name in schema["type"]:
            yield from branches({**schema, "type": name} if name != "null" else {"type": "null"}, definitions)
    else:
        yield schema


def object_facts(schema: dict[str, Any], path: str, definitions: dict[str, Any]) -> Iterator[Fact]:
    """An object whose `type` may be one of several counts as that many variants."""
    told_apart = [literals(schema["properties"][key]) for key in ("type", "role") if key in schema["properties"]]
    for values in product(*(known for known in told_apart if known)):
        label = f"{path}<{'/'.join(values)}>" if values else path
        yield Fact(label, "variant")
        yield from member_facts(schema, label, definitions)


def member_facts(schema: dict[str, Any], path: str, definitions: dict[str, Any]) -> Iterator[Fact]:
    for name, member in schema["properties"].items():
        where = f"{path}.{name}"
        yield Fact(where, "field")
        if name in schema.get("required", ()):
            yield Fact(where, "required")
        inner = facts_of(member, where, definitions)
        yield from (fact for fact in inner if not (name in ("type", "role") and fact.says.startswith("value ")))


def plain_facts(schema: dict[str, Any], path: str, definitions: dict[str, Any]) -> Iterator[Fact]:
    if "const" in schema or ("enum" in schema and schema.get("type") != "array"):
        values = [schema["const"]] if "const" in schema else schema["enum"]
        yield from (Fact(path, "null" if value is None else f"value {value}") for value in values)
    elif schema.get("minimum") is not None and schema.get("minimum") == schema.get("maximum"):
        yield Fact(path, f"value {schema['minimum']}")
    elif schema.get("type") == "array":
        yield Fact(path, "array")
        yield from facts_of(schema["items"], f"{path}.each", definitions)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield Fact(path, "map")
        yield from facts_of(schema["additionalProperties"], f"{path}.each", definitions)
    else:
        yield Fact(path, schema.get("type", "anything"))


def literals(schema: dict[str, Any]) -> list[str]:
    found = [branch.get("enum") or [branch.get("const")] for branch in branches(schema, {})]
    return [value for values in found for value in values if isinstance(value, str)]
