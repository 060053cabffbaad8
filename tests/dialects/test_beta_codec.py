"""The beta codec by itself: every event of one dialect is a valid event of the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_mock.api_error import ApiError
from realtime_mock.dialects import BetaDialect, GaDialect
from realtime_mock.dialects.beta_errors import beta_path
from realtime_mock.registry import SchemaRegistry

GA = SchemaRegistry.bundled()
BETA = GA.dialect("beta")
SCHEMA_TESTS = Path(__file__).parents[1] / "schemas"


def events(name: str) -> list[Any]:
    """Events built by hand for the tests of the schemas."""
    return list(read_events(name))


def read_events(name: str) -> Iterator[Any]:
    given = yaml.safe_load((SCHEMA_TESTS / f"{name}.yaml").read_text(encoding="utf-8"))["events"]
    for kind, cases in given.items():
        model = given[cases["like"]] if "like" in cases else cases
        for number, event in enumerate((model["minimal"], *model["full"], *cases.get("more", ()))):
            yield pytest.param({**event, "type": kind}, id=f"{kind}-{number}")


@pytest.fixture
def codec() -> BetaDialect:
    return new_codec()


def new_codec(**options: Any) -> BetaDialect:
    numbers = itertools.count(1)
    return BetaDialect(
        GA, transport="webrtc", new_event_id=lambda: f"event_{next(numbers)}", tokens_per_minute=1000, **options
    )


def update(codec: BetaDialect, **session: Any) -> dict[str, Any]:
    """What the session of a GA `session.update` is, from a beta one."""
    decoded: Any = codec.decode({"type": "session.update", "session": session})
    return decoded["session"]


@pytest.mark.parametrize("event", events("beta_client_events"))
def test_every_beta_client_event_becomes_a_valid_one_of_ga(codec: BetaDialect, event: dict[str, Any]) -> None:
    assert GA.first_error(codec.decode(event), transport="webrtc") is None


@pytest.mark.parametrize("event", events("server_events"))
def test_every_ga_server_event_becomes_valid_ones_of_beta(codec: BetaDialect, event: dict[str, Any]) -> None:
    assert [fault for sent in codec.encode(event) if (fault := BETA.first_server_error(sent))] == []


@pytest.mark.parametrize("event", events("server_events"))
def test_an_event_that_breaks_its_schema_is_encoded_all_the_same(codec: BetaDialect, event: dict[str, Any]) -> None:
    for key in event.keys() - {"type"}:
        for value in (None, 7, "text", [], {}, [1], {"type": 1, "content": 3, "audio": []}):
            codec.encode({**event, key: value})


def test_every_beta_server_event_has_its_source() -> None:
    sent = {out["type"] for case in events("server_events") for out in new_codec().encode(case.values[0])}
    sent |= {out["type"] for out in new_codec().encode({"type": "response.created", "response": {"id": "r"}})}
    # Limits wait for the next response.
    assert set(BETA.server_types) - sent == {"rate_limits.updated"}


def test_an_event_of_neither_dialect_passes_as_it_is(codec: BetaDialect) -> None:
    event = {"type": "response.novelty", "event_id": "e", "anything": [1]}
    assert codec.encode(event) == [event]
    assert codec.encode({"event_id": "e"}) == [{"event_id": "e"}]


def test_ga_passes_everything() -> None:
    event = {"type": "session.update", "session": {}}
    assert GaDialect(GA).decode(event) is event
    assert GaDialect(GA).encode(event) == [event]
    assert GaDialect(GA).first_server_error(event) == "no server event has the type 'session.update'"


def test_a_fault_is_named_by_its_beta_path(codec: BetaDialect) -> None:
    decoded = codec.decode({"type": "session.update", "session": {"turn_detection": {}}})
    assert decoded == ApiError(
        "Missing required parameter: 'session.turn_detection.type'.",
        "missing_required_parameter",
        "session.turn_detection.type",
    )


def test_a_flat_session_becomes_a_nested_one(codec: BetaDialect) -> None:
    given = {
        "modalities": ["text", "audio"],
        "voice": "echo",
        "input_audio_format": "g711_ulaw",
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1", "language": None},
        "turn_detection": {"type": "server_vad", "create_response": None, "threshold": 0.4},
        "temperature": 0.9,
        "max_response_output_tokens": 100,
        "client_secret": None,
    }
    assert update(codec, **given) == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "max_output_tokens": 100,
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "whisper-1"},
                "turn_detection": {"type": "server_vad", "threshold": 0.4},
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "echo"},
        },
    }


def test_null_turns_off_what_can_be_turned_off(codec: BetaDialect) -> None:
    given = dict.fromkeys(("turn_detection", "input_audio_transcription", "input_audio_noise_reduction", "tracing"))
    off = {"turn_detection": None, "transcription": None, "noise_reduction": None}
    assert update(codec, **given, voice=None) == {"type": "realtime", "audio": {"input": off}, "tracing": None}


def test_text_alone_asks_for_text_alone(codec: BetaDialect) -> None:
    assert update(codec, modalities=["text"]) == {"type": "realtime", "output_modalities": ["text"]}


def test_a_transcription_update_is_a_session_update_of_its_type(codec: BetaDialect) -> None:
    event = {"type": "transcription_session.update", "event_id": "e", "session": {"include": None, "modalities": None}}
    expected = {"type": "session.update", "event_id": "e", "session": {"type": "transcription", "include": None}}
    assert codec.decode(event) == expected


def test_an_item_loses_its_nulls_and_the_models_parts_are_renamed(codec: BetaDialect) -> None:
    content = [{"id": "part_1", "type": "text", "text": "hi", "audio": None}]
    item = {"type": "message", "role": "assistant", "content": content, "name": None}
    decoded: Any = codec.decode({"type": "conversation.item.create", "item": item})
    assert decoded["item"] == {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "hi"}],
    }


def test_a_response_is_asked_for_in_ga_terms(codec: BetaDialect) -> None:
    reference = {"type": "item_reference", "id": "item_1", "role": None}
    response = {"modalities": ["text"], "voice": "echo", "max_output_tokens": 9, "temperature": 1, "input": [reference]}
    decoded: Any = codec.decode({"type": "response.create", "response": response})
    assert decoded["response"] == {
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "echo"}},
        "max_output_tokens": 9,
        "input": [{"type": "item_reference", "id": "item_1"}],
    }


SPEAKING = {"type": "session.updated", "session": {"type": "realtime", "output_modalities": ["audio"]}}


def described(codec: BetaDialect, event: dict[str, Any] = SPEAKING) -> tuple[Any, Any]:
    [sent] = codec.encode(event)
    return sent["session"]["modalities"], sent["session"]["temperature"]


def test_what_ga_has_no_place_for_is_given_back(codec: BetaDialect) -> None:
    assert described(codec) == (["audio", "text"], 0.8)
    update(codec, modalities=["text", "audio"], temperature=1.1)
    assert described(codec) == (["text", "audio"], 1.1)
    update(codec, voice="echo")
    assert described(codec) == (["text", "audio"], 1.1)


def test_what_a_refused_update_asked_for_is_forgotten(codec: BetaDialect) -> None:
    update(codec, temperature=1.1)
    codec.encode({"type": "error", "error": {"message": "no"}})
    assert described(codec) == (["audio", "text"], 0.8)


def test_what_a_key_was_asked_for_with_is_given_back() -> None:
    codec = new_codec(asked={"temperature": 0.7, "modalities": ["text", "audio"]})
    assert described(codec) == (["text", "audio"], 0.7)


def test_a_response_has_the_temperature_it_was_asked_for_with(codec: BetaDialect) -> None:
    codec.decode({"type": "response.create", "response": {"temperature": 1.2}})
    temperatures = [
        codec.encode({"type": kind, "response": {"id": name}})[0]["response"]["temperature"]
        for kind, name in (("created", "a"), ("created", "b"), ("done", "a"), ("done", "b"))
        for kind in (f"response.{kind}",)
    ]
    assert temperatures == [1.2, 0.8, 1.2, 0.8]


def test_limits_tell_what_the_responses_before_used(codec: BetaDialect) -> None:
    used = {"name": "tokens", "limit": 1000, "remaining": 400, "reset_seconds": 36.0}
    assert codec.encode({"type": "rate_limits.updated", "event_id": "e", "rate_limits": [used]}) == []
    codec.encode({"type": "response.created", "response": {"id": "resp_1"}})
    item = {"type": "message", "role": "assistant", "content": []}
    added = {"type": "response.output_item.added", "response_id": "resp_1", "item": item}
    limits, _ = codec.encode(added)
    assert (limits["type"], limits["event_id"]) == ("rate_limits.updated", "event_1")
    assert [limit["name"] for limit in limits["rate_limits"]] == ["requests", "tokens"]
    assert limits["rate_limits"][1] == used
    assert len(codec.encode(added)) == 1


def test_items_of_mcp_are_not_told_of(codec: BetaDialect) -> None:
    item = {"id": "mcp_1", "type": "mcp_call", "server_label": "s", "name": "n", "arguments": "{}"}
    assert codec.encode({"type": "conversation.item.added", "item": item}) == []
    [done] = codec.encode({"type": "response.done", "response": {"id": "r", "output": [item]}})
    assert done["response"]["output"] == []


@pytest.mark.parametrize(
    "ga, beta",
    [
        ("session.audio.input.turn_detection.threshold", "session.turn_detection.threshold"),
        ("session.audio.input.format.rate", "session.input_audio_format.rate"),
        ("session.max_output_tokens", "session.max_response_output_tokens"),
        ("response.output_modalities[0]", "response.modalities[0]"),
        ("session.audio.output.voice", "session.voice"),
        ("session.audio.output.voices", "session.audio.output.voices"),
        ("item.content[0].text", "item.content[0].text"),
    ],
)
def test_a_path_of_ga_is_one_of_beta(ga: str, beta: str) -> None:
    assert beta_path(ga) == beta


def test_an_error_of_the_session_names_the_beta_path_in_its_words_too(codec: BetaDialect) -> None:
    path = "session.audio.output.voice"
    error = {"type": "t", "code": "c", "message": f"Bad '{path}'.", "param": path}
    [sent] = codec.encode({"type": "error", "event_id": "e", "error": error})
    assert sent["error"] == {"type": "t", "code": "c", "message": "Bad 'session.voice'.", "param": "session.voice"}


@pytest.mark.parametrize("key", ["max_output_tokens", "output_modalities"])
def test_a_key_that_ga_alone_has_is_refused_under_the_name_that_the_client_gave_it(beta: Any, key: str) -> None:
    [sent] = beta().send("session.update", session={key: 10})
    assert sent["error"]["message"] == f"Unknown parameter: 'session.{key}'."
    assert sent["error"]["param"] == f"session.{key}"
