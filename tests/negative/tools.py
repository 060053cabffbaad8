"""Servers that call functions and MCP tools in the wrong way, by the check that each trips."""

from tests.negative.breaking import Negative, become, change, drop, every, follow, late, lose, repeat

CREATED, DONE, ADDED, ITEM_DONE = (
    "response.created",
    "response.done",
    "response.output_item.added",
    "response.output_item.done",
)
FUNCTION, MCP = "response.function_call_arguments", "response.mcp_call_arguments"
RUNNING, COMPLETED = "response.mcp_call.in_progress", "response.mcp_call.completed"
IN, OUT = "conversation.item.added", "conversation.item.done"
ANSWER = {"type": CREATED, "event_id": "x", "response": {"id": "resp_other"}}


def unanswered(nth):
    """The nth error never comes."""
    return Negative(become("error", lambda _event: [], nth=nth))


def listed(event):
    return event["item"]["type"] == "mcp_list_tools"


def output(event):
    return event["item"]["type"] == "function_call_output"


def same_call_ids():
    """Every call has the `call_id` of the first."""
    ids = []

    def changed(event):
        call = event["response"]["output"][0] if event["type"] == DONE else {}
        if "call_id" in call:
            ids.append(call["call_id"])
            call["call_id"] = ids[0]
        return [event]

    return changed


def with_a_part(event):
    part = {"type": "response.content_part.added", "event_id": "x", "item_id": event["item"]["id"]}
    return [event, part]


