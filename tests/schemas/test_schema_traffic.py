"""The schemas against what the service was seen to send and take, and against its documented examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import TypeAdapter, ValidationError

from realtime_mock.registry import SchemaRegistry

# Documented examples that the SDK accepts and we do not.
REFUSED_EXAMPLES = {
    # Its audio is a word that stands for base64, and is none.
    "RealtimeClientEventInputAudioBufferAppend": "Invalid 'audio'. Expected base64-encoded audio bytes",
}


def frames(reference: Path, direction: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Events of the recorded GA WebSockets, each with the file it is from."""
    for file in sorted((reference / "recordings").glob("pydantic-ai__*.json")):
        for frame in json.loads(file.read_text(encoding="utf-8")):
            if frame["direction"] == direction:
                yield file.stem, frame["data"]


def test_recorded_server_events_are_accepted(registry: SchemaRegistry, reference: Path) -> None:
    received = list(frames(reference, "received"))
    assert len(received) > 200
    assert [(file, fault) for file, event in received if (fault := registry.first_server_error(event))] == []


def test_recorded_client_events_are_accepted(registry: SchemaRegistry, reference: Path) -> None:
    sent = list(frames(reference, "sent"))
    assert len(sent) > 100
    assert [(file, fault) for file, event in sent if (fault := registry.first_error(event))] == []


def test_recorded_key_frames_are_accepted(registry: SchemaRegistry, reference: Path) -> None:
    recording = json.loads((reference / "recordings" / "ga-idle-timeout-2026-keyframes.json").read_text())
    # The recording keeps some frames whole and only sketches the others, without an event id.
    whole = [frame["data"] for frame in recording["frames"] if "event_id" in frame["data"]]
    assert [event["type"] for event in whole] == ["input_audio_buffer.timeout_triggered"]
    assert [registry.first_server_error(event) for event in whole] == [None]


def test_recorded_sessions_are_accepted(registry: SchemaRegistry, reference: Path) -> None:
    files = [*(reference / "protocol" / "sessions").glob("ga-*.json"), *reference.glob("protocol/sessions/azure*.json")]
    events = [json.loads(file.read_text(encoding="utf-8"))["event"] for file in files]
    for event in events:
        # One page writes the expiry of its example as a formula.
        event["session"]["expires_at"] = 1800000000
    assert [registry.first_server_error(event) for event in events] == [None] * 6


def test_recorded_client_secret_exchange_is_accepted(registry: SchemaRegistry, reference: Path) -> None:
    file = reference / "protocol" / "sessions" / "client_secrets.response.json"
    exchange = json.loads(file.read_text(encoding="utf-8"))
    assert registry.first_body_error("client_secrets.request", exchange["request"]) is None
    assert registry.first_body_error("client_secrets.response", exchange["response"]) is None


def test_recorded_error_body_is_accepted(registry: SchemaRegistry, reference: Path) -> None:
    rows = json.loads((reference / "protocol" / "errors.json").read_text(encoding="utf-8"))
    bodies = [{"error": row["error"]} for row in rows if row["channel"] == "http"]
    assert [registry.first_body_error("error", body) for body in bodies] == [None] * 9


def examples(reference: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Documented GA examples that are JSON and that the SDK's types take."""
    pages = json.loads((reference / "protocol" / "openapi-event-examples.json").read_text(encoding="utf-8"))
    for name, page in pages.items():
        union = RealtimeClientEvent if "ClientEvent" in name else RealtimeServerEvent
        of_ga = name.startswith(("RealtimeClientEvent", "RealtimeServerEvent"))
        if of_ga and "_raw_unparseable" not in page["example"] and sdk_accepts(union, page["example"]):
            yield name, page["example"]


def sdk_accepts(union: Any, event: dict[str, Any]) -> bool:
    try:
        TypeAdapter(union).validate_python(event)
    except ValidationError:
        return False
    return True


def test_documented_examples_are_accepted_with_listed_exceptions(registry: SchemaRegistry, reference: Path) -> None:
    accepted = dict(examples(reference))
    assert len(accepted) > 40
    refused = {}
    for name, event in accepted.items():
        if "ClientEvent" in name:
            error = registry.first_error(event, transport="webrtc")
            fault = error.message if error else None
        else:
            fault = registry.first_server_error(event)
        if fault:
            refused[name] = fault.partition(" but ")[0].partition(" (")[0]
    assert refused == REFUSED_EXAMPLES
