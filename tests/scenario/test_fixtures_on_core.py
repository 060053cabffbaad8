"""The bundled scenarios do what their comments say, on a virtual clock and on both transports."""

from __future__ import annotations

from typing import Any

from realtime_mock.core.effects import Hangup

USER = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
LOUD = b"\x00\x40\x00\xc0" * 6_000
"""Half a second of noise, 24 kHz PCM."""


def types_of(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_greeting_says_its_lines_in_order_and_repeats_the_last(play, words):
    played = play("greeting")
    said = [words(played.respond()) for _ in range(4)]
    assert said == [
        ["Hello! This is the mock speaking. What can I do for you?"],
        ["Thank you, I heard you."],
        ["I am still listening."],
        ["I am still listening."],
    ]
    played.check()


def test_greeting_waits_before_it_speaks(play):
    played = play("greeting")
    assert types_of(played.send("response.create")) == ["response.created"]
    assert played.run(until=0.119) == []
    assert played.run(until=0.121)[0]["type"] == "response.output_item.added"


def test_greeting_can_be_asked_for_text(play):
    response = play("greeting").respond(response={"output_modalities": ["text"]})
    assert response["output"][0]["content"] == [
        {"type": "output_text", "text": "Hello! This is the mock speaking. What can I do for you?"}
    ]


def test_tool_call_speaks_and_calls_in_one_response(play, words):
    played = play("tool-call")
    response = played.respond()
    call = response["output"][1]
    assert words(response) == ["Let me check."]
    assert (call["name"], call["call_id"], call["arguments"]) == (
        "get_weather",
        "call_weather_0001",
        '{"city":"Paris","unit":"celsius"}',
    )
    played.check()


def test_tool_call_speaks_about_the_output_once_it_is_asked(play, words):
    played = play("tool-call")
    played.respond()
    output = {"type": "function_call_output", "call_id": "call_weather_0001", "output": "21"}
    came = played.send("conversation.item.create", item=output)
    assert types_of(came) == ["conversation.item.added", "conversation.item.done"]
    assert words(played.respond()) == ["It is 21 degrees and sunny in Paris."]
    played.check()


def test_tool_call_leaves_further_turns_to_the_default_assistant(play, words):
    played = play("tool-call")
    played.respond()
    played.send("conversation.item.create", item=USER)
    assert words(played.respond()) == ['You said: "Hi"']


def test_interruption_is_cut_short_by_a_cancel(play, words):
    played = play("interruption", pace=1.0)
    played.send("response.create")
    played.run(until=3.0)
    cancelled = played.send("response.cancel")
    [done] = [event["response"] for event in cancelled if event["type"] == "response.done"]
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "client_cancelled")
    assert words(done)[0].startswith("I will tell you everything")
    assert not words(done)[0].endswith("a very long time.")
    assert words(played.respond()) == ["Of course. What would you like to know?"]
    played.check()


def test_interruption_gives_way_to_a_voice(play):
    played = play("interruption", pace=1.0)
    played.send("response.create")
    played.run(until=3.0)
    came = played.hear(LOUD)
    [done] = [event["response"] for event in came if event["type"] == "response.done"]
    assert "input_audio_buffer.speech_started" in types_of(came)
    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "turn_detected")


def test_failed_response_fails_refuses_stops_short_and_recovers(play, words):
    played = play("failed-response")
    limited = played.respond()
    [refusal] = played.send("response.create", event_id="second")
    incomplete = played.respond()
    assert limited["status_details"]["error"] == {
        "type": "tokens",
        "code": "rate_limit_exceeded",
        "message": "Rate limit reached for gpt-realtime in organization org-mock on tokens per min (TPM): "
        "Limit 40000, Used 39500, Requested 1000. Please try again in 0.750s.",
    }
    assert (refusal["error"]["type"], refusal["error"]["event_id"]) == ("server_error", "second")
    assert (incomplete["status"], incomplete["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert words(incomplete) == ["This answer will be cut sh"]
    assert words(played.respond()) == ["Everything works again."]
    played.check()


def test_raw_events_are_sent_as_they_stand(play):
    played = play("raw-events")
    updated, limits = played.send("session.update", session={"type": "realtime", "instructions": "Hi."})
    assert updated["type"] == "session.updated"
    assert {key: value for key, value in limits.items() if key != "event_id"} == {
        "type": "rate_limits.updated",
        "rate_limits": [
            {"name": "requests", "limit": 100, "remaining": 1, "reset_seconds": 60},
            {"name": "tokens", "limit": 40000, "remaining": 12, "reset_seconds": 59.5},
        ],
    }
    assert limits["event_id"].startswith("event_")


def test_raw_events_come_after_their_wait_and_then_the_session_closes(play):
    played = play("raw-events")
    assert types_of(played.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert played.run(until=0.099) == []
    assert types_of(played.run()) == ["conversation.item.input_audio_transcription.failed"]
    assert types_of(played.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert played.hangup == Hangup(1011, "The scenario ends here.")


def test_slow_model_thinks_and_pauses(play):
    played = play("slow-model")
    played.send("response.create")
    assert played.run(until=1.99) == []
    done = next(event for event in played.run() if event["type"] == "response.done")["response"]
    first, second = (item["content"][0]["transcript"] for item in done["output"])
    spoken = 0.04 * len(first + second)
    assert 2.0 + spoken + 1.5 <= played.now <= 2.0 + spoken + 1.5 + 0.5
    played.check()


def test_weather_of_any_city_calls_with_what_the_user_named_and_quotes_the_result(play, words):
    played = play("weather-of-any-city")
    message = {**USER, "content": [{"type": "input_text", "text": "What is the weather in New York today?"}]}
    played.send("conversation.item.create", item=message)
    spoken, call = played.respond()["output"]
    assert spoken["content"][0]["transcript"] == "One moment, I look up New York."
    assert call["arguments"] == '{"city":"New York","question":"What is the weather in New York today?"}'
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": '{"degrees": -3, "sky": "clear"}'}
    played.send("conversation.item.create", item=output)
    assert words(played.respond()) == ["In New York it is -3 degrees and clear."]
    played.check()


def test_weather_of_any_city_says_what_it_does_not_know(play, words):
    played = play("weather-of-any-city")
    played.send("conversation.item.create", item=USER)
    assert words(played.respond()) == ['You said "Hi", but I only know about the weather.']


def test_two_voices_speak_one_after_the_other(play, words):
    played = play("two-voices")
    assert words(played.respond()) == ["Good evening, this is Cedar.", "And this is Shimmer."]
    played.check()
