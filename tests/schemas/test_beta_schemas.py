"""The beta schemas against events built by hand, the SDK's types, and what the service was seen to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openai.types.beta.realtime import RealtimeClientEvent, RealtimeServerEvent
from openai.types.beta.realtime.session_create_response import SessionCreateResponse
from pydantic import TypeAdapter

from realtime_mock._resources import schemas_dir
from realtime_mock.api_error import ApiError
from realtime_mock.registry import SchemaRegistry
from realtime_mock.registry.store import SchemaStore

HERE = Path(__file__).parent
BETA = SchemaRegistry.bundled().dialect("beta")
STORE = SchemaStore.read(schemas_dir(), below=("beta",))
MUTATIONS = yaml.safe_load((HERE / "beta_mutations.yaml").read_text(encoding="utf-8"))


def load(side: str) -> dict[str, list[dict[str, Any]]]:
    """Events by type, the minimal one first; `like` takes those of another type."""
    given = yaml.safe_load((HERE / f"beta_{side}_events.yaml").read_text(encoding="utf-8"))["events"]
    models = {kind: given[cases["like"]] if "like" in cases else cases for kind, cases in given.items()}
    return {
        kind: [{**event, "type": kind} for event in (cases["minimal"], *cases["full"])]
        for kind, cases in models.items()
    }


CLIENT, SERVER = load("client"), load("server")


def cases(events: dict[str, list[dict[str, Any]]]) -> list[Any]:
    numbered = ((kind, number, event) for kind, group in events.items() for number, event in enumerate(group))
    return [pytest.param(event, id=f"{kind}-{number}") for kind, number, event in numbered]


def judge(event: object) -> ApiError | None:
    return BETA.first_error(event, transport="webrtc")


def test_there_are_events_for_every_type() -> None:
    assert (sorted(CLIENT), sorted(SERVER)) == (sorted(BETA.client_types), sorted(BETA.server_types))


@pytest.mark.parametrize("event", cases(CLIENT))
def test_client_events_are_accepted_by_us_and_by_the_sdk(event: dict[str, Any]) -> None:
    assert judge(event) is None
    TypeAdapter(RealtimeClientEvent).validate_python({key: as_typed(value) for key, value in event.items()})


def as_typed(value: Any) -> Any:
    """Without the named function, a choice that the SDK types as text; it is listed among the differences."""
    named = isinstance(value, dict) and isinstance(value.get("tool_choice"), dict)
    return {**value, "tool_choice": value["tool_choice"]["name"]} if named else value


@pytest.mark.parametrize("event", cases(SERVER))
def test_server_events_are_accepted(event: dict[str, Any]) -> None:
    assert BETA.first_server_error(event) is None


@pytest.mark.parametrize("kind", CLIENT)
def test_a_client_event_is_refused_without_any_required_field(kind: str) -> None:
    minimal = CLIENT[kind][0]
    assert [field for field in minimal if judge(without(minimal, field)) is None] == []


@pytest.mark.parametrize("kind", SERVER)
def test_a_server_event_is_refused_without_any_required_field(kind: str) -> None:
    minimal = SERVER[kind][0]
    assert [field for field in minimal if BETA.first_server_error(without(minimal, field)) is None] == []


def without(event: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != field}


@pytest.mark.parametrize("side, events", [("client", CLIENT), ("server", SERVER)])
def test_full_events_use_every_field(side: str, events: dict[str, list[dict[str, Any]]]) -> None:
    unused = {
        kind: set(property_names(STORE.expanded(f"beta/{side}/{kind}"))) - set(keys(group))
        for kind, group in events.items()
    }
    assert {kind: names for kind, names in unused.items() if names} == {}


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from keys(member)


def property_names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node["properties"] if isinstance(node.get("properties"), dict) else ()
        node = list(node.values())
    for entry in node if isinstance(node, list) else ():
        yield from property_names(entry)


@pytest.mark.parametrize("row", MUTATIONS, ids=lambda row: f"{row['send']['type']}-{row['param']}")
def test_a_mutation_is_answered_with_its_beta_path(row: dict[str, Any]) -> None:
    error = judge(row["send"])
    assert error is not None
    assert (error.type, error.code, error.param) == ("invalid_request_error", row["code"], row["param"])
    assert error.message == row.get("message", error.message)


@pytest.mark.parametrize("kind", ["response.output_text.delta", "conversation.item.added", "conversation.item.done"])
def test_names_of_ga_are_no_beta_events(kind: str) -> None:
    assert BETA.first_server_error({"type": kind}) == f"no server event has the type '{kind}'"


def test_an_unknown_type_is_answered_with_the_types_of_beta() -> None:
    error = BETA.first_error({"type": "session.close"})
    assert error is not None
    assert error.message.startswith(
        "Invalid value: 'session.close'. Supported values are: 'session.update', 'transcription_session.update',"
    )


def test_the_recorded_session_is_accepted(reference: Path) -> None:
    events = json.loads((reference / "recordings" / "beta-webrtc-2025-02-semantic-kernel.json").read_text())
    adapter = TypeAdapter(RealtimeServerEvent)
    assert len(events) == 99
    assert [fault for event in events if (fault := BETA.first_server_error(event))] == []
    assert [adapter.validate_python(event).type for event in events] == [event["type"] for event in events]


def test_the_recorded_first_event_is_accepted(reference: Path) -> None:
    page = json.loads((reference / "protocol/sessions/beta-session.created.webrtc-2025-02.json").read_text())
    assert BETA.first_server_error(page["event"]) is None


def test_documented_client_examples_are_accepted(reference: Path) -> None:
    pages = json.loads((reference / "protocol" / "openapi-event-examples.json").read_text(encoding="utf-8"))
    examples = {
        name: page["example"]
        for name, page in pages.items()
        if name.startswith("RealtimeBetaClientEvent") and "_raw_unparseable" not in page["example"]
    }
    refused = {name for name, event in examples.items() if judge(event)}
    # Its audio is a word that stands for base64, and is none.
    assert (len(examples), refused) == (9, {"RealtimeBetaClientEventInputAudioBufferAppend"})


SESSION = SERVER["session.created"][1]["session"]
HTTP = SchemaRegistry.bundled()


@pytest.mark.parametrize("body", [{}, *(event["session"] for event in CLIENT["session.update"])])
def test_a_beta_key_may_be_asked_for_with_any_session(body: dict[str, Any]) -> None:
    assert HTTP.first_body_error("sessions.request", body) is None


@pytest.mark.parametrize("body", [{}, *(event["session"] for event in CLIENT["transcription_session.update"])])
def test_a_beta_transcription_key_may_be_asked_for_with_any_session(body: dict[str, Any]) -> None:
    assert HTTP.first_body_error("transcription_sessions.request", body) is None


def test_a_beta_key_is_refused_with_the_path_of_the_fault() -> None:
    error = HTTP.first_body_error("sessions.request", {"session": {"type": "realtime"}})
    assert error == ApiError("Unknown parameter: 'session'.", "unknown_parameter", "session")


def test_the_answer_that_mints_a_key_is_the_sdks() -> None:
    assert HTTP.first_body_error("sessions.response", SESSION) is None
    assert SessionCreateResponse.model_validate(as_typed(SESSION)).client_secret.value == "ek_1"
    error = HTTP.first_body_error("sessions.response", without(SESSION, "client_secret"))
    assert error is not None
    assert error.param == "client_secret"
