"""What follows each client event, field by field, beyond what the tests of turns, items and calls say."""

from __future__ import annotations

import base64
import re

import pytest

from realtime_mock.audio import g711, pcm
from realtime_mock.scenario.model import Call, Emit, Rule, Say, Scenario, Turn

TEXT = {"output_modalities": ["text"]}
TOOL = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}
IMAGE = "data:image/png;base64,iVBORw0KGgo="


def message(role, *content):
    return {"type": "message", "role": role, "content": list(content)}


def text(words, kind="input_text"):
    return {"type": kind, "text": words}


def completed(item, **changes):
    """A message as it comes back: keys in the order of the wire."""
    return {"id": "", "type": "message", "status": "completed", "role": item["role"], **changes}


ITEMS = {
    "user text": (message("user", text("Hi.")), {"content": [text("Hi.")]}),
    "user image": (
        message("user", text("Look."), {"type": "input_image", "image_url": IMAGE, "detail": "low"}),
        {"content": [text("Look."), {"type": "input_image", "image_url": IMAGE, "detail": "low"}]},
    ),
    "user audio": (
        message("user", {"type": "input_audio", "audio": "AAAA", "transcript": "Hm."}),
        {"content": [{"type": "input_audio", "transcript": "Hm."}]},
    ),
    "system text": (message("system", text("Be brief.")), {"content": [text("Be brief.")]}),
    "assistant text": (message("assistant", text("Yes.", "output_text")), {"content": [text("Yes.", "output_text")]}),
}


@pytest.mark.parametrize("name", ITEMS)
def test_a_message_comes_back_completed_and_without_its_audio(opened, name):
    given, changes = ITEMS[name]
    added, done = opened().send("conversation.item.create", item=given)
    expected = completed(given, **changes)
    assert {**added["item"], "id": ""} == expected
    assert list(added["item"]) == list(expected)
    assert {**done, "type": "", "event_id": ""} == {**added, "type": "", "event_id": ""}
    assert re.fullmatch(r"item_[A-Za-z0-9]{21}", added["item"]["id"])


def test_a_function_call_can_be_given_with_its_output(opened):
    session = opened()
    call = {"type": "function_call", "name": "look", "arguments": "{ }", "call_id": "call_1"}
    added, _ = session.send("conversation.item.create", item=call)
    assert {**added["item"], "id": ""} == {
        "id": "",
        "type": "function_call",
        "status": "completed",
        "name": "look",
        "call_id": "call_1",
        "arguments": "{ }",
    }
    output = {"type": "function_call_output", "call_id": "call_1", "output": "Sun."}
    added, _ = session.send("conversation.item.create", item=output)
    assert {**added["item"], "id": ""} == {"id": "", **output}


def test_an_id_of_the_clients_own_is_kept(opened):
    added, _ = opened().send("conversation.item.create", item={**message("user", text("Hi.")), "id": "mine"})
    assert added["item"]["id"] == "mine"


