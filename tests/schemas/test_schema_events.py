"""Events built by hand, per type one minimal and the full ones: accepted whole, refused with a field missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from realtime_mock.registry import SchemaRegistry
from realtime_mock.registry.store import SchemaStore

Events = dict[str, dict[str, Any]]


def test_client_events_are_accepted(registry: SchemaRegistry, client_event: dict[str, Any]) -> None:
    assert registry.first_error(client_event, transport="webrtc") is None


def test_server_events_are_accepted(registry: SchemaRegistry, server_event: dict[str, Any]) -> None:
    assert registry.first_server_error(server_event) is None


def test_there_are_events_for_every_type(
    registry: SchemaRegistry, client_events: Events, server_events: Events
) -> None:
    assert sorted(client_events) == sorted(registry.client_types)
    assert sorted(server_events) == sorted(registry.server_types)


def test_a_client_event_is_refused_without_any_required_field(
    registry: SchemaRegistry, client_events: Events, client_type: str
) -> None:
    minimal = client_events[client_type]["minimal"]
    for field in minimal:
        error = registry.first_error(without(minimal, field), transport="webrtc")
        assert error is not None
        assert (error.code, error.param) == expected_refusal(field)


def expected_refusal(field: str) -> tuple[str, str | None]:
    return ("invalid_event", None) if field == "type" else ("missing_required_parameter", field)


def test_a_server_event_is_refused_without_any_required_field(
    registry: SchemaRegistry, server_events: Events, server_type: str
) -> None:
    minimal = server_events[server_type]["minimal"]
    assert [field for field in minimal if registry.first_server_error(without(minimal, field)) is None] == []


def without(event: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != field}


def test_full_client_events_use_every_field(
    schema_files: dict[str, Any], client_events: Events, client_type: str
) -> None:
    used = {key for event in client_events[client_type]["full"] for key in keys(event)}
    assert property_names(schema_files, f"ga/client/{client_type}") - used == set()


def test_full_server_events_use_every_field(
    schema_files: dict[str, Any], server_events: Events, server_type: str
) -> None:
    used = {key for event in server_events[server_type]["full"] for key in keys(event)}
    assert property_names(schema_files, f"ga/server/{server_type}") - used == set()


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from keys(member)


def property_names(schema_files: dict[str, Any], name: str) -> set[str]:
    return set(named(SchemaStore(schema_files).expanded(name)))


def named(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node["properties"] if isinstance(node.get("properties"), dict) else ()
        node = list(node.values())
    for entry in node if isinstance(node, list) else ():
        yield from named(entry)
