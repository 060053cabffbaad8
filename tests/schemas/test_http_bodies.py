"""Bodies of the HTTP API."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.registry import SchemaRegistry

REALTIME = {"type": "realtime", "model": "gpt-realtime"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"session": None, "expires_after": None},
        {"session": REALTIME, "expires_after": {"anchor": "created_at", "seconds": 10}},
        {"session": {"type": "transcription"}, "expires_after": {"seconds": 7200}},
    ],
)
def test_a_client_secret_may_be_asked_for_with(registry: SchemaRegistry, body: dict[str, object]) -> None:
    assert registry.first_body_error("client_secrets.request", body) is None


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"ttl": 60}, "unknown_parameter", "ttl"),
        ({"session": {"model": "gpt-realtime"}}, "missing_required_parameter", "session.type"),
        ({"session": {**REALTIME, "voice": "alloy"}}, "unknown_parameter", "session.voice"),
        ({"expires_after": {"seconds": 9}}, "integer_below_min_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ([], "invalid_event", None),
        (None, "invalid_event", None),
    ],
)
def test_a_client_secret_is_refused_with(registry: SchemaRegistry, body: object, code: str, param: str | None) -> None:
    error = registry.first_body_error("client_secrets.request", body)
    assert error is not None
    assert (error.code, error.param) == (code, param)


def test_a_client_secret_response_carries_the_session_it_opens(registry: SchemaRegistry) -> None:
    session = {**REALTIME, "id": "sess_1", "object": "realtime.session", "expires_at": 0}
    body = {"value": "ek_1", "expires_at": 1800000000, "session": session}
    assert registry.first_body_error("client_secrets.response", body) is None
    error = registry.first_body_error("client_secrets.response", {**body, "session": REALTIME})
    assert error is not None
    assert error.param == "session.id"


def test_the_session_part_of_a_call_is_a_session(registry: SchemaRegistry) -> None:
    assert registry.first_body_error("calls.session", REALTIME) is None


def test_faults_in_the_session_part_are_named_below_session(registry: SchemaRegistry) -> None:
    expected = ApiError("Unknown parameter: 'session.voice'.", "unknown_parameter", "session.voice")
    assert registry.first_body_error("calls.session", {**REALTIME, "voice": "alloy"}) == expected


def test_an_error_body_has_a_message_and_a_type(registry: SchemaRegistry) -> None:
    error = {"message": "No.", "type": "invalid_request_error", "param": "", "code": None}
    assert registry.first_body_error("error", {"error": error}) is None
    assert registry.first_body_error("error", {"error": {}}) is not None


def test_a_body_without_a_schema_is_a_mistake_of_ours(registry: SchemaRegistry) -> None:
    with pytest.raises(KeyError):
        registry.first_body_error("calls.answer", {})
