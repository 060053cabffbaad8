"""What is different on a call: playback events, barge-in, clear (protocol 7.9, 7.16)."""

from realtime_mock.scenario.model import Rule, Say, Scenario, Turn, Wait


def test_a_spoken_answer_on_a_call_is_played_and_framed_by_playback_events(opened, kinds):
    session = opened(call=True)
    events = session.send("response.create") + session.run()
    types = kinds(events)
    assert "response.output_audio.delta" not in types
    assert types.index("output_audio_buffer.started") < types.index("response.output_audio.done")
    assert types[-3:] == ["response.done", "rate_limits.updated", "output_audio_buffer.stopped"]
    session.check()


def test_playback_events_have_ids_of_their_own_shape(opened):
    session = opened(call=True)
    session.send("response.create")
    started = next(event for event in session.run() if event["type"] == "output_audio_buffer.started")
    digits = started["event_id"].removeprefix("event_")
    assert len(digits) == 16
    assert set(digits) <= set("0123456789abcdef")


def test_barge_in_clears_the_playback_and_truncates_what_was_not_heard(opened, tone):
    session = opened(call=True)
    session.send("response.create")
    session.run(until=1.1)
    events = session.listen(tone(0.2)) + session.run(until=1.2)
    types = [event["type"] for event in events]
    assert types[0] == "input_audio_buffer.speech_started"
    assert types[-2:] == ["output_audio_buffer.cleared", "conversation.item.truncated"]
    assert events[-1]["audio_end_ms"] == 1000
    assert "transcript" not in session.session.snapshot()["items"][0]["content"][0]
    session.check()


def test_barge_in_during_generation_also_cancels_the_response(opened, tone):
    session = opened(call=True)
    session.say("Please tell me a rather long story about the sea and the ships on it.")
    session.send("response.create")
    session.run(until=0.15)
    events = session.listen(tone(0.2)) + session.run(until=0.2)
    done = next(event for event in events if event["type"] == "response.done")
    assert done["response"]["status_details"]["reason"] == "turn_detected"
    assert events[-2]["type"] == "output_audio_buffer.cleared"
    session.check()


def test_the_client_can_clear_the_playback_without_truncation(opened):
    session = opened(call=True)
    session.send("response.create")
    session.run(until=1.1)
    assert [event["type"] for event in session.send("output_audio_buffer.clear") + session.run(until=1.2)] == [
        "output_audio_buffer.cleared"
    ]


def test_what_follows_a_clear_is_written_but_not_heard(opened):
    steps = Turn((Say("One moment."), Wait(5), Say("Here it is.")))
    session = opened(call=True, scenario=Scenario("test", (Rule({"type": "response.create"}, (steps,)),)))
    session.send("response.create")
    session.run(until=0.2)
    session.send("output_audio_buffer.clear")
    types = [event["type"] for event in session.run()]
    assert [kind for kind in types if kind.startswith("output_audio_buffer.")] == ["output_audio_buffer.cleared"]
    assert types[-2:] == ["response.done", "rate_limits.updated"]
    assert session.sent[-2]["response"]["output"][-1]["content"][0]["transcript"] == "Here it is."
    session.check()


def test_clear_is_no_event_of_a_websocket(opened):
    [error] = opened().send("output_audio_buffer.clear")
    assert error["error"]["code"] == "invalid_value"
    assert "'output_audio_buffer.clear'" in error["error"]["message"]


def test_an_answer_without_a_speaker_ends_all_the_same(opened):
    session = opened(call=True)
    session._with_speaker = False
    session.send("response.create")
    assert "response.done" in [event["type"] for event in session.run()]


def test_an_answer_does_not_wait_for_the_playback_of_the_one_before(opened):
    session = opened(call=True)
    session.say("Please tell me a rather long story about the sea and the ships on it.")
    session.send("response.create")
    session.run(until=0.15)
    session.send("response.cancel")
    session.send("response.create", response={"instructions": "Be brief."})
    assert "response.done" in [event["type"] for event in session.run(until=1.0)]
    session.run()
    session.check()
