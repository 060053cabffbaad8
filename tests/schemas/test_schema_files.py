"""The schema files as a folder of data that others can use without our code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import referencing

from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry
from realtime_mock.registry.expected import alternatives, json_types
from realtime_mock.registry.first_error import discriminator
from realtime_mock.registry.store import SchemaStore

# What `registry.first_error` knows. A keyword joins the schemas together with its search and its test.
KEYWORDS = {
    "additionalProperties", "const", "contentEncoding", "description", "enum", "examples", "items", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minimum", "not", "oneOf", "pattern", "properties",
    "propertyNames", "required", "title", "type",
}  # fmt: skip
ROOT_KEYWORDS = {"$schema", "$id"}
STORE = SchemaStore.read(schemas_dir(), below=("ga", "beta", "http"))
MESSAGES = [name for name in STORE.by_name if "/components/" not in name]


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema inside an expanded schema, itself first."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("oneOf", ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    for node in inner:
        yield from nodes(node)


# Beta: the 34 server events of the SDK and `transcription_session.created`, which is only on the wire.
@pytest.mark.parametrize("dialect, client, server", [("ga", 11, 46), ("beta", 12, 35)])
def test_there_is_one_file_per_event_and_nothing_else(dialect: str, client: int, server: int) -> None:
    found = {
        side: sorted(path.name for path in (schemas_dir() / dialect / side).iterdir()) for side in ("client", "server")
    }
    assert {side: len(names) for side, names in found.items()} == {"client": client, "server": server}
    assert found == {side: sorted(f"{kind}.json" for kind in STORE.names(f"{dialect}/{side}/")) for side in found}


def test_the_registry_knows_every_event(registry: SchemaRegistry) -> None:
    assert (len(registry.client_types), len(registry.server_types)) == (11, 46)
    beta = registry.dialect("beta")
    assert (len(beta.client_types), len(beta.server_types)) == (12, 35)


def test_a_registry_finds_the_same_dialect_again(registry: SchemaRegistry) -> None:
    assert registry.dialect("beta") is registry.dialect("beta")
    assert registry.dialect("ga") is registry


@pytest.mark.parametrize("name", STORE.by_name)
def test_each_id_ends_in_the_path_of_its_file(name: str) -> None:
    assert STORE.by_name[name]["$id"] == f"https://realtime-mock.example/schemas/{name}.json"


@pytest.mark.parametrize("name", STORE.by_name)
def test_each_file_is_a_valid_schema_of_its_dialect(name: str, schema_files: dict[str, Any]) -> None:
    assert schema_files[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema_files[name])


@pytest.mark.parametrize("name", STORE.by_name)
def test_a_stock_registry_resolves_each_id_and_reference(
    name: str, schema_files: dict[str, Any], stock_registry: referencing.Registry[Any]
) -> None:
    identity = schema_files[name]["$id"]
    resolver = stock_registry.resolver(identity)
    assert resolver.lookup(identity).contents == schema_files[name]
    assert all(resolver.lookup(reference).contents for reference in references(schema_files[name]))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        node = list(node.values())
    if isinstance(node, list):
        for entry in node:
            yield from references(entry)


@pytest.mark.parametrize("name", STORE.by_name)
def test_references_are_relative(name: str, schema_files: dict[str, Any]) -> None:
    assert [reference for reference in references(schema_files[name]) if ":" in reference] == []


@pytest.mark.parametrize("name", MESSAGES)
def test_schemas_keep_to_the_keywords_that_the_search_knows(name: str) -> None:
    schema = STORE.expanded(name)
    used = {key for node in nodes(schema) for key in node}
    assert used - KEYWORDS - ROOT_KEYWORDS == set()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_choice_has_at_most_one_alternative_per_json_type(name: str) -> None:
    for node in nodes(STORE.expanded(name)):
        if "oneOf" in node and "properties" not in node:
            types = [kind for branch in alternatives(node) for kind in json_types(branch)]
            assert sorted(types) == sorted(set(types))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_union_of_objects_lists_exactly_what_its_branches_are(name: str) -> None:
    for node in nodes(STORE.expanded(name)):
        if "oneOf" in node and "properties" in node:
            key = discriminator(node)
            assert node["properties"][key]["enum"] == [branch["properties"][key]["const"] for branch in node["oneOf"]]
            assert key in node["required"]


@pytest.mark.parametrize("name", [name for name in MESSAGES if "request" in name or "/client/" in name])
def test_what_clients_send_is_closed(name: str) -> None:
    objects = [node for node in nodes(STORE.expanded(name)) if "properties" in node and "oneOf" not in node]
    assert [node for node in objects if node.get("additionalProperties") is not False] == []


@pytest.mark.parametrize("name", [name for name in MESSAGES if "/server/" in name])
def test_what_servers_send_is_open(name: str) -> None:
    assert [node for node in nodes(STORE.expanded(name)) if node.get("additionalProperties") is False] == []


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_and_every_object_in_it_is_described(name: str) -> None:
    schema = STORE.expanded(name)
    objects = [node for node in nodes(schema) if "properties" in node]
    assert schema["title"]
    assert [node for node in objects if not node.get("description")] == []


def optional_fields(schema: dict[str, Any], path: str) -> Iterator[tuple[str, bool]]:
    """Each optional field of a schema, by path, and whether it takes null."""
    for branch in alternatives(schema):
        variants = branch.get("oneOf", [branch])
        for variant in variants:
            for name, member in variant.get("properties", {}).items():
                where = f"{path}.{name}".removeprefix(".")
                if name not in variant.get("required", ()):
                    yield where, "null" in json_types(member)
                yield from optional_fields(member, where)
            for key in ("items", "additionalProperties"):
                yield from optional_fields(variant[key], f"{path}[]") if isinstance(variant.get(key), dict) else ()


def test_optional_client_fields_take_null_except_those_listed(schema_files: dict[str, Any]) -> None:
    listed = {(entry["event"], entry["path"]) for entry in schema_files["ga/components/not-null"]["fields"]}
    refusing = {
        (kind, path)
        for kind in STORE.names("ga/client/")
        for path, takes_null in optional_fields(STORE.expanded(f"ga/client/{kind}"), "")
        if not takes_null
    }
    assert refusing == listed


def test_optional_client_fields_of_beta_all_take_null() -> None:
    refusing = [
        (kind, path)
        for kind in STORE.names("beta/client/")
        for path, takes_null in optional_fields(STORE.expanded(f"beta/client/{kind}"), "")
        if not takes_null
    ]
    assert refusing == []


def test_what_refuses_null_says_so_with_evidence(schema_files: dict[str, Any]) -> None:
    for entry in schema_files["ga/components/not-null"]["fields"]:
        assert entry.keys() == {"event", "path", "code", "evidence"}
        assert "#" in entry["evidence"]
