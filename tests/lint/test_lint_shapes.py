"""What is wrong with the shape of an event or of a connection."""

from __future__ import annotations

import pytest

from .conftest import Talk

REALTIME = {"type": "realtime"}


def test_a_session_as_it_should_be_has_no_findings(talk: Talk):
    talk.sent("session.update", session={**REALTIME, "instructions": "Be brief."})
    talk.sent("response.create")
    talk.began()
    talk.spoke(500)
    talk.sent("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=500)
    talk.ended()
    assert talk.found == []


@pytest.mark.parametrize("key, value", [("modalities", ["text"]), ("voice", "alloy"), ("temperature", 0.8)])
def test_a_flat_key_is_found_with_its_param(talk: Talk, key: str, value: object):
    talk.sent("session.update", session={**REALTIME, key: value})
    (finding,) = talk.findings()
    assert (finding.rule, finding.severity, finding.fault.param) == ("flat-key", "error", f"session.{key}")


def test_every_fault_of_an_event_is_told_and_not_only_the_first(talk: Talk):
    session = {"modalities": ["text"], "input_audio_format": "pcm16", "colour": "red"}
    talk.sent("session.update", session=session)
    assert sorted(talk.found) == ["flat-key", "flat-key", "missing-session-type", "unknown-key"]


def test_a_flat_key_of_a_response_is_found(talk: Talk):
    talk.sent("response.create", response={"modalities": ["text"]})
    assert talk.found == ["flat-key"]


def test_an_unknown_key_deep_in_a_list_is_found(talk: Talk):
    content = [{"type": "input_text", "text": "Hi", "colour": "red"}]
    talk.sent("conversation.item.create", item={"type": "message", "role": "user", "content": content})
    (finding,) = talk.findings()
    assert (finding.rule, finding.fault.param) == ("unknown-key", "item.content[0].colour")


def test_a_value_of_the_wrong_type_is_an_invalid_value(talk: Talk):
    talk.sent("session.update", session={**REALTIME, "instructions": 5})
    assert talk.found == ["invalid-value"]


def test_an_event_of_the_beta_is_named_as_such(talk: Talk):
    talk.sent("transcription_session.update", session={})
    (finding,) = talk.findings()
    assert finding.rule == "unknown-event"
    assert "event of the beta" in finding.fault.message


def test_a_websocket_has_no_output_buffer_and_a_call_has(talk: Talk):
    talk.sent("output_audio_buffer.clear")
    assert talk.found == ["unknown-event"]
    talk.received("output_audio_buffer.cleared")
    assert talk.found == []


@pytest.mark.parametrize("kind, data", [("binary", {"bytes": 4}), ("text", {"text": "hello"})])
def test_what_is_no_event_is_found(talk: Talk, kind: str, data: dict[str, object]):
    talk.add(kind, data, "sent")
    assert talk.found == ["not-an-event"]


@pytest.mark.parametrize(
    "headers",
    [{"openai-beta": "realtime=v1"}, {"sec-websocket-protocol": "realtime, openai-beta.realtime-v1"}],
)
def test_asking_for_the_beta_is_found(headers: dict[str, str]):
    talk = Talk()
    talk.add("open", {"path": "/v1/realtime", "headers": headers})
    assert talk.found == ["beta-header"]


def test_a_session_that_speaks_beta_is_found_once():
    talk = Talk()
    for kind in ("session.created", "session.updated"):
        talk.received(kind, session={"modalities": ["text"], "input_audio_format": "pcm16"})
    assert talk.found == ["beta-session"]


@pytest.mark.parametrize(
    "exchange",
    [
        {"request": {"method": "POST", "path": "/v1/realtime/sessions", "headers": {}}},
        {"method": "POST", "path": "/v1/realtime/transcription_sessions", "status": 404},
        {"request": {"method": "POST", "path": "/v1/realtime?model=m", "headers": {}}},
    ],
)
def test_an_address_of_the_beta_is_found_in_either_layout(exchange: dict[str, object]):
    talk = Talk()
    talk.add("http", exchange)
    assert talk.found == ["beta-path"]


def test_the_request_for_a_client_secret_is_judged():
    talk = Talk()
    body = {"session": {"modalities": ["text"]}}
    path = "/v1/realtime/client_secrets"
    talk.add("http", {"request": {"method": "POST", "path": path, "headers": {}, "body": body}})
    assert talk.found == ["missing-session-type"]


@pytest.mark.parametrize(("path", "found"), [("/_mock/faults", []), ("/v1/realtime/calls", ["refused"])])
def test_a_refused_request_is_told_unless_a_test_asked_the_mock_itself(path: str, found: list[str]):
    talk = Talk()
    error = {"code": "invalid_value", "message": "No."}
    talk.add("http", {"method": "PUT", "path": path, "status": 400}, "sent", error=error)
    assert talk.found == found


def test_what_the_service_refused_for_reasons_of_its_own_is_told(talk: Talk):
    talk.sent("session.update", event_id="mine", session=REALTIME)
    talk.refused("inference_not_authorized_error", "mine")
    (finding,) = talk.findings()
    assert (finding.rule, finding.entry.type) == ("refused", "error")


@pytest.mark.parametrize("event_id", ["mine", None])
def test_an_error_that_answers_a_known_fault_is_not_told_again(talk: Talk, event_id: str | None):
    talk.sent("session.update", event_id="mine", session={**REALTIME, "voice": "alloy"})
    talk.refused("unknown_parameter", event_id)
    assert talk.found == ["flat-key"]


def test_the_end_of_a_session_is_nobodys_fault(talk: Talk):
    talk.refused("session_expired")
    assert talk.found == []
