"""Text in, text or speech out: the order of protocol 7.2 and 7.3, and what a response carries."""

TEXT_TURN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


def test_a_created_item_is_added_and_done_with_the_same_content(opened):
    added, done = opened().say("Hello")
    assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
    assert added["item"] == done["item"]
    assert added["item"]["status"] == "completed"
    assert added["previous_item_id"] is None


def test_a_text_response_comes_in_the_recorded_order(opened, kinds):
    session = opened()
    session.say("Hello")
    events = session.send("response.create", response={"output_modalities": ["text"]}) + session.run()
    assert kinds(events) == TEXT_TURN
    session.check()


def test_a_spoken_response_comes_in_the_recorded_order(opened, kinds):
    session = opened()
    session.say("Hello")
    events = session.send("response.create") + session.run()
    assert kinds(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    session.check()


def test_the_transcript_runs_ahead_of_the_audio(opened):
    session = opened()
    session.say("Please tell me a rather long story about the sea.")
    session.send("response.create")
    types = [event["type"] for event in session.run() if event["type"].endswith(".delta")]
    transcript = [at for at, kind in enumerate(types) if kind == "response.output_audio_transcript.delta"]
    audio = [at for at, kind in enumerate(types) if kind == "response.output_audio.delta"]
    assert transcript[0] < audio[0] < transcript[-1] < audio[-1]


def test_the_pace_sets_how_fast_speech_is_sent(opened):
    lengths = {}
    for pace in (1.0, 10.0):
        session = opened(pace=pace)
        session.send("response.create")
        session.run()
        lengths[pace] = session.now
    assert 5 < lengths[1.0] / lengths[10.0] <= 10


def test_pace_zero_sends_everything_at_once(opened):
    session = opened(pace=0)
    events = session.send("response.create")
    assert events[-1]["type"] == "rate_limits.updated"
    assert session.session.next_timer() is None


def test_the_answer_quotes_the_text(opened):
    session = opened()
    session.say("Where is the harbour?")
    session.send("response.create", response={"output_modalities": ["text"]})
    done = session.run()[-2]
    assert "Where is the harbour?" in done["response"]["output"][0]["content"][0]["text"]


def test_an_out_of_band_response_leaves_the_conversation_alone(opened):
    session = opened()
    session.say("Hello")
    fields = {"conversation": "none", "output_modalities": ["text"], "metadata": {"topic": "test"}}
    events = session.send("response.create", response=fields) + session.run()
    done = next(event["response"] for event in events if event["type"] == "response.done")
    assert done["conversation_id"] is None
    assert done["metadata"] == {"topic": "test"}
    assert not any(event["type"].startswith("conversation.") for event in events)
    assert len(session.session.snapshot()["items"]) == 1


def test_a_second_response_is_refused_with_the_id_of_the_active_one(opened):
    session = opened()
    [created, *_] = session.send("response.create")
    [error] = session.send("response.create", event_id="mine")
    active = created["response"]["id"]
    assert error["error"] == {
        "type": "invalid_request_error",
        "code": "conversation_already_has_active_response",
        "message": f"Conversation already has an active response in progress: {active}. "
        "Wait until the response is finished before creating a new one.",
        "param": None,
        "event_id": "mine",
    }


def test_cancel_closes_everything_that_is_open(opened, kinds):
    session = opened()
    session.send("response.create")
    session.run(until=0.05)
    events = session.send("response.cancel")
    assert kinds(events) == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    response = events[-1]["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert response["output"][0]["status"] == "incomplete"
    session.check()


def test_nothing_follows_a_cancelled_response(opened):
    session = opened()
    session.send("response.create")
    session.send("response.cancel")
    assert session.session.next_timer() is None


def test_a_cancel_with_nothing_active_is_refused(opened):
    [error] = opened().send("response.cancel")
    assert error["error"]["code"] == "response_cancel_not_active"
    assert error["error"]["message"] == "Cancellation failed: no active response found"


def test_a_done_item_names_no_predecessor_when_that_is_the_first_item(opened):
    session = opened()
    session.say("Hello")
    first = session.send("response.create") + session.run()
    second = session.send("response.create") + session.run()
    previous = [event["previous_item_id"] for event in first + second if event["type"] == "conversation.item.done"]
    assert previous == [None, session.session.snapshot()["items"][1]["id"]]


def test_gpt_realtime_2_marks_the_phase_of_its_messages(opened):
    session = opened(model="gpt-realtime-2.1")
    session.send("response.create")
    done = session.run()[-2]["response"]
    assert done["output"][0]["phase"] == "final_answer"
    assert set(done["usage"]["output_token_details"]) == {"text_tokens", "audio_tokens"}


def test_the_same_inputs_give_the_same_outputs(opened):
    def play():
        session = opened(seed=7)
        session.say("Hello")
        session.send("response.create")
        session.run()
        return session.effects

    assert play() == play()


def test_response_fields_override_the_session(opened):
    session = opened()
    own = {"output_modalities": ["text"], "max_output_tokens": 100, "audio": {"output": {"voice": "cedar"}}}
    [created, *_] = session.send("response.create", response=own)
    response = created["response"]
    assert response["output_modalities"] == ["text"]
    assert response["max_output_tokens"] == 100
    assert response["audio"]["output"]["voice"] == "cedar"
