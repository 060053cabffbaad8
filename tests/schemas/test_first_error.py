"""The one error that the registry names, against what is recorded of the service's validator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_mock.api_error import ApiError
from realtime_mock.registry import SchemaRegistry

MUTATIONS = yaml.safe_load((Path(__file__).parent / "client_mutations.yaml").read_text(encoding="utf-8"))
ROWS = [pytest.param(row, id=f"{kind}-{number}") for kind, rows in MUTATIONS.items() for number, row in enumerate(rows)]
ON_A_WEBSOCKET = (
    "Supported values are: 'session.update', 'session.close', 'input_audio_buffer.append', "
    "'session.input_audio_buffer.append', 'input_audio_buffer.commit', 'input_audio_buffer.clear', "
    "'conversation.item.create', 'conversation.item.truncate', 'conversation.item.delete', "
    "'conversation.item.retrieve', 'response.create', and 'response.cancel'."
)


def update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


def respond(**response: Any) -> dict[str, Any]:
    return {"type": "response.create", "response": response}


@pytest.mark.parametrize("row", ROWS)
def test_a_mutation_is_answered_as_recorded(registry: SchemaRegistry, row: dict[str, Any]) -> None:
    error = registry.first_error(row["send"], transport="webrtc")
    assert error is not None
    assert (error.type, error.code, error.param) == ("invalid_request_error", row["code"], row["param"])
    assert error.message == row.get("message", error.message)


def test_every_client_event_has_its_mutations(registry: SchemaRegistry) -> None:
    assert set(MUTATIONS) == set(registry.client_types)
    assert [kind for kind, rows in MUTATIONS.items() if any(row["send"]["type"] != kind for row in rows)] == []


def test_an_event_without_a_type_is_told_so(registry: SchemaRegistry) -> None:
    assert registry.first_error({"event_id": "e"}) == ApiError("The 'type' field is missing.", "invalid_event")


@pytest.mark.parametrize("event", [None, True, 5, 1.5, "session.update", [], [{"type": "session.update"}]])
def test_what_is_no_object_is_an_invalid_event(registry: SchemaRegistry, event: object) -> None:
    error = registry.first_error(event)
    assert error is not None
    assert (error.code, error.param) == ("invalid_event", None)


def test_an_unknown_type_is_answered_with_the_recorded_list(registry: SchemaRegistry) -> None:
    expected = ApiError(f"Invalid value: 'nope'. {ON_A_WEBSOCKET}", "invalid_value", "type")
    assert registry.first_error({"type": "nope"}) == expected


def test_a_websocket_does_not_know_output_audio_buffer_clear(registry: SchemaRegistry) -> None:
    expected = ApiError(f"Invalid value: 'output_audio_buffer.clear'. {ON_A_WEBSOCKET}", "invalid_value", "type")
    assert registry.first_error({"type": "output_audio_buffer.clear"}) == expected
    assert registry.first_error({"type": "output_audio_buffer.clear"}, transport="webrtc") is None


def test_a_call_lists_output_audio_buffer_clear(registry: SchemaRegistry) -> None:
    error = registry.first_error({"type": "nope"}, transport="webrtc")
    assert error is not None
    assert error.message.endswith("'response.create', 'response.cancel', and 'output_audio_buffer.clear'.")


@pytest.mark.parametrize("kind", ["session.close", "session.input_audio_buffer.append"])
def test_types_of_other_session_families_are_listed_and_refused(registry: SchemaRegistry, kind: str) -> None:
    error = registry.first_error({"type": kind})
    assert error is not None
    assert (error.code, error.param) == ("invalid_value", "type")


def test_the_recorded_description_limit_names_the_tool(registry: SchemaRegistry) -> None:
    short = {"type": "function", "name": "f", "description": "d" * 1024}
    error = registry.first_error(update(tools=[short, short, short, {**short, "description": "d" * 2473}]))
    assert error == ApiError(
        "Invalid 'session.tools[3].description': string too long. "
        "Expected a string with maximum length 1024, but got a string with length 2473 instead.",
        "string_above_max_length",
        "session.tools[3].description",
    )


def test_metadata_has_at_most_sixteen_entries(registry: SchemaRegistry) -> None:
    assert registry.first_error(respond(metadata={str(n): "v" for n in range(16)})) is None
    error = registry.first_error(respond(metadata={str(n): "v" for n in range(17)}))
    assert error == ApiError(
        "Invalid 'response.metadata': too many properties. "
        "Expected an object with at most 16 properties, but got an object with 17 properties instead.",
        "object_above_max_properties",
        "response.metadata",
    )


def test_metadata_keys_have_at_most_64_characters(registry: SchemaRegistry) -> None:
    assert registry.first_error(respond(metadata={"k" * 64: "v"})) is None
    error = registry.first_error(respond(metadata={"k" * 70: "v"}))
    assert error is not None
    assert (error.code, error.param) == ("property_name_above_max_length", f"response.metadata.{'k' * 70}")


def test_metadata_values_have_at_most_512_characters(registry: SchemaRegistry) -> None:
    assert registry.first_error(respond(metadata={"k": "v" * 512})) is None
    error = registry.first_error(respond(metadata={"k": "v" * 513}))
    assert error is not None
    assert (error.code, error.param) == ("string_above_max_length", "response.metadata.k")


def test_event_ids_have_at_most_512_characters(registry: SchemaRegistry) -> None:
    assert registry.first_error({"type": "response.cancel", "event_id": "e" * 512}) is None
    error = registry.first_error({"type": "response.cancel", "event_id": "e" * 513})
    assert error is not None
    assert (error.code, error.param) == ("string_above_max_length", "event_id")


def test_an_append_carries_at_most_15_mebibytes(registry: SchemaRegistry) -> None:
    most = 15 * 2**20 // 3 * 4
    assert registry.first_error({"type": "input_audio_buffer.append", "audio": "A" * most}) is None
    error = registry.first_error({"type": "input_audio_buffer.append", "audio": "A" * (most + 4)})
    assert error is not None
    assert (error.code, error.param) == ("string_above_max_length", "audio")


def test_an_unknown_key_comes_before_a_missing_key(registry: SchemaRegistry) -> None:
    error = registry.first_error(update(tools=[{"type": "function"}], bogus=1))
    assert error is not None
    assert error.param == "session.bogus"


def test_a_missing_key_comes_before_a_bad_value(registry: SchemaRegistry) -> None:
    error = registry.first_error(update(max_output_tokens=0, tools=[{"type": "function"}]))
    assert error is not None
    assert error.param == "session.tools[0].name"


def test_of_two_alike_faults_the_first_in_the_event_is_named(registry: SchemaRegistry) -> None:
    audio = {"output": {"speed": 9}}
    first = registry.first_error(update(audio=audio, max_output_tokens=0))
    second = registry.first_error(update(max_output_tokens=0, audio=audio))
    assert first is not None
    assert second is not None
    assert (first.param, second.param) == ("session.audio.output.speed", "session.max_output_tokens")


def test_a_million_faults_are_answered_with_the_first(registry: SchemaRegistry) -> None:
    error = registry.first_error(update(include=[0] * 10**6))
    assert error is not None
    assert error.param == "session.include[0]"
    error = registry.first_error({"type": "response.cancel", **{f"k{n}": n for n in range(10**6)}})
    assert error == ApiError("Unknown parameter: 'k0'.", "unknown_parameter", "k0")


def test_parameters_of_a_tool_are_the_callers_own(registry: SchemaRegistry) -> None:
    parameters = {"type": "object", "strict": True, "properties": {"a": {"$ref": "#/x"}}, "odd key": [1, None]}
    assert registry.first_error(update(tools=[{"type": "function", "name": "f", "parameters": parameters}])) is None


def test_text_that_cannot_be_sent_back_is_replaced(registry: SchemaRegistry) -> None:
    error = registry.first_error({"type": "response.cancel", "\ud800": 1})
    assert error == ApiError("Unknown parameter: '?'.", "unknown_parameter", "?")


def test_very_long_text_is_not_sent_back_whole(registry: SchemaRegistry) -> None:
    error = registry.first_error({"type": "x" * 10**6})
    assert error is not None
    assert len(error.message) < 1000


def test_a_server_event_of_an_unknown_type_is_told_so(registry: SchemaRegistry) -> None:
    assert registry.first_server_error({"type": "response.nope"}) == "no server event has the type 'response.nope'"
    assert registry.first_server_error([]) == "no server event has the type None"


def test_a_server_error_names_the_event_the_path_and_the_fault(registry: SchemaRegistry) -> None:
    event = {"type": "rate_limits.updated", "event_id": "event_1", "rate_limits": [{"limit": "many"}]}
    expected = (
        "rate_limits.updated: Invalid type for 'rate_limits[0].limit': expected an integer, but got a string instead."
    )
    assert registry.first_server_error(event) == expected


def test_server_events_may_carry_what_no_schema_knows(registry: SchemaRegistry) -> None:
    event = {"type": "input_audio_buffer.cleared", "event_id": "event_1", "novelty": {"deep": [1]}}
    assert registry.first_server_error(event) is None
