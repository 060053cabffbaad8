"""Function calls: protocol 7.6."""

import json

import pytest

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def called(opened):
    """A session in which `get_weather` was called, and what came."""
    session = opened()
    session.say('Please use {"city": "Oslo"}')
    choice = {"type": "function", "name": "get_weather"}
    events = session.send("response.create", response={"tools": [WEATHER], "tool_choice": choice}) + session.run()
    return session, events


def test_a_call_comes_in_the_recorded_order(called, kinds):
    session, events = called
    assert kinds(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    session.check()


def test_the_arguments_come_from_the_text_where_they_fit(called):
    _, events = called
    done = next(event for event in events if event["type"] == "response.function_call_arguments.done")
    assert (done["name"], json.loads(done["arguments"])) == ("get_weather", {"city": "Oslo"})


def test_the_events_that_end_a_call_leave_in_one_step(opened):
    session = opened()
    session.send("response.create", response={"tools": [WEATHER], "tool_choice": "required"})
    while True:
        step = [event["type"] for event in session.run(until=session.session.next_timer())]
        if "response.function_call_arguments.done" in step:
            break
    assert step[-4:] == [
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]


def test_the_output_has_no_status_and_is_quoted_by_the_next_answer(called):
    session, events = called
    call_id = events[1]["item"]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "12 degrees and fog"}
    [added, _] = session.send("conversation.item.create", item=output)
    assert set(added["item"]) == {"id", "type", "call_id", "output"}
    session.send("response.create", response={"output_modalities": ["text"]})
    answer = session.run()[-2]["response"]["output"][0]
    assert "12 degrees and fog" in answer["content"][0]["text"]


def test_the_output_of_an_unknown_call_is_refused(opened):
    output = {"type": "function_call_output", "call_id": "call_x", "output": ""}
    [error] = opened().send("conversation.item.create", item=output)
    assert error["error"]["code"] == "invalid_tool_call_id"
    assert error["error"]["message"] == "Tool call ID 'call_x' not found in conversation."


def test_a_cancelled_call_closes_with_the_arguments_sent_so_far(opened):
    session = opened()
    session.send("response.create", response={"tools": [WEATHER], "tool_choice": "required"})
    events = session.send("response.cancel")
    assert [event["type"] for event in events] == [
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert events[-1]["response"]["output"][0]["status"] == "incomplete"
    session.check()
