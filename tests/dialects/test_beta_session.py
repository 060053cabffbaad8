"""What a beta client does in a session besides taking turns."""

from __future__ import annotations

import base64

LONG = "x" * 200


def test_an_interruption_on_a_websocket(beta, answers):
    client = beta(scenario=answers(LONG))
    client.send("response.create")
    client.run(0.3)
    item_id = client.seen[-1]["item_id"]
    *_, done = client.send("response.cancel")
    assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled", "error": None}
    assert [item["status"] for item in done["response"]["output"]] == ["incomplete"]
    [truncated] = client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
    assert (truncated["type"], truncated["audio_end_ms"]) == ("conversation.item.truncated", 100)


def test_a_retrieved_item_carries_its_audio_in_a_beta_part(beta, answers):
    client = beta(scenario=answers("Hi."))
    item = client.respond()[-1]["response"]["output"][0]
    [retrieved] = client.send("conversation.item.retrieve", item_id=item["id"])
    [part] = retrieved["item"]["content"]
    assert part["type"] == "audio"
    assert len(base64.b64decode(part["audio"])) == int(24_000 * 0.05 * 3) * 2


def test_a_deleted_item_is_gone(beta):
    client = beta()
    [created] = client.say("hello")
    [deleted] = client.send("conversation.item.delete", item_id=created["item"]["id"])
    assert deleted["type"] == "conversation.item.deleted"
    [error] = client.send("conversation.item.delete", item_id=created["item"]["id"], event_id="mine")
    assert (error["error"]["code"], error["error"]["event_id"]) == ("item_delete_invalid_item_id", "mine")


def test_an_assistants_text_comes_back_as_it_was_sent(beta):
    content = [{"type": "text", "text": "Hello."}]
    item = {"type": "message", "role": "assistant", "content": content}
    [created] = beta().send("conversation.item.create", item=item)
    assert created["item"]["content"] == [
        {"id": None, "type": "text", "text": "Hello.", "audio": None, "transcript": None}
    ]


def test_a_refused_update_changes_nothing_that_beta_alone_has(beta, answers):
    client = beta(scenario=answers("Hi."))
    client.respond()
    [refused] = client.send("session.update", session={"voice": "echo", "temperature": 1.0})
    assert refused["error"]["code"] == "cannot_update_voice"
    [updated] = client.send("session.update", session={"instructions": "Be brief."})
    assert (updated["session"]["temperature"], updated["session"]["voice"]) == (0.8, "alloy")


def test_a_session_shows_all_that_it_was_given(beta):
    given = {
        "modalities": ["text"],
        "instructions": "Be brief.",
        "voice": "verse",
        "speed": 1.25,
        "input_audio_format": "g711_ulaw",
        "output_audio_format": "g711_alaw",
        "input_audio_transcription": {"model": "whisper-1", "language": "en", "prompt": "names"},
        "input_audio_noise_reduction": {"type": "far_field"},
        "turn_detection": None,
        "tools": [{"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}}],
        "tool_choice": "required",
        "temperature": 1.2,
        "max_response_output_tokens": 100,
        "tracing": "auto",
    }
    [updated] = beta().send("session.update", session=given)
    assert {key: updated["session"][key] for key in given} == given


def test_voices_of_an_answer_are_those_asked_for(beta, answers):
    settings = {"voice": "echo", "output_audio_format": "g711_ulaw", "max_response_output_tokens": 200}
    done = beta(scenario=answers("Hi.")).respond(**settings, metadata={"topic": "a"})[-1]["response"]
    shown = {key: done[key] for key in ("voice", "output_audio_format", "max_output_tokens", "metadata")}
    assert shown == {
        "voice": "echo",
        "output_audio_format": "g711_ulaw",
        "max_output_tokens": 200,
        "metadata": {"topic": "a"},
    }


def test_an_answer_outside_the_conversation_creates_no_item(beta, kinds, answers):
    client = beta(scenario=answers("Hi."))
    events = client.respond(conversation="none", input=[], modalities=["text"])
    assert "conversation.item.created" not in kinds(events)
    assert events[-1]["response"]["conversation_id"] is None


def test_transcripts_of_the_user_come_in_beta_shape(beta):
    client = beta(call=True)
    client.send("session.update", session={"input_audio_transcription": {"model": "whisper-1"}})
    client.hear(1.0)
    client.hear_nothing(1.0)
    client.run()
    [completed] = [event for event in client.seen if event["type"].endswith("transcription.completed")]
    assert completed["usage"]["type"] == "duration"