def test_retrieving_gives_the_audio_of_a_user_too(opened, tone):
    session = opened(given={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    session.append(tone(0.2))
    [committed, *_] = session.send("input_audio_buffer.commit")
    [retrieved] = session.send("conversation.item.retrieve", item_id=committed["item_id"])
    [part] = retrieved["item"]["content"]
    assert base64.b64decode(part["audio"]) == tone(0.2)


def test_retrieving_a_text_gives_the_item_as_it_is(opened):
    session = opened()
    added, _ = session.say("Hi.")
    [retrieved] = session.send("conversation.item.retrieve", item_id=added["item"]["id"])
    assert retrieved["item"] == added["item"]


def test_a_deleted_item_is_not_seen_by_the_next_response(opened):
    session = opened(pace=0)
    added, _ = session.say("My name is Ada.")
    session.send("conversation.item.delete", item_id=added["item"]["id"])
    came = session.send("response.create", response=TEXT)
    assert "Ada" not in came[-2]["response"]["output"][0]["content"][0]["text"]


def test_an_item_that_is_being_made_can_be_deleted(opened):
    session = opened()
    session.send("response.create", response=TEXT)
    [deleted] = session.send("conversation.item.delete", item_id=session.session.snapshot()["items"][0]["id"])
    assert deleted["type"] == "conversation.item.deleted"
    assert session.run()[-2]["response"]["status"] == "completed"


def test_appends_are_never_acknowledged(opened, silence):
    session = opened()
    assert session.append(b"") + session.append(b"\x00") + session.append(silence(1)) == []


def test_a_commit_while_vad_listens_ends_the_turn_under_its_announced_id(opened, tone):
    session = opened()
    [started] = session.append(tone(0.5))
    committed, added, done = session.send("input_audio_buffer.commit")
    assert committed["item_id"] == added["item"]["id"] == done["item"]["id"] == started["item_id"]
    assert session.session.next_timer() is None


@pytest.mark.parametrize("format_type", ["audio/pcmu", "audio/pcma"])
def test_offsets_are_milliseconds_in_every_format(opened, tone, silence, format_type):
    encode = g711.encode_ulaw if format_type == "audio/pcmu" else g711.encode_alaw
    session = opened(given={"type": "realtime", "audio": {"input": {"format": {"type": format_type}}}})
    narrow = encode(pcm.resample(silence(1) + tone(1), source=24_000, target=8_000))
    [started] = session.send("input_audio_buffer.append", audio=base64.b64encode(narrow).decode())
    assert abs(started["audio_start_ms"] - (1000 - 300)) <= 32


def test_a_response_sees_only_its_own_input(opened):
    session = opened(pace=0)
    session.say("My name is Ada.")
    out_of_band = {**TEXT, "conversation": "none", "input": [message("user", text("Who?"))]}
    own = session.send("response.create", response=out_of_band)[-2]["response"]
    assert own["output"][0]["content"][0]["text"] == 'You said: "Who?"'


def test_an_empty_input_clears_the_context_for_one_response(opened):
    session = opened(pace=0)
    session.say("My name is Ada.")
    came = [session.send("response.create", response={**TEXT, **more})[-2] for more in ({"input": []}, {})]
    texts = [done["response"]["output"][0]["content"][0]["text"] for done in came]
    assert texts == ["Hello! How can I help you?", 'You said: "My name is Ada."']


def test_an_input_can_refer_to_an_item_of_the_conversation(opened):
    session = opened(pace=0)
    added, _ = session.say("My name is Ada.")
    session.say("And yours?")
    reference = {"type": "item_reference", "id": added["item"]["id"]}
    done = session.send("response.create", response={**TEXT, "conversation": "none", "input": [reference]})[-2]
    assert done["response"]["output"][0]["content"][0]["text"] == 'You said: "My name is Ada."'


def test_a_reference_to_nothing_is_an_error_and_no_response(opened):
    reference = {"type": "item_reference", "id": "nowhere"}
    [error] = opened().send("response.create", response={"input": [reference]})
    assert error["type"] == "error"


def test_several_responses_out_of_band_run_beside_the_one_of_the_conversation(opened):
    session = opened()
    session.send("response.create")
    for number in range(3):
        session.send("response.create", response={"conversation": "none", "metadata": {"number": str(number)}})
    session.run()
    done = [event["response"] for event in session.sent if event["type"] == "response.done"]
    assert {response["status"] for response in done} == {"completed"}
    assert sorted(str(response["metadata"]) for response in done) == [
        "None",
        "{'number': '0'}",
        "{'number': '1'}",
        "{'number': '2'}",
    ]
    assert len(session.session.snapshot()["items"]) == 1
    session.check()


def test_metadata_comes_back_in_created_and_done(opened):
    came = opened(pace=0).send("response.create", response={**TEXT, "metadata": {"topic": "sea"}})
    assert [came[0]["response"]["metadata"], came[-2]["response"]["metadata"]] == [{"topic": "sea"}] * 2


CHOICES = {
    "none": ("none", []),
    "required": ("required", ["look"]),
    "a function": ({"type": "function", "name": "look"}, ["look"]),
    "auto": ("auto", []),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_tool_choice_is_obeyed(opened, name):
    choice, called = CHOICES[name]
    session = opened(pace=0)
    session.say("Hello")
    done = session.send("response.create", response={**TEXT, "tools": [TOOL], "tool_choice": choice})[-2]
    assert [item["name"] for item in done["response"]["output"] if item["type"] == "function_call"] == called


def test_the_tools_of_the_session_serve_where_the_response_has_none(opened):
    session = opened(pace=0)
    session.send("session.update", session={"type": "realtime", "tools": [TOOL], "tool_choice": "required"})
    done = session.send("response.create", response=TEXT)[-2]
    assert done["response"]["output"][0]["name"] == "look"


def test_instructions_of_a_response_do_not_change_those_of_the_session(opened):
    session = opened(pace=0)
    before = session.session.snapshot()["session"]
    done = session.send("response.create", response={**TEXT, "instructions": "Say it twice."})[-2]
    assert "Say it twice." in done["response"]["output"][0]["content"][0]["text"]
    assert session.session.snapshot()["session"] == before


def test_a_prompt_and_reasoning_are_taken_and_not_echoed(opened):
    given = {**TEXT, "prompt": {"id": "pmpt_1"}, "reasoning": {"effort": "low"}, "parallel_tool_calls": False}
    created = opened(pace=0).send("response.create", response=given)[0]
    assert list(created["response"]) == [
        "object",
        "id",
        "status",
        "status_details",
        "output",
        "conversation_id",
        "output_modalities",
        "max_output_tokens",
        "audio",
        "usage",
        "metadata",
    ]


def test_a_response_asked_for_on_the_first_sign_of_a_finished_call_is_made(opened):
    """Clients answer a call as soon as its arguments are done: the response must be over by then."""
    answers = Turn((Call("look", "{}", call_id="call_1"),)), Turn((Say("I see."),))
    session = opened(scenario=Scenario("test", (Rule({"type": "response.create"}, answers),)))
    session.send("response.create")
    while "response.function_call_arguments.done" not in {event["type"] for event in session.sent}:
        session.run(until=session.session.next_timer())
    output = {"type": "function_call_output", "call_id": "call_1", "output": "Sun."}
    session.send("conversation.item.create", item=output)
    assert session.send("response.create")[0]["type"] == "response.created"
    session.run()
    session.check()


def test_a_cancel_can_name_its_response(opened):
    session = opened()
    default = session.send("response.create")[0]["response"]["id"]
    other = session.send("response.create", response={"conversation": "none"})[0]["response"]["id"]
    done = session.send("response.cancel", response_id=other)[-1]["response"]
    assert (done["id"], done["status"]) == (other, "cancelled")
    assert session.session.snapshot()["active_response_id"] == default
    session.run()
    session.check()


@pytest.mark.parametrize("wanted", ["resp_unknown", None], ids=["unknown", "done"])
def test_a_cancel_of_what_is_not_active_is_refused(opened, wanted):
    session = opened(pace=0)
    done = session.send("response.create", response=TEXT)[0]["response"]["id"]
    [error] = session.send("response.cancel", response_id=wanted or done)
    assert error["error"]["code"] == "response_cancel_not_active"


def updated(session, **fields):
    [event] = session.send("session.update", session={"type": "realtime", **fields})
    assert event["type"] == "session.updated", event
    return event["session"]


def inside(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


ECHOES = [
    ("output_modalities", ["text"], ["text"]),
    ("instructions", "Be brief.", "Be brief."),
    ("tools", [{"name": "look", "type": "function", "description": "Looks."}],
     [{"type": "function", "name": "look", "description": "Looks."}]),
    ("tool_choice", "required", "required"),
    ("tool_choice", {"type": "function", "name": "look"}, {"type": "function", "name": "look"}),
    ("max_output_tokens", 4096, 4096),
    ("max_output_tokens", "inf", "inf"),
    ("tracing", "auto", "auto"),
    ("tracing", {"workflow_name": "calls", "metadata": {"a": 1}}, {"workflow_name": "calls", "metadata": {"a": 1}}),
    ("truncation", "disabled", "disabled"),
    ("truncation", {"type": "retention_ratio", "retention_ratio": 0.8},
     {"type": "retention_ratio", "retention_ratio": 0.8}),
    ("prompt", {"id": "pmpt_1"}, {"id": "pmpt_1"}),
    ("include", ["item.input_audio_transcription.logprobs"], ["item.input_audio_transcription.logprobs"]),
    ("audio.input.format", {"type": "audio/pcmu"}, {"type": "audio/pcmu"}),
    ("audio.input.format", {"type": "audio/pcm"}, {"type": "audio/pcm", "rate": 24000}),
    ("audio.input.noise_reduction", {"type": "near_field"}, {"type": "near_field"}),
    ("audio.input.noise_reduction", None, None),
    ("audio.input.transcription", {"model": "gpt-live-transcribe", "language": "en", "delay": "low"},
     {"model": "gpt-live-transcribe", "language": "en", "prompt": None}),
    ("audio.input.transcription", {"model": "gpt-live-transcribe", "languages": ["en", "de"]},
     {"model": "gpt-live-transcribe", "language": None, "prompt": None, "languages": ["en", "de"]}),
    ("audio.input.transcription", None, None),
    ("audio.output.format", {"type": "audio/pcma"}, {"type": "audio/pcma"}),
    ("audio.output.voice", "cedar", "cedar"),
    ("audio.output.voice", {"id": "voice_1234"}, {"id": "voice_1234"}),
    ("audio.output.speed", 1.25, 1.25),
]  # fmt: skip


@pytest.mark.parametrize("path, given, echoed", ECHOES, ids=[f"{path}-{at}" for at, (path, _, _) in enumerate(ECHOES)])
def test_a_field_of_the_session_is_echoed_and_nothing_else_changes(opened, path, given, echoed):
    session = opened()
    before = session.session.snapshot()["session"]
    after = updated(session, **inside(path, given))
    assert list(after) == list(before)
    *way, last = path.split(".")
    for key in way:
        assert {**after, key: 0} == {**before, key: 0}
        before, after = before[key], after[key]
    assert after[last] == echoed
    assert {**after, last: 0} == {**before, last: 0}


@pytest.mark.parametrize("fields", [{"parallel_tool_calls": False}, {"reasoning": {"effort": "low"}}])
def test_what_the_service_does_not_echo_is_taken(opened, fields):
    session = opened()
    before = session.session.snapshot()["session"]
    assert updated(session, **fields) == before


def test_the_model_is_locked(opened):
    assert updated(opened(model="gpt-realtime"), model="gpt-realtime-2.1")["model"] == "gpt-realtime"


@pytest.mark.parametrize("speed, seconds", [(1.0, 2.0), (1.25, 1.6), (0.5, 4.0)])
def test_speed_changes_the_length_of_the_audio(opened, speed, seconds):
    session = opened(pace=0, scenario=Scenario("test", (Rule({"type": "response.create"}, (Turn((Say("x" * 40),)),)),)))
    updated(session, audio={"output": {"speed": speed}})
    came = session.send("response.create")
    deltas = [base64.b64decode(e["delta"]) for e in came if e["type"] == "response.output_audio.delta"]
    assert len(b"".join(deltas)) / 48_000 == pytest.approx(seconds, abs=0.001)


def test_a_realtime_update_is_refused_by_a_transcription_session(opened):
    [error] = opened(given={"type": "transcription"}).send("session.update", session={"type": "realtime"})
    assert (error["type"], error["error"]["code"]) == ("error", "invalid_parameter")


def test_a_transcription_session_is_updated_like_any_other(opened):
    session = opened(given={"type": "transcription"})
    audio = {"input": {"transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": None}}
    [event] = session.send("session.update", session={"type": "transcription", "audio": audio})
    assert event["type"] == "session.updated"
    assert event["session"]["audio"]["input"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "transcription": {"model": "gpt-4o-transcribe", "language": None, "prompt": None},
        "noise_reduction": None,
        "turn_detection": None,
    }


SHAPES = {
    "session": r"sess_[A-Za-z0-9]{21}",
    "event_id": r"event_[A-Za-z0-9]{21}",
    "response": r"resp_[A-Za-z0-9]{21}",
    "conversation_id": r"conv_[A-Za-z0-9]{21}",
    "item": r"item_[A-Za-z0-9]{21}",
    "call_id": r"call_[A-Za-z0-9]{16}",
}


def test_ids_have_the_recorded_shapes(opened):
    session = opened(pace=0)
    session.send("response.create", response={**TEXT, "tools": [TOOL], "tool_choice": "required"})
    done = session.sent[-2]["response"]
    ids = {
        "session": session.session.id,
        "event_id": session.sent[-1]["event_id"],
        "response": done["id"],
        "conversation_id": done["conversation_id"],
        "item": done["output"][0]["id"],
        "call_id": done["output"][0]["call_id"],
    }
    assert {name: re.fullmatch(SHAPES[name], value) is not None for name, value in ids.items()} == dict.fromkeys(
        SHAPES, True
    )


def test_a_call_and_its_session_share_the_end_of_their_ids(opened):
    assert re.fullmatch(r"sess_u0_[A-Za-z0-9]{21}", opened(call=True).session.id)


NEVER_BY_ITSELF = {
    "conversation.created": {"conversation": {"id": "conv_1", "object": "realtime.conversation"}},
    "conversation.item.created": {"previous_item_id": None, "item": {"id": "item_1", **message("user")}},
    "input_audio_buffer.dtmf_event_received": {"event": "9", "received_at": 1_800_000_000},
}


@pytest.mark.parametrize("event_type", NEVER_BY_ITSELF)
def test_what_no_session_here_sends_by_itself_a_scenario_can_send(opened, event_type):
    event = {"type": event_type, "event_id": "event_1", **NEVER_BY_ITSELF[event_type]}
    rule = Rule({"type": "input_audio_buffer.clear"}, (Turn((Emit(event),)),))
    assert opened(scenario=Scenario("test", (rule,))).send("input_audio_buffer.clear")[1:] == [event]
