"""MCP in scenario files: what is read, what is refused, and what the bundled ones do."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock._resources import schemas_dir
from realtime_mock.scenario.document import read_document
from realtime_mock.scenario.loader import ScenarioError, bundled_scenarios, parse_scenario
from realtime_mock.scenario.model import McpCall, McpError, McpListing, McpTool

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((schemas_dir() / "scenario.schema.json").read_text(encoding="utf-8"))
)
TURN = "scenario: x\nrules:\n  - on: response.create\n    turns:\n      - "
DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}


def with_servers(servers: str) -> str:
    return f"scenario: x\nrules: [{{on: response.create, turns: [{{say: Hi}}]}}]\nmcp: {servers}"


def verdicts(text: str) -> tuple[bool, bool]:
    """Whether the loader takes it, and whether the schema for editors does."""
    described = SCHEMA.is_valid(read_document(text, "scenario.yaml").plain())
    try:
        parse_scenario(text)
    except ScenarioError:
        return False, described
    return True, described


CALLS = {
    "mcp: {server_label: d, name: t}": McpCall("d", "t"),
    "{mcp: {server_label: d, name: t, arguments: {a: [1]}, output: 3 pages}, after: 1s}": McpCall(
        "d", "t", '{"a":[1]}', output="3 pages", after=1.0
    ),
    "mcp: {server_label: d, name: t, arguments: '{', output: {n: 3}, takes: 50ms}": McpCall(
        "d", "t", "{", output='{"n":3}', takes=0.05
    ),
    "mcp: {server_label: d, name: t, error: {type: http_error, code: 500, message: m}}": McpCall(
        "d", "t", error=McpError("http_error", "m", 500)
    ),
    "mcp: {server_label: d, name: t, error: {type: protocol_error, code: -32600, message: m}}": McpCall(
        "d", "t", error=McpError("protocol_error", "m", -32600)
    ),
    "mcp: {server_label: d, name: t, error: {type: tool_execution_error, message: m}}": McpCall(
        "d", "t", error=McpError("tool_execution_error", "m")
    ),
}
BAD_CALLS = [
    "mcp: t",
    "mcp: {name: t}",
    "mcp: {server_label: d}",
    "mcp: {server_label: '', name: t}",
    "mcp: {server_label: d, name: t, tool: x}",
    "mcp: {server_label: d, name: t, arguments: [1]}",
    "mcp: {server_label: d, name: t, output: 3}",
    "mcp: {server_label: d, name: t, takes: 5m}",
    "mcp: {server_label: d, name: t, output: o, error: {type: tool_execution_error, message: m}}",
    "mcp: {server_label: d, name: t, error: {type: oops, message: m}}",
    "mcp: {server_label: d, name: t, error: {type: http_error, message: m}}",
    "mcp: {server_label: d, name: t, error: {type: http_error, code: x, message: m}}",
    "mcp: {server_label: d, name: t, error: {type: tool_execution_error, code: 1, message: m}}",
    "mcp: {server_label: d, name: t, error: {type: tool_execution_error}}",
    "{mcp: {server_label: d, name: t}, say: Hi}",
]
SERVERS = {
    "{d: {tools: []}}": {"d": McpListing(())},
    "{}": {},
    "{d: {tools: [a, b]}}": {"d": McpListing((McpTool("a", {"type": "object"}), McpTool("b", {"type": "object"})))},
    "{d: {tools: [{name: a, description: A., input_schema: {x: 1}, annotations: {readOnlyHint: true}}]}}": {
        "d": McpListing((McpTool("a", {"x": 1}, "A.", {"readOnlyHint": True}),))
    },
    "{d: {fail: true, after: 2}}": {"d": McpListing(None, 2.0)},
    "{d: {fail: false, tools: [a], after: 20ms}}": {"d": McpListing((McpTool("a", {"type": "object"}),), 0.02)},
}
BAD_SERVERS = [
    "[]",
    "{d: [a]}",
    "{d: {}}",
    "{d: {after: 1s}}",
    "{d: {fail: false}}",
    "{d: {fail: yes}}",
    "{d: {fail: true, tools: [a]}}",
    "{d: {tools: a}}",
    "{d: {tools: [1]}}",
    "{d: {tools: ['']}}",
    "{d: {tools: [{description: A.}]}}",
    "{d: {tools: [{name: a, input_schema: x}]}}",
    "{d: {tools: [{name: a, extra: 1}]}}",
    "{d: {tools: [a], later: 1s}}",
]


@pytest.mark.parametrize("turn", CALLS)
def test_a_call_is_read(turn: str):
    assert parse_scenario(TURN + turn).rules[0].turns[0].steps == (CALLS[turn],)
    assert verdicts(TURN + turn) == (True, True)


@pytest.mark.parametrize("turn", BAD_CALLS)
def test_a_bad_call_is_refused_by_loader_and_schema(turn: str):
    assert verdicts(TURN + turn) == (False, False)


@pytest.mark.parametrize("servers", SERVERS)
def test_servers_are_read(servers: str):
    assert parse_scenario(with_servers(servers)).mcp == SERVERS[servers]
    assert verdicts(with_servers(servers)) == (True, True)


@pytest.mark.parametrize("servers", BAD_SERVERS)
def test_bad_servers_are_refused_by_loader_and_schema(servers: str):
    assert verdicts(with_servers(servers)) == (False, False)


KEYS = ["server_label", "name", "arguments", "output", "error", "takes", "type", "code", "message"]
KEYS += ["tools", "fail", "after", "description", "input_schema", "annotations"]
LEAVES = st.sampled_from(["t", "", "http_error", "tool_execution_error", "1s", 1, -1, True, None])
PARTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
STEP_PARTS = st.fixed_dictionaries(
    {"server_label": st.just("d"), "name": st.just("t")},
    optional=dict.fromkeys(("arguments", "output", "error", "takes"), PARTS),
)
ERROR_PARTS = st.dictionaries(st.sampled_from(["type", "code", "message"]), LEAVES)
SERVER_PARTS = st.dictionaries(st.sampled_from(["tools", "fail", "after"]), PARTS | st.lists(PARTS, max_size=2))


STEP_OR_ERROR = STEP_PARTS | ERROR_PARTS.map(lambda error: {"server_label": "d", "name": "t", "error": error})


@settings(max_examples=300, deadline=None)
@given(STEP_OR_ERROR.map(lambda step: json.dumps({"mcp": step})))
def test_the_loader_and_the_schema_agree_on_calls(turn: str):
    loaded, described = verdicts(TURN + turn)
    assert loaded == described, turn


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.just("d"), SERVER_PARTS).map(json.dumps) | PARTS.map(json.dumps))
def test_the_loader_and_the_schema_agree_on_servers(servers: str):
    loaded, described = verdicts(with_servers(servers))
    assert loaded == described, servers


def test_a_mistake_is_located_and_has_a_remedy():
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(with_servers("{docs: {}}"), "docs.yaml")
    assert str(caught.value) == (
        "docs.yaml:3:13: the MCP server 'docs' has no 'tools'; list them, or write 'fail: true'"
    )


def update(played: Any, *tools: dict[str, Any]) -> list[dict[str, Any]]:
    came: list[dict[str, Any]] = played.send("session.update", session={"type": "realtime", "tools": list(tools)})
    return came


def of_type(events: list[dict[str, Any]], event_type: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == event_type]


def test_mcp_call_lists_calls_and_speaks(play, words):
    played = play("mcp-call")
    update(played, {**DOCS, "require_approval": "never"})
    [listed] = of_type(played.run(), "conversation.item.done")
    assert [tool["name"] for tool in listed["item"]["tools"]] == ["search_docs", "delete_page"]
    [call] = played.respond()["output"]
    assert (call["arguments"], call["output"]) == ('{"query":"barge-in"}', '{"pages":3}')
    assert words(played.respond()) == ["There are three pages about it."]
    played.check()


def test_mcp_call_asks_where_the_client_wants_to_be_asked(play, words):
    played = play("mcp-call")
    update(played, {**DOCS, "require_approval": "always"})
    played.run()
    request = played.respond()["output"][1]
    item = {"type": "mcp_approval_response", "id": "yes", "approval_request_id": request["id"], "approve": True}
    came = played.send("conversation.item.create", item=item) + played.run()
    assert of_type(came, "conversation.item.done")[-1]["item"]["output"] == '{"pages":3}'
    assert words(played.respond()) == ["There are three pages about it."]
    played.check()


def test_mcp_errors_fail_in_each_way_and_then_succeed(play):
    played = play("mcp-errors")
    update(played, {**DOCS, "require_approval": "never"})
    played.run()
    calls = [played.respond()["output"][0] for _ in range(4)]
    assert [call.get("error") for call in calls] == [
        {"type": "protocol_error", "code": -32602, "message": "Unknown tool: search_docs"},
        {"type": "http_error", "code": 503, "message": "Service Unavailable"},
        {"type": "tool_execution_error", "message": "The index is being rebuilt."},
        None,
    ]
    assert calls[3]["output"] == "3 pages"
    played.check()


def test_mcp_listing_fails_for_one_server_and_takes_its_time_for_another(play):
    played = play("mcp-listing")
    update(played, {**DOCS, "server_label": "broken"}, {**DOCS, "server_label": "slow"})
    early = played.run(until=4.9)
    assert [event["type"] for event in early] == ["mcp_list_tools.failed", "conversation.item.done"]
    choice = {"type": "mcp", "server_label": "slow", "name": "look_up"}
    played.send("response.create", response={"tool_choice": choice, "output_modalities": ["text"]})
    came = played.run()
    assert len(of_type(came, "mcp_list_tools.completed")) == 1
    assert [item["type"] for item in of_type(came, "response.done")[0]["response"]["output"]] == ["message"]
    assert [item["type"] for item in played.respond(response={"tool_choice": choice})["output"]] == [
        "mcp_call",
        "mcp_approval_request",
    ]
    played.check()


def test_every_bundled_scenario_of_mcp_is_played_here():
    names = sorted(name for name in bundled_scenarios() if name.startswith("mcp-"))
    assert names == ["mcp-call", "mcp-errors", "mcp-listing"]
