"""Calls of MCP tools, with and without approval: protocol 7.18."""

import json

import pytest

from realtime_mock.scenario.model import McpCall, McpError, Rule, Say, Scenario, Turn

DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}
FREE = {**DOCS, "require_approval": "never"}
CHOICE = {"type": "mcp", "server_label": "docs", "name": "search"}
STEP = McpCall("docs", "search", '{"query": "barge-in"}', output="3 pages", takes=1.0)


@pytest.fixture
def scripted(opened):
    """`scripted(*steps, tool=..., pace=...)`: a session whose first response performs the steps."""

    def make(*steps, tool=FREE, pace=10.0):
        rule = Rule({"type": "response.create"}, (Turn(steps),), once=True)
        session = opened(
            scenario=Scenario("test", (rule,)), given={"type": "realtime", "tools": [tool]} if tool else None, pace=pace
        )
        session.run()
        return session

    return make


def respond(session, **response):
    return session.send("response.create", **({"response": response} if response else {})) + session.run()


def of_type(events, event_type):
    return [event for event in events if event["type"] == event_type]


def item_of(events, item_type):
    """The item of this type that is done."""
    [item] = [
        event["item"] for event in of_type(events, "conversation.item.done") if event["item"]["type"] == item_type
    ]
    return item


def answer(session, request_id, *, approve=True, **fields):
    item = {"type": "mcp_approval_response", "id": "answer_1", "approval_request_id": request_id, "approve": approve}
    return session.send("conversation.item.create", item={**item, **fields})


def test_a_call_without_approval_is_made_within_its_response(scripted, kinds):
    session = scripted(STEP)
    assert kinds(respond(session)) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    session.check()


def test_the_item_of_a_call_has_its_arguments_and_its_output(scripted):
    session = scripted(STEP)
    events = respond(session)
    item = item_of(events, "mcp_call")
    assert item == {
        "id": item["id"],
        "type": "mcp_call",
        "server_label": "docs",
        "name": "search",
        "arguments": '{"query": "barge-in"}',
        "output": "3 pages",
    }
    assert of_type(events, "response.done")[0]["response"]["output"] == [item]


def test_a_call_takes_its_time(scripted):
    session = scripted(STEP, pace=0.0)
    began = session.now
    session.send("response.create")
    session.run(until=began + 0.9)
    assert session.sent[-1]["type"] == "response.mcp_call.in_progress"
    session.run(until=began + 1.1)
    assert of_type(session.sent, "response.mcp_call.completed") != []


def test_the_end_of_a_call_and_of_its_response_leave_in_one_step(scripted):
    session = scripted(STEP)
    session.send("response.create")
    while True:
        step = [event["type"] for event in session.run(until=session.session.next_timer())]
        if "response.mcp_call.completed" in step:
            break
    assert step[-1] == "response.done"


def test_the_pieces_of_the_arguments_add_up_and_are_padded(scripted):
    session = scripted(STEP)
    deltas = of_type(respond(session), "response.mcp_call_arguments.delta")
    assert "".join(delta["delta"] for delta in deltas) == STEP.arguments
    assert {len(delta["delta"]) + len(delta["obfuscation"]) for delta in deltas} == {16}


@pytest.mark.parametrize(
    ("error", "wire"),
    [
        (McpError("protocol_error", "Bad.", -32600), {"type": "protocol_error", "code": -32600, "message": "Bad."}),
        (McpError("http_error", "Busy.", 503), {"type": "http_error", "code": 503, "message": "Busy."}),
        (McpError("tool_execution_error", "No."), {"type": "tool_execution_error", "message": "No."}),
    ],
)
def test_a_failed_call_says_why_and_its_response_completes(scripted, error, wire):
    session = scripted(McpCall("docs", "search", error=error))
    events = respond(session)
    assert len(of_type(events, "response.mcp_call.failed")) == 1
    assert of_type(events, "response.mcp_call.completed") == []
    assert item_of(events, "mcp_call")["error"] == wire
    assert of_type(events, "response.done")[0]["response"]["status"] == "completed"
    session.check()


