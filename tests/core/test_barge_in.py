"""The user speaks while the assistant does (protocol 7.9)."""

from __future__ import annotations

import pytest

from realtime_mock.scenario.model import Rule, Say, Scenario, Turn

LONG = Scenario("long", (Rule({"type": "response.create"}, (Turn((Say("x" * 200),)),)),))


def server_vad(**detection):
    return {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", **detection}}}}


def types(events):
    return [event["type"] for event in events]


def test_on_a_websocket_the_truncation_is_left_to_the_client(opened, tone):
    session = opened(scenario=LONG)
    session.send("response.create")
    session.run(until=0.5)
    came = session.append(tone(0.2)) + session.run(until=5)
    assert types(came) == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert came[-1]["response"]["output"][0]["status"] == "incomplete"
    item_id = came[-2]["item"]["id"]
    [truncated] = session.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=100)
    assert truncated["audio_end_ms"] == 100


def test_on_a_call_playback_is_cleared_even_without_interrupt_response(opened, tone):
    session = opened(call=True, scenario=LONG, given=server_vad(interrupt_response=False))
    session.send("response.create")
    session.run(until=0.5)
    came = session.listen(tone(0.2)) + session.run(until=5)
    assert types(came)[0] == "input_audio_buffer.speech_started"
    assert {"output_audio_buffer.cleared", "conversation.item.truncated"} <= set(types(came))
    [done] = [event["response"] for event in came if event["type"] == "response.done"]
    assert done["status"] == "completed"
    session.check()


def test_what_was_truncated_is_what_was_not_played(opened, tone):
    session = opened(call=True, scenario=LONG)
    session.send("response.create")
    session.run(until=2.1)
    came = session.listen(tone(0.2)) + session.run(until=3)
    [truncated] = [event for event in came if event["type"] == "conversation.item.truncated"]
    assert truncated["audio_end_ms"] == 2000
    [retrieved] = session.send("conversation.item.retrieve", item_id=truncated["item_id"])
    assert "transcript" not in retrieved["item"]["content"][0]


@pytest.mark.parametrize("call", [False, True], ids=["websocket", "call"])
def test_no_rate_limits_follow_a_response_that_was_cut_off(opened, tone, call):
    session = opened(call=call, scenario=LONG)
    session.send("response.create")
    session.run(until=0.5)
    hear = session.listen if call else session.append
    came = hear(tone(0.2)) + session.run(until=5)
    assert "rate_limits.updated" not in types(came)


def test_a_response_that_made_nothing_yet_costs_nothing(opened, tone):
    session = opened(scenario=Scenario("slow", (Rule({"type": "response.create"}, (Turn((Say("Hm.", after=9),)),)),)))
    session.send("response.create")
    done = session.append(tone(0.2))[-1]["response"]
    assert (done["status"], done["output"]) == ("cancelled", [])
    assert done["usage"]["total_tokens"] == 0
    assert set(done["usage"]["input_token_details"]["cached_tokens_details"].values()) == {0}


def test_speech_after_the_answer_was_heard_cuts_nothing(opened, tone):
    session = opened(call=True, scenario=LONG)
    session.send("response.create")
    session.run()
    assert types(session.listen(tone(0.2)) + session.run()) == ["input_audio_buffer.speech_started"]
