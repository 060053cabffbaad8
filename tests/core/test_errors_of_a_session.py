"""The errors of a live session, in the words that were captured from the service (protocol 10.1).

Each case names the row of the catalogue it holds; the catalogue itself, where it is at hand, is compared too.
In a message "…" stands for what differs from one time to the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.core.effects import Hangup
from realtime_mock.core.limits import Limits
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Error, Rule, Say, Scenario, Turn
from realtime_mock.wire import BINARY_FRAME, parse_event

CATALOGUE = Path(__file__).parents[3] / "shared" / "reference" / "protocol" / "errors.json"
NO_DETECTION = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}
TYPES = (
    "'session.update', 'session.close', 'input_audio_buffer.append', 'session.input_audio_buffer.append', "
    "'input_audio_buffer.commit', 'input_audio_buffer.clear', 'conversation.item.create', "
    "'conversation.item.truncate', 'conversation.item.delete', 'conversation.item.retrieve', 'response.create', "
    "and 'response.cancel'"
)


@dataclass(frozen=True)
class Case:
    """A client event that is refused, in a session made by `given`. `event` may ask that session for an id."""

    row: str
    event: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]]
    code: str | None
    message: str
    param: str | None = None
    given: Callable[[Any], Any] = lambda opened: opened()


def update(**fields: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def create(**item: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": item}


def on_last_item(event_type: str, **fields: Any) -> Callable[[Any], Mapping[str, Any]]:
    return lambda session: {"type": event_type, "item_id": session.session.snapshot()["items"][-1]["id"], **fields}


def spoken(seconds: float = 1.0) -> Callable[[Any], Any]:
    """A session in which the assistant has spoken for so long: 50 ms for each character."""

    def make(opened: Any) -> Any:
        steps = (Say("x" * round(seconds * 20)),)
        session = opened(scenario=Scenario("spoken", (Rule({"type": "response.create"}, (Turn(steps),)),)))
        session.send("response.create")
        session.run()
        return session

    return make


def asked(opened: Any) -> Any:
    session = opened()
    session.say("Hello")
    return session


def answering(opened: Any) -> Any:
    session = opened()
    session.send("response.create")
    return session


def tool(description: str) -> dict[str, Any]:
    return {"type": "function", "name": "look", "description": description, "parameters": {"type": "object"}}


CASES = [
    Case(
        "JSON object without type",
        {"session": {}},
        "invalid_event",
        "The 'type' field is missing.",
    ),
    Case("unknown event type on WS", {"type": "nope"}, "invalid_value",
         f"Invalid value: 'nope'. Supported values are: {TYPES}.", "type"),
    Case("unknown field anywhere in the event", update(bogus_field=1), "unknown_parameter",
         "Unknown parameter: 'session.bogus_field'.", "session.bogus_field"),
    Case("GA session.update without session.type", {"type": "session.update", "session": {}},
         "missing_required_parameter", "Missing required parameter: 'session.type'.", "session.type"),
    Case("conversation.item.create without item.type", create(role="user", content=[]),
         "missing_required_parameter", "Missing required parameter: 'item.type'.", "item.type"),
    Case("conversation.item.create of an assistant item whose content part is {type:output_audio,transcript} "
         "(history replay)",
         create(type="message", role="assistant", content=[{"type": "output_audio", "transcript": "Hi."}]),
         "missing_required_parameter", "Missing required parameter: 'item.content[0].text'.", "item.content[0].text"),
    Case("beta: null-valued unknown key is rejected too", update(custom_voice_id=None), "unknown_parameter",
         "Unknown parameter: 'session.custom_voice_id'.", "session.custom_voice_id"),
    Case("wrong JSON type", create(type="message", role="user", content="Hello"), "invalid_type",
         "Invalid type for 'item.content': expected an array of objects, but got a string instead.", "item.content"),
    Case("turn_detection object without type", update(audio={"input": {"turn_detection": {"threshold": 0.5}}}),
         "missing_required_parameter", "Missing required parameter: 'session.audio.input.turn_detection.type'.",
         "session.audio.input.turn_detection.type"),
    Case("audio/pcm rate 16000", update(audio={"input": {"format": {"type": "audio/pcm", "rate": 16000}}}),
         "integer_below_min_value",
         "Invalid 'session.audio.input.format.rate': integer below minimum value. Expected a value >= 24000, "
         "but got 16000 instead.", "session.audio.input.format.rate"),
    Case("tool description > 1024 chars", update(tools=[tool(""), tool(""), tool(""), tool("x" * 2473)]),
         "string_above_max_length",
         "Invalid 'session.tools[3].description': string too long. Expected a string with maximum length 1024, "
         "but got a string with length 2473 instead.", "session.tools[3].description"),
    Case("bad enum", update(audio={"input": {"transcription": {"model": "gpt-live-transcribe", "delay": "bogus"}}}),
         "invalid_value",
         "Invalid value: 'bogus'. Supported values are: 'minimal', 'low', 'medium', 'high', and 'xhigh'.",
         "session.audio.input.transcription.delay"),
    Case("input_audio_buffer.append with bad base64", {"type": "input_audio_buffer.append", "audio": "not base64!"},
         "invalid_value",
         "Invalid 'audio'. Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an invalid value.",
         "audio.audio"),
    Case("session.update {type:transcription} on a realtime session",
         {"type": "session.update", "session": {"type": "transcription"}}, "invalid_parameter",
         "Passing a transcription session update event to a realtime session is not allowed."),
    Case("session.update changing voice after first assistant audio", update(audio={"output": {"voice": "cedar"}}),
         "cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.",
         given=spoken()),
    Case("commit with < 100 ms", {"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty",
         "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
         "but buffer only has 0.00ms of audio.", given=lambda opened: opened(given=NO_DETECTION)),
    Case("response.create while one is in progress (default conversation)", {"type": "response.create"},
         "conversation_already_has_active_response",
         "Conversation already has an active response in progress: …. Wait until the response is finished before "
         "creating a new one.", given=answering),
    Case("response.cancel with nothing running", {"type": "response.cancel"}, "response_cancel_not_active",
         "Cancellation failed: no active response found"),
    Case("conversation.item.delete unknown id (also second delete)",
         {"type": "conversation.item.delete", "item_id": "yo"}, "item_delete_invalid_item_id",
         "Error deleting item: the item with id 'yo' does not exist."),
    Case("conversation.item.retrieve unknown or deleted id",
         {"type": "conversation.item.retrieve", "item_id": "non_existent_item"}, "item_retrieve_invalid_item_id",
         "Error retrieving item: the item with id 'non_existent_item' does not exist."),
    Case("conversation.item.truncate unknown id",
         {"type": "conversation.item.truncate", "item_id": "x", "content_index": 0, "audio_end_ms": 0},
         "item_truncate_invalid_item_id", "Item with item_id not found: x"),
    Case("truncate with audio_end_ms > audio length",
         on_last_item("conversation.item.truncate", content_index=0, audio_end_ms=57_340), "invalid_value",
         "Audio content of 9250ms is already shorter than 57340ms", given=spoken(9.25)),
    Case("truncate a user/text/function item",
         on_last_item("conversation.item.truncate", content_index=0, audio_end_ms=0), "unsupported_content_type",
         "Only model output audio messages can be truncated", given=asked),
    Case("function_call_output with unknown call_id",
         create(type="function_call_output", call_id="call_Xz0z4X8aSYDdkTf2", output=""), "invalid_tool_call_id",
         "Tool call ID 'call_Xz0z4X8aSYDdkTf2' not found in conversation."),
]  # fmt: skip
FRAMES = {
    "text frame that is not JSON": ("invalid_json", "Invalid event: failed to parse JSON value. …"),
    "binary WS frame": ("invalid_event", "Expected a text WebSocket message; binary frames are not supported."),
}
FATAL = {
    "connection opened with ?model=<m> then session.update type transcription": (
        "invalid_model",
        'Model "gpt-4o-mini-transcribe" is not supported in transcription mode.',
        Hangup(4000, "invalid_request_error.invalid_model"),
    ),
    "60 min after session start": (
        "session_expired",
        "Your session hit the maximum duration of 60 minutes.",
        Hangup(1001, "Your session hit the maximum duration of 60 minutes."),
    ),
}
NOT_OF_A_LIVE_SESSION = {
    "WS upgrade with a bad bearer key (upgrade still answers 101)",
    "WS upgrade without Authorization",
    "?model=gpt-nope",
    "no model query and no call_id/intent",
    'header "OpenAI-Beta: realtime=v1" (or subprotocol openai-beta.realtime-v1) since 2026-05-12',
    "?intent=<unknown/empty>",
}
OF_BETA = {
    "turn_detection object without type (flat/beta path)",
    "BETA: assistant/history content type mismatch",
    "BETA Oct 2024 commit on empty buffer",
}


def names(cases: list[Case]) -> list[str]:
    return [re.sub(r"\W+", "-", case.row)[:60].strip("-") for case in cases]


def answer_to(case: Case, opened: Any) -> tuple[Any, dict[str, Any]]:
    """The session and its one answer, whose message has been compared and reads like that of the case."""
    session = case.given(opened)
    event = case.event(session) if callable(case.event) else case.event
    [answer] = session.receive({**event, "event_id": "mine"})
    if re.fullmatch(re.escape(case.message).replace("…", ".+"), answer["error"]["message"]):
        answer["error"]["message"] = case.message
    return session, answer


@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_an_event_is_refused_as_captured(opened, case):
    _, answer = answer_to(case, opened)
    assert list(answer) == ["type", "event_id", "error"]
    assert answer["error"] == {
        "type": "invalid_request_error",
        "code": case.code,
        "message": case.message,
        "param": case.param,
        "event_id": "mine",
    }


@pytest.mark.parametrize("case", CASES, ids=names(CASES))
def test_a_refused_event_changes_nothing(opened, case):
    session, undisturbed = case.given(opened), case.given(opened)
    session.receive(case.event(session) if callable(case.event) else case.event)
    assert session.session.snapshot() == undisturbed.session.snapshot()
    assert session.send("input_audio_buffer.clear")[-1]["type"] == "input_audio_buffer.cleared"


def test_an_error_names_no_event_where_the_client_named_none(opened):
    [answer] = opened().receive({"type": "conversation.item.delete", "item_id": "yo"})
    assert answer["error"] == {
        "type": "invalid_request_error",
        "code": "item_delete_invalid_item_id",
        "message": "Error deleting item: the item with id 'yo' does not exist.",
        "param": None,
        "event_id": None,
    }


def test_a_missing_type_echoes_the_event_id(opened):
    [answer] = opened().receive({"event_id": "event_567"})
    assert answer["error"]["event_id"] == "event_567"


def test_the_refusal_of_a_second_response_names_the_first(opened):
    session = opened()
    active = session.send("response.create")[0]["response"]["id"]
    assert active in session.send("response.create")[0]["error"]["message"]


def test_a_second_deletion_is_refused_like_one_of_an_unknown_item(opened):
    session = asked(opened)
    deletion = on_last_item("conversation.item.delete")(session)
    assert session.receive(deletion)[0]["type"] == "conversation.item.deleted"
    assert session.receive(deletion)[0]["error"]["code"] == "item_delete_invalid_item_id"


def test_a_text_frame_that_is_no_json_is_refused_as_captured(opened):
    code, message = FRAMES["text frame that is not JSON"]
    with pytest.raises(ClientFault) as fault:
        parse_event("{not json")
    session = opened()
    [error] = [effect.event["error"] for effect in session.session.refuse(fault.value.error, 0.0)]
    assert re.fullmatch(re.escape(message).replace("…", ".+"), error.pop("message"))
    assert error == {"type": "invalid_request_error", "code": code, "param": None, "event_id": None}


def test_a_binary_frame_is_refused_as_captured(opened):
    code, message = FRAMES["binary WS frame"]
    [effect] = opened().session.refuse(BINARY_FRAME, 0.0)
    error = {"type": "invalid_request_error", "code": code, "message": message, "param": None, "event_id": None}
    assert effect.event["error"] == error


def test_a_transcription_update_ends_a_session_opened_with_a_transcription_model(opened):
    code, message, hangup = FATAL["connection opened with ?model=<m> then session.update type transcription"]
    session = opened(model="gpt-4o-mini-transcribe")
    [answer] = session.receive({"type": "session.update", "session": {"type": "transcription"}})
    assert (answer["error"]["code"], answer["error"]["message"], answer["error"]["param"]) == (code, message, None)
    assert session.effects[-1] == hangup
    assert session.send("response.create") == []


def test_a_session_expires_as_captured(opened):
    code, message, hangup = FATAL["60 min after session start"]
    session = opened(limits=Limits(lifetime=3600))
    [answer] = session.run()
    error = {"type": "invalid_request_error", "code": code, "message": message, "param": None, "event_id": None}
    assert (session.now, answer["error"]) == (3600, error)
    assert session.effects[-1] == hangup


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue of captured errors is not here")
def test_every_captured_row_of_a_live_session_is_held_to_the_letter():
    held = {case.row: (case.code, case.message, case.param) for case in CASES}
    held |= {row: (code, message, None) for row, (code, message) in FRAMES.items()}
    held |= {row: (code, message, None) for row, (code, message, _) in FATAL.items()}
    for row in json.loads(CATALOGUE.read_text()):
        trigger = row["trigger"]
        if row["channel"] != "event" or row["tag"] == "UNSURE" or trigger in NOT_OF_A_LIVE_SESSION | OF_BETA:
            continue
        message = row["error"]["message"].replace("<parser detail>", "…").replace("resp_XXXX", "…")
        assert held[trigger] == (row["error"]["code"], message, row["error"]["param"]), trigger


UNSURE = {
    "an unknown previous_item_id": {**create(type="message", role="user", content=[]), "previous_item_id": "nowhere"},
    "an unknown reference": {"type": "response.create", "response": {"input": [{"type": "item_reference", "id": "x"}]}},
    "an unknown item to truncate": {
        "type": "conversation.item.truncate",
        "item_id": "x",
        "content_index": 0,
        "audio_end_ms": 0,
    },
    "a wrong JSON type": create(type="message", role="user", content="Hello"),
    "bad base64": {"type": "input_audio_buffer.append", "audio": "not base64!"},
    "what is no object": ["session.update"],
}
REWORDED = """
scenario: reworded
rules:
  - on: {type: error}
    instead: true
    turns:
      - proceed: {error: {type: t, code: c, message: In my own words., param: p}}
"""


@pytest.mark.parametrize("name", UNSURE)
def test_a_text_that_was_never_captured_can_be_set(opened, name):
    [answer] = opened(scenario=parse_scenario(REWORDED)).receive(UNSURE[name])
    wanted = {"type": "t", "code": "c", "message": "In my own words.", "param": "p", "event_id": None}
    assert answer["error"] == wanted


@pytest.mark.parametrize("name", UNSURE)
def test_it_is_an_error_all_the_same_where_nobody_sets_it(opened, name):
    [answer] = opened().receive(UNSURE[name])
    assert (answer["type"], answer["error"]["type"]) == ("error", "invalid_request_error")


def test_an_error_that_the_mock_never_sends_by_itself_can_be_scripted(opened):
    words = ApiError("Credit balance exhausted.", code="credit_balance_exhausted", type="insufficient_quota")
    rule = Rule({"type": "response.create"}, (Turn((Error(words),)),))
    [answer] = opened(scenario=Scenario("test", (rule,))).receive({"type": "response.create", "event_id": "e1"})
    assert answer["error"] == {**words.as_json(), "event_id": "e1"}
