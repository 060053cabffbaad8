"""Whatever a session of the mock is recorded as, a replay of it is equal."""

from __future__ import annotations

import base64

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario.model import Call, Fail, Say, Transcript, Turn

GREETING = Turn((Say("Hello there, how are you today?"),))
CALL = Call("get_weather", '{  \n "city": "Paris" }\n', call_id="call_0123456789abcdef")
WEATHER = Turn((Say("Let me check."), CALL))
SUNNY = Turn((Say("It is sunny in Paris."),))
QUOTA = ApiError("You exceeded your current quota.", code="insufficient_quota", type="insufficient_quota")
TEXT = {"type": "realtime", "output_modalities": ["text"]}
MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}}}
OUTPUT = {"type": "function_call_output", "call_id": "call_0123456789abcdef", "output": "sunny"}
MODELS = ("gpt-realtime", "gpt-realtime-2.1")
MODES = ({"type": "realtime"}, TEXT)


def b64(pcm):
    return base64.b64encode(pcm).decode()


@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize("given", MODES)
@pytest.mark.parametrize("model", MODELS)
def test_a_tool_round(record, play, model, given, lag):
    client = record(WEATHER, SUNNY, model=model, given=given, lag=lag)
    client.say("What is the weather in Paris?")
    client.send("response.create")
    client.run("response.done")
    client.send("conversation.item.create", item=OUTPUT)
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("model", MODELS)
def test_items_that_end_late_or_at_once(record, play, model, late):
    turn = Turn((Say("One moment.", closes_late=late, phase="commentary"), Say("Here it is."), Call("log", "{}")))
    client = record(turn, model=model)
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize("given", MODES)
@pytest.mark.parametrize("named", [True, False])
def test_a_cancelled_answer(record, play, given, named):
    client = record(GREETING, given=given)
    created = client.send("response.create")[0]
    client.run(seconds=0.1)
    client.send("response.cancel", **({"response_id": created["response"]["id"]} if named else {}))
    client.run()
    assert [entry["data"]["type"] for entry in client.entries][-1] == "response.done"
    assert play(client.entries) is None


def test_a_cancel_before_the_first_item(record, play):
    client = record(Turn((Say("Late.", after=5.0),)))
    client.send("response.create")
    client.send("response.cancel")
    client.send("response.cancel", event_id="event_none_left")
    client.run()
    assert play(client.entries) is None


def test_a_cancelled_second_item(record, play):
    client = record(Turn((Say("First."), Say("The second one is longer."))), given=TEXT)
    client.send("response.create")
    client.run("response.output_item.done")
    client.run(seconds=0.05)
    client.send("response.cancel")
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize(
    "ending", [Fail(error=QUOTA), Fail(status="incomplete", reason="content_filter"), Fail(error=QUOTA, after=1.0)]
)
@pytest.mark.parametrize("steps", [(), (Say("I was about"),), (Call("log", "{}"), Say("to say", closes_late=True))])
def test_an_answer_that_does_not_complete(record, play, steps, ending):
    client = record(Turn((*steps, ending)), GREETING)
    client.send("response.create")
    client.run("response.done")
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize("limit", [3, 12, 200])
@pytest.mark.parametrize("given", MODES)
def test_an_answer_cut_at_its_limit(record, play, given, limit):
    client = record(GREETING, given=given)
    client.send("response.create", response={"max_output_tokens": limit})
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize("model", ["whisper-1", "gpt-realtime-whisper", "gpt-4o-transcribe"])
@pytest.mark.parametrize("said", [Transcript("Good morning to you."), Transcript(never=True), Transcript(error=QUOTA)])
def test_spoken_turns(record, play, tone, model, said):
    given = {"type": "realtime", "audio": {"input": {"transcription": {"model": model}}}}
    client = record(GREETING, SUNNY, transcripts=(said, Transcript("Again.")), given=given)
    for _ in range(2):
        for second in (bytes(24_000), tone(1.0), bytes(48_000)):
            for at in range(0, len(second), 4800):
                client.send("input_audio_buffer.append", audio=b64(second[at : at + 4800]))
        client.run()
    assert client.last("input_audio_buffer.speech_stopped")["audio_end_ms"] > 3000
    assert play(client.entries) is None


