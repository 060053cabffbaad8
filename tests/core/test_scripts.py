"""Scripted turns on the core."""

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario.model import Call, Close, Emit, Error, Fail, Rule, Say, Scenario, Turn, Wait

CREATE = {"type": "response.create"}


@pytest.fixture
def scripted(opened):
    """`scripted(*steps, on=...)`: a session whose rule on an event has one turn."""

    def make(*steps, on=CREATE, once=False):
        return opened(scenario=Scenario("test", (Rule(on, (Turn(steps),), once=once),)))

    return make


def test_speech_and_a_call_share_one_response(scripted):
    session = scripted(Say("Let me look."), Call("look", '{"at": 1}'))
    session.send("response.create")
    session.run()
    done = session.sent[-2]["response"]
    assert [item["type"] for item in done["output"]] == ["message", "function_call"]
    assert done["output"][1]["arguments"] == '{"at": 1}'
    session.check()


def test_a_step_waits_for_its_delay(scripted):
    session = scripted(Wait(0.4), Say("Hello", after=0.6))
    session.send("response.create")
    assert session.run(until=0.99) == []
    assert session.run(until=1.01)[0]["type"] == "response.output_item.added"


def test_a_failed_response_says_why(scripted):
    error = ApiError("Slow down.", code="rate_limit_exceeded", type="tokens")
    session = scripted(Fail(error=error))
    done = session.send("response.create")[-1]["response"]
    assert done["status"] == "failed"
    assert done["status_details"] == {
        "type": "failed",
        "error": {"type": "tokens", "code": "rate_limit_exceeded", "message": "Slow down."},
    }
    assert done["usage"]["total_tokens"] == 0


def test_an_incomplete_response_keeps_what_was_said(scripted):
    session = scripted(Say("Half"), Fail(status="incomplete", reason="max_output_tokens"))
    session.send("response.create")
    session.run()
    done = session.sent[-1]["response"]
    assert (done["status"], done["status_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert len(done["output"]) == 1


def test_a_leading_error_refuses_the_event(scripted):
    session = scripted(Error(ApiError("No.", code="nope")))
    [error] = session.send("response.create", event_id="e1")
    assert (error["error"]["code"], error["error"]["event_id"]) == ("nope", "e1")


def test_a_refusal_by_a_script_is_no_fault_of_the_clients(scripted):
    session = scripted(Error(ApiError("No.", code="nope")), on={"type": "input_audio_buffer.clear"}).session
    [by_script] = session.receive_event({"type": "input_audio_buffer.clear"}, now=1.0)
    [by_session] = session.receive_event({"type": "response.cancel"}, now=1.0)
    assert (by_script.scripted, by_session.scripted) == (True, False)


def test_raw_events_replace_the_response(scripted):
    session = scripted(Emit({"type": "response.output_text.delta", "delta": "x", "response_id": "r", "item_id": "i",
                             "output_index": 0, "content_index": 0}))  # fmt: skip
    session.send("response.create")
    assert [event["type"] for event in session.sent[1:]] == ["response.output_text.delta"]


def test_an_answer_to_another_event_waits_for_the_next_response(scripted):
    on = {"type": "conversation.item.create"}
    session = scripted(Say("As I was told."), on=on, once=True)
    assert [e["type"] for e in session.say("Hello")] == ["conversation.item.added", "conversation.item.done"]
    session.send("response.create", response={"output_modalities": ["text"]})
    session.run()
    assert session.sent[-2]["response"]["output"][0]["content"][0]["text"] == "As I was told."


def test_a_close_ends_the_session(scripted):
    session = scripted(Close(4000, "bye"), on={"type": "input_audio_buffer.clear"})
    session.send("input_audio_buffer.clear")
    assert session.effects[-1].code == 4000
    assert session.send("response.create") == []
    assert session.session.next_timer() is None


def test_an_automatic_response_takes_the_rules_of_response_create(scripted, tone, silence):
    session = scripted(Say("Scripted."))
    session.append(tone(1) + silence(1))
    session.run()
    assert session.sent[-2]["response"]["output"][0]["content"][0]["transcript"] == "Scripted."


def test_a_refusal_of_an_automatic_response_is_an_error_event(scripted, tone, silence):
    session = scripted(Error(ApiError("No.", code="nope")))
    events = session.append(tone(1) + silence(1))
    assert events[-1]["error"]["code"] == "nope"
