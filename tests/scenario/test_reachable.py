"""Patterns that no event can contain, and what was probably meant."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.reachable import closed, impossible

REGISTRY = SchemaRegistry.bundled()


def fault(kind: str, **pattern: Any) -> str | None:
    found = impossible(REGISTRY.event_schema(kind), {"type": kind, **pattern})
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (
            "session.update",
            {"session": {"type": "realtime", "tools": [{"name": "f", "parameters": {"any": ["thing"]}}]}},
        ),
        ("session.update", {"session": {"audio": {"input": {"turn_detection": None}}}}),
        ("session.update", {"session": {"audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}}}),
        ("conversation.item.create", {"item": {"type": "function_call_output", "call_id": "c"}}),
        ("conversation.item.create", {"item": {"content": [{"text": "a"}]}}),
        ("response.create", {"response": {"metadata": {"topic": "rain"}, "conversation": "none"}}),
        ("response.create", {"response": {"max_output_tokens": "inf"}}),
        ("response.create", {"response": {"max_output_tokens": 10}}),
        ("response.create", {"response": None}),
        ("response.create", {"surprise": {"$absent": True}}),
        ("response.create", {"response": {"$not": {"surprise": 1}}}),
        ("response.done", {"response": {"unknown_to_the_schema": 1}}),
    ],
)
def test_what_an_event_can_contain(kind: str, pattern: dict[str, Any]):
    assert fault(kind, **pattern) is None


@pytest.mark.parametrize(
    ("kind", "pattern", "message"),
    [
        ("response.create", {"respons": {}}, "respons: there is never a 'respons' here; did you mean 'response'?"),
        (
            "conversation.item.create",
            {"item": {"type": "message", "call_id": "c"}},
            "item.call_id: there is never a 'call_id' here; use one of: id, object, type, status, role, content",
        ),
        (
            "conversation.item.create",
            {"item": {"type": "function_call_output", "outputs": "1"}},
            "item.outputs: there is never a 'outputs' here; did you mean 'output'?",
        ),
        (
            "conversation.item.create",
            {"item": {"type": "function_call_outputs", "call_id": "c"}},
            "item.type: this is never 'function_call_outputs'; did you mean 'function_call_output'?",
        ),
        (
            "conversation.item.create",
            {"item": {"content": [{}, {"type": "inputtext"}]}},
            "item.content[1].type: this is never 'inputtext'; did you mean 'input_text'?",
        ),
        (
            "response.create",
            {"response": {"metadata": {"topic": 1}}},
            "response.metadata.topic: this is never 1, it is of type string; correct it",
        ),
        ("response.create", {"response": []}, "response: this is never [], it is of type object; correct it"),
        ("response.done", {"response": {"status": "complete"}}, "response.status: this is never 'complete'; did you"),
    ],
)
def test_what_no_event_can_contain(kind: str, pattern: dict[str, Any], message: str):
    assert str(fault(kind, **pattern)).startswith(message)


def test_the_mocks_own_events_have_known_keys_alone():
    schema = REGISTRY.event_schema("response.done")
    assert impossible(schema, {"response": {"sttus": "completed"}}) is None
    assert str(impossible(closed(schema), {"response": {"sttus": "completed"}})) == (
        "response.sttus: there is never a 'sttus' here; did you mean 'status'?"
    )
    assert impossible(closed(schema), {"response": {"metadata": {"mine": "1"}}}) is None