@pytest.mark.parametrize("interrupts", [True, False])
def test_a_user_who_barges_in(record, play, tone, interrupts):
    detection = {"type": "server_vad", "interrupt_response": interrupts}
    client = record(GREETING, SUNNY, given={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    client.send("response.create")
    client.run(seconds=0.1)
    item_id = client.last("response.output_item.added")["item"]["id"]
    client.send("input_audio_buffer.append", audio=b64(tone(0.5)))
    client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=150)
    client.run(seconds=0.1)
    client.send("input_audio_buffer.append", audio=b64(bytes(48_000)))
    client.run()
    assert play(client.entries) is None


def test_audio_committed_by_hand(record, play, tone):
    client = record(SUNNY, transcripts=(Transcript("Sun?"),), given=MANUAL)
    client.send("input_audio_buffer.commit", event_id="event_too_early")
    client.send("input_audio_buffer.append", audio=b64(tone(1.3)))
    client.send("input_audio_buffer.commit")
    client.send("response.create")
    client.send("input_audio_buffer.append", audio=b64(tone(0.3)))
    client.send("input_audio_buffer.clear")
    client.send("input_audio_buffer.commit")
    client.run()
    assert play(client.entries) is None


def test_a_user_who_stays_silent(record, play):
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    settings = {"turn_detection": detection, "transcription": {"model": "gpt-realtime-whisper"}}
    client = record(GREETING, SUNNY, given={"type": "realtime", "audio": {"input": settings}})
    client.send("response.create")
    client.run("response.done")
    for _ in range(80):
        client.send("input_audio_buffer.append", audio=b64(bytes(4800)))
        client.run(seconds=0.1)
    client.run("input_audio_buffer.timeout_triggered")
    client.run("response.done")
    assert play(client.entries) is None


def test_items_of_every_kind(record, play):
    client = record(SUNNY)
    client.send("conversation.item.create", item={**_message("user", "input_text", "one"), "id": "item_mine"})
    client.send("conversation.item.create", item=_message("assistant", "output_text", "two"), previous_item_id="root")
    client.send("conversation.item.create", item=_message("system", "input_text", "x"), previous_item_id="item_mine")
    client.send("conversation.item.create", item={**_message("user", "input_text", "y"), "id": "item_mine"})
    client.send("conversation.item.create", item={"type": "function_call", "name": "f", "arguments": "{}"})
    call_id = client.last("conversation.item.done")["item"]["call_id"]
    client.send("conversation.item.create", item={**OUTPUT, "call_id": call_id})
    client.send("conversation.item.retrieve", item_id="item_mine")
    client.send("conversation.item.delete", item_id=client.last("conversation.item.done")["item"]["id"])
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


@pytest.mark.parametrize(
    "event",
    [
        {"type": "nope"},
        {"type": "session.update", "session": {"type": "transcription"}},
        {"type": "session.update", "session": {"type": "realtime", "bogus": 1}},
        {"type": "conversation.item.delete", "item_id": "item_unknown"},
        {"type": "conversation.item.retrieve", "item_id": "item_unknown"},
        {"type": "conversation.item.truncate", "item_id": "item_unknown", "content_index": 0, "audio_end_ms": 0},
        {"type": "conversation.item.create", "item": OUTPUT},
        {"type": "conversation.item.create", "item": 7},
        {"type": "conversation.item.create", "item": {}, "event_id": "event_mine"},
        {"type": "response.create", "response": {"conversation": "bogus"}},
        {"type": "output_audio_buffer.clear"},
        {"type": "input_audio_buffer.append", "audio": "?"},
    ],
)
def test_what_the_service_refuses(record, play, event):
    client = record(GREETING)
    client.say("Hi.")
    client.send(**{"event_type": event["type"], **{key: value for key, value in event.items() if key != "type"}})
    client.send("response.create")
    client.send("response.create", event_id="event_second")
    client.run()
    assert [entry["data"]["type"] for entry in client.entries].count("error") == 2
    assert play(client.entries) is None


def test_a_response_outside_the_conversation(record, play):
    client = record(SUNNY, GREETING)
    reference = client.say("Weather?")[0]["item"]["id"]
    given = {"conversation": "none", "metadata": {"topic": "weather"}, "output_modalities": ["text"]}
    client.send("response.create", response={**given, "input": [{"type": "item_reference", "id": reference}]})
    client.run()
    client.send("response.create")
    client.run()
    assert play(client.entries) is None


def test_a_session_that_only_transcribes(record, play, tone):
    given = {"type": "transcription", "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}}
    client = record(transcripts=(Transcript("Good evening."),), given=given)
    client.send("input_audio_buffer.append", audio=b64(tone(1.0) + bytes(48_000)))
    client.run()
    assert client.last("conversation.item.input_audio_transcription.completed")["transcript"] == "Good evening."
    assert play(client.entries) is None


def test_a_call_as_its_sideband_sees_it(record, play):
    client = record(WEATHER, SUNNY, sideband=True)
    client.send("session.update", session={"type": "realtime", "instructions": "Be short."})
    client.say("What is the weather in Paris?")
    client.send("response.create")
    client.run("output_audio_buffer.stopped")
    client.send("conversation.item.create", item=OUTPUT)
    client.send("response.create")
    client.run()
    types = [entry["data"]["type"] for entry in client.entries]
    assert (types.count("output_audio_buffer.stopped"), types.count("response.output_audio.delta")) == (2, 0)
    assert play(client.entries) is None


@pytest.mark.parametrize("length", range(1, 40, 3))
def test_a_recording_may_end_anywhere(record, play, length):
    client = record(WEATHER, SUNNY)
    client.say("What is the weather in Paris?")
    client.send("response.create")
    client.run()
    assert play(client.entries[:length]) is None


def _message(role, part, text):
    return {"type": "message", "role": role, "content": [{"type": part, "text": text}]}