def test_several_calls_and_a_message_share_a_response(scripted):
    session = scripted(Say("Let me look."), STEP, STEP, Say("Done."))
    output = of_type(respond(session), "response.done")[0]["response"]["output"]
    assert [item["type"] for item in output] == ["message", "mcp_call", "mcp_call", "message"]
    session.check()


def test_a_call_that_must_be_approved_is_closed_without_a_result_and_asked_about(scripted, kinds):
    session = scripted(STEP, tool=DOCS)
    events = respond(session)
    assert kinds(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.mcp_call_arguments.delta",
        "response.mcp_call_arguments.done",
        "response.output_item.done",
        "response.output_item.added",
        "conversation.item.added",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    request = item_of(events, "mcp_approval_request")
    assert {key: request[key] for key in ("server_label", "name", "arguments")} == {
        "server_label": "docs",
        "name": "search",
        "arguments": STEP.arguments,
    }
    response = of_type(events, "response.done")[0]["response"]
    assert (response["status"], [item["type"] for item in response["output"]]) == (
        "completed",
        ["mcp_call", "mcp_approval_request"],
    )
    session.check()


def test_an_approved_call_is_made_and_its_item_done(scripted, kinds):
    session = scripted(STEP, tool=DOCS)
    asked = respond(session)
    request = item_of(asked, "mcp_approval_request")
    events = answer(session, request["id"], reason="Go on.") + session.run()
    assert kinds(events) == [
        "conversation.item.added",
        "conversation.item.done",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
        "conversation.item.done",
    ]
    [arguments] = of_type(asked, "response.mcp_call_arguments.done")
    assert {event["item_id"] for event in events[2:4]} == {arguments["item_id"]}
    item = item_of(events, "mcp_call")
    assert (item["approval_request_id"], item["output"]) == (request["id"], "3 pages")
    session.check()


def test_nothing_answers_by_itself_after_an_approved_call(scripted):
    session = scripted(STEP, tool=DOCS)
    request = item_of(respond(session), "mcp_approval_request")
    events = answer(session, request["id"]) + session.run()
    assert of_type(events, "response.created") == []


@pytest.mark.parametrize(
    ("reason", "message"), [("Too dear.", "The call was refused: Too dear."), (None, "The call was refused.")]
)
def test_a_refused_call_fails_without_having_begun(scripted, kinds, reason, message):
    session = scripted(STEP, tool=DOCS)
    request = item_of(respond(session), "mcp_approval_request")
    events = answer(session, request["id"], approve=False, reason=reason) + session.run()
    assert kinds(events)[2:] == ["response.mcp_call.failed", "conversation.item.done"]
    item = item_of(events, "mcp_call")
    assert item["approval_request_id"] == request["id"]
    assert item["error"] == {"type": "tool_execution_error", "message": message}
    session.check()


def test_an_answer_to_no_request_is_refused(scripted):
    session = scripted(STEP)
    [error] = answer(session, "item_x")
    assert (error["error"]["code"], error["error"]["param"]) == ("invalid_value", "item.approval_request_id")
    assert session.session.snapshot()["items"][-1]["type"] == "mcp_list_tools"


def test_a_request_is_answered_once(scripted):
    session = scripted(STEP, tool=DOCS)
    request = item_of(respond(session), "mcp_approval_request")
    answer(session, request["id"])
    [error] = answer(session, request["id"], approve=False)
    assert error["type"] == "error"


def test_an_answer_in_an_impossible_place_leaves_the_request_open(scripted, kinds):
    session = scripted(STEP, tool=DOCS)
    request = item_of(respond(session), "mcp_approval_request")
    item = {"type": "mcp_approval_response", "id": "a", "approval_request_id": request["id"], "approve": True}
    assert kinds(session.send("conversation.item.create", item=item, previous_item_id="nowhere")) == ["error"]
    assert kinds(answer(session, request["id"]))[:2] == ["conversation.item.added", "conversation.item.done"]


def test_two_calls_wait_and_are_answered_in_any_order(scripted):
    other = McpCall("docs", "ask", output="Forty-two.")
    session = scripted(STEP, other, tool=DOCS)
    done = of_type(respond(session), "conversation.item.done")
    first, second = [event["item"] for event in done if event["item"]["type"] == "mcp_approval_request"]
    later = answer(session, second["id"]) + session.run()
    earlier = answer(session, first["id"], approve=False) + session.run()
    assert item_of(later, "mcp_call")["output"] == "Forty-two."
    assert item_of(earlier, "mcp_call")["name"] == "search"
    session.check()


def test_the_result_comes_while_another_response_speaks(scripted):
    session = scripted(STEP, tool=DOCS)
    request = item_of(respond(session), "mcp_approval_request")
    session.send("response.create")
    answer(session, request["id"])
    session.run()
    assert item_of(session.sent[-40:], "mcp_call")["output"] == "3 pages"
    session.check()


@pytest.mark.parametrize("until", [0.0, 0.05])
def test_a_response_cancelled_in_the_arguments_closes_the_call(scripted, until):
    session = scripted(STEP)
    session.send("response.create")
    session.run(until=session.now + until)
    events = session.send("response.cancel")
    assert [event["type"] for event in events] == [
        "response.mcp_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    session.check()


def test_a_response_cancelled_in_the_call_fails_it(scripted):
    session = scripted(STEP, pace=0.0)
    session.send("response.create")
    events = session.send("response.cancel")
    assert [event["type"] for event in events] == [
        "response.mcp_call.failed",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert item_of(events, "mcp_call")["error"]["type"] == "tool_execution_error"
    session.check()


def test_arguments_beyond_the_limit_end_the_response_incomplete(scripted):
    session = scripted(STEP)
    events = respond(session, max_output_tokens=2)
    response = of_type(events, "response.done")[0]["response"]
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert of_type(events, "response.mcp_call.in_progress") == []
    assert STEP.arguments.startswith(item_of(events, "mcp_call")["arguments"])
    session.check()


def test_a_call_out_of_band_stays_out_of_the_conversation(scripted):
    session = scripted(STEP)
    events = respond(session, conversation="none")
    assert of_type(events, "conversation.item.added") == of_type(events, "conversation.item.done") == []
    assert of_type(events, "response.output_item.done")[0]["item"]["output"] == "3 pages"
    session.check()


def test_a_call_out_of_band_can_be_approved(scripted, kinds):
    session = scripted(STEP, tool=DOCS)
    [_, request] = of_type(respond(session, conversation="none"), "response.done")[0]["response"]["output"]
    events = answer(session, request["id"]) + session.run()
    assert kinds(events)[2:] == ["response.mcp_call.in_progress", "response.mcp_call.completed"]
    session.check()


def test_the_official_flow_works_without_a_script(opened):
    session = opened()
    tool = {**DOCS, "require_approval": "always"}
    asked = {"type": "realtime", "output_modalities": ["text"], "parallel_tool_calls": False, "tools": [tool]}
    session.send("session.update", session=asked)
    [tool] = item_of(session.run(), "mcp_list_tools")["tools"]
    session.say("Use the configured MCP server.")
    choice = {"type": "mcp", "server_label": "docs", "name": tool["name"]}
    request = item_of(respond(session, tool_choice=choice), "mcp_approval_request")
    call = item_of(answer(session, request["id"], reason="Policy.") + session.run(), "mcp_call")
    [message] = of_type(respond(session, tool_choice="none"), "response.done")[0]["response"]["output"]
    assert call["output"] == f"docs.search was called with {call['arguments']}"
    assert message["content"][0]["text"] == f'The tool search returned: "{call["output"]}"'
    assert set(json.loads(call["arguments"])) == {"query"}
    session.check()