NEGATIVES = {
    "TOOL-001.is-a-call": Negative(change(ADDED, item__name="look")),
    "TOOL-001.begins-empty": Negative(change(ADDED, item__arguments="{}")),
    "TOOL-001.deltas-are-the-arguments": Negative(change(f"{FUNCTION}.delta", delta="x", nth=1)),
    "TOOL-001.item-has-the-arguments": Negative(change(DONE, response__output__0__arguments="{}")),
    "TOOL-001.arguments-are-json": Negative(
        every(
            change(f"{FUNCTION}.delta", delta=lambda said: said.replace("query", "what")),
            change(f"{FUNCTION}.done", arguments=lambda said: said.replace("query", "what")),
            change(DONE, response__output__0__arguments=lambda said: said.replace("query", "what")),
        )
    ),
    "TOOL-001.done-has-the-name": Negative(lose(f"{FUNCTION}.done", "name")),
    "TOOL-001.one-call-id": Negative(change(f"{FUNCTION}.done", call_id="call_other")),
    "TOOL-001.call-id": Negative(change(DONE, response__output__0__call_id="1"), follows=("one-call-id",)),
    "TOOL-001.no-content-parts": Negative(become(ADDED, with_a_part)),
    "TOOL-001.item-completed": Negative(change(DONE, response__output__0__status="in_progress")),
    "TOOL-001.response-completed": Negative(change(DONE, response__status="incomplete")),
    "TOOL-001.nothing-follows-by-itself": Negative(follow(DONE, ANSWER)),
    "TOOL-002.kept": Negative(change(IN, where=output, item__output="1234")),
    "TOOL-002.follows-the-call": Negative(change(IN, where=output, previous_item_id=None)),
    "TOOL-002.nothing-follows-by-itself": Negative(follow(OUT, ANSWER, where=output)),
    "TOOL-002.answered": Negative(change(DONE, response__status="failed", nth=2)),
    "TOOL-002.with-a-message": Negative(change(DONE, response__output__0__type="function_call", nth=2)),
    "TOOL-002.the-answer-uses-it": Negative(change("response.output_text.delta", delta="?")),
    "TOOL-003.taken": Negative(change(OUT, where=output, item__type="message")),
    "TOOL-003.response-completes": Negative(change(DONE, response__status="cancelled", nth=1)),
    "TOOL-003.answered": Negative(change(DONE, response__status="failed", nth=2)),
    "TOOL-004.refused": Negative(drop("error"), follows=("code", "names-the-call")),
    "TOOL-004.code": Negative(change("error", error__code="not_found")),
    "TOOL-004.names-the-call": Negative(change("error", error__message="What?")),
    "TOOL-004.not-added": Negative(follow("error", {"type": IN, "event_id": "x", "item": {}})),
    "TOOL-005.none-calls-nothing": Negative(sent=lose("response.create", "response__tool_choice", nth=1)),
    "TOOL-005.required-calls": Negative(sent=change("response.create", response__tool_choice="none", nth=2)),
    "TOOL-005.named-is-called": Negative(sent=change("response.create", response__tool_choice="required", nth=3)),
    "TOOL-006.called": Negative(sent=lose("response.create", "response__tool_choice")),
    "TOOL-006.session-keeps-its-own": Negative(change("session.updated", session__tools=[], nth=2)),
    "TOOL-007.call-ids-differ": Negative(same_call_ids),
    "TOOL-007.outputs-in-any-order": Negative(change(OUT, where=output, item__call_id="call_1", nth=1)),
    "TOOL-007.answered": Negative(change(DONE, response__status="failed", nth=3)),
    "TOOL-010.session-has-it": Negative(change("session.updated", session__tools=[], nth=2)),
    "TOOL-010.steps": Negative(drop("mcp_list_tools.in_progress")),
    "TOOL-010.completed": Negative(
        become("mcp_list_tools.completed", lambda event: [{**event, "type": "mcp_list_tools.failed"}])
    ),
    "TOOL-010.label": Negative(change(OUT, where=listed, item__server_label="docs")),
    "TOOL-010.tools": Negative(lose(OUT, "item__tools__0__input_schema", where=listed)),
    "TOOL-010.label-is-enough": Negative(change("session.updated", session__tools=[], nth=3), follows=()),
    "TOOL-010.listed-once": Negative(
        follow("session.updated", {"type": "mcp_list_tools.in_progress", "event_id": "x", "item_id": "item_1"}, nth=3)
    ),
    "TOOL-011.is-a-call": Negative(change(ADDED, item__server_label="docs")),
    "TOOL-011.deltas-are-the-arguments": Negative(change(f"{MCP}.delta", delta="x", nth=1)),
    "TOOL-011.steps": Negative(late(RUNNING, after=ITEM_DONE)),
    "TOOL-011.ends-once": Negative(repeat(COMPLETED)),
    "TOOL-011.has-a-result": Negative(lose(ITEM_DONE, "item__output")),
    "TOOL-011.item-has-the-arguments": Negative(change(ITEM_DONE, item__arguments="")),
    "TOOL-011.response-completed": Negative(change(DONE, response__status="failed")),
    "TOOL-012.asked": Negative(change(DONE, response__output__1__server_label="docs")),
    "TOOL-012.tells-the-call": Negative(lose(DONE, "response__output__1__name")),
    "TOOL-012.not-called-before": Negative(follow(DONE, {"type": RUNNING, "event_id": "x", "item_id": "item_1"})),
    "TOOL-012.called-once-approved": Negative(drop(RUNNING)),
    "TOOL-012.ends": Negative(repeat(COMPLETED)),
    # The server takes every answer for an approval.
    "TOOL-013.not-called": Negative(
        sent=change("conversation.item.create", where=lambda event: "approve" in event["item"], item__approve=True)
    ),
    "TOOL-013.conversation-goes-on": Negative(change(DONE, response__status="failed", nth=2)),
    "TOOL-014.label-twice": unanswered(1),
    "TOOL-014.two-places": unanswered(2),
    "TOOL-014.no-place": unanswered(3),
    "TOOL-014.two-authorizations": unanswered(4),
    "TOOL-014.nothing-listed": Negative(
        follow("error", {"type": "mcp_list_tools.in_progress", "event_id": "x", "item_id": "item_1"}, nth=1)
    ),
}
