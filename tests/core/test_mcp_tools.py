"""What `mcp` tools may say of a server, and which calls wait for approval."""

import pytest

from realtime_mock.api_error import ClientFault
from realtime_mock.core.config import new_session
from realtime_mock.scenario.model import McpCall, McpListing, McpTool, Rule, Scenario, Turn

DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}
TOOLS = (McpTool("read", {}, annotations={"readOnlyHint": True}), McpTool("write", {}))
NOWHERE = {"type": "mcp", "server_label": "docs"}
CONTRADICTIONS = {
    "two servers of one label": (
        [DOCS, {"type": "function", "name": "f"}, DOCS],
        ("invalid_value", "tools[2].server_label", "Duplicate server_label 'docs' in tools."),
    ),
    "a URL and a connector": (
        [{**DOCS, "connector_id": "connector_gmail"}],
        (
            "invalid_value",
            "tools[0].connector_id",
            "'server_url' and 'connector_id' cannot be used together: an MCP server is in one place.",
        ),
    ),
    "a URL and a tunnel": (
        [{**DOCS, "tunnel_id": "tunnel_" + "a" * 32}],
        (
            "invalid_value",
            "tools[0].tunnel_id",
            "'server_url' and 'tunnel_id' cannot be used together: an MCP server is in one place.",
        ),
    ),
    "neither": (
        [NOWHERE],
        (
            "missing_required_parameter",
            "tools[0].server_url",
            "One of 'server_url', 'connector_id' or 'tunnel_id' is required for a new MCP server.",
        ),
    ),
    "nulls only": (
        [{**NOWHERE, "server_url": None, "connector_id": None}],
        (
            "missing_required_parameter",
            "tools[0].server_url",
            "One of 'server_url', 'connector_id' or 'tunnel_id' is required for a new MCP server.",
        ),
    ),
    "two authorizations": (
        [{**DOCS, "authorization": "secret", "headers": {"AUTHORIZATION": "Bearer secret"}}],
        (
            "invalid_value",
            "tools[0].authorization",
            "'authorization' cannot be used together with an 'Authorization' header.",
        ),
    ),
}


def fault(error):
    return error["code"], error["param"], error["message"]


@pytest.mark.parametrize(("tools", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_an_update_that_contradicts_itself_is_refused_whole(opened, tools, expected):
    session = opened()
    before = session.session.snapshot()
    [error] = session.send("session.update", session={"type": "realtime", "tools": tools})
    code, param, message = expected
    assert fault(error["error"]) == (code, f"session.{param}", message)
    assert (session.session.snapshot(), session.run()) == (before, [])


@pytest.mark.parametrize(("tools", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_response_that_contradicts_itself_is_refused(opened, tools, expected):
    session = opened()
    [error] = session.send("response.create", response={"tools": tools})
    code, param, message = expected
    assert fault(error["error"]) == (code, f"response.{param}", message)
    assert session.run() == []


@pytest.mark.parametrize(("tools", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_session_that_contradicts_itself_is_not_begun(tools, expected):
    with pytest.raises(ClientFault) as caught:
        new_session("sess_1", model="gpt-realtime", given={"type": "realtime", "tools": tools})
    code, param, message = expected
    assert fault(caught.value.error.as_json()) == (code, f"session.{param}", message)


@pytest.mark.parametrize(
    "place",
    [
        {"server_url": "https://mcp.example"},
        {"connector_id": "connector_gmail", "authorization": "secret"},
        {"tunnel_id": "tunnel_" + "a" * 32},
        {"server_url": "https://mcp.example", "headers": {"X-Key": "1"}, "authorization": "secret"},
    ],
)
def test_one_place_is_enough(opened, kinds, place):
    came = opened().send("session.update", session={"type": "realtime", "tools": [{**NOWHERE, **place}]})
    assert kinds(came)[0] == "session.updated"


def test_a_later_token_beside_an_earlier_header_is_refused(opened):
    session = opened(given={"type": "realtime", "tools": [{**DOCS, "headers": {"Authorization": "Bearer x"}}]})
    [error] = session.send("session.update", session={"type": "realtime", "tools": [{**NOWHERE, "authorization": "y"}]})
    assert error["error"]["param"] == "session.tools[0].authorization"


def asks(opened, first, *later, name="write", response=None):
    """Whether a call of a tool is asked about, under these definitions of its server one after the other."""
    rules = (Rule({"type": "response.create"}, (Turn((McpCall("docs", name),)),)),)
    scenario = Scenario("x", rules, mcp={"docs": McpListing(TOOLS)})
    session = opened(scenario=scenario, given={"type": "realtime", "tools": [first]} if first else None)
    session.run()
    for tool in later:
        session.send("session.update", session={"type": "realtime", "tools": [tool]})
    session.send("response.create", **({"response": {"tools": [response]}} if response else {}))
    session.run()
    session.check()
    done = next(event["response"] for event in session.sent if event["type"] == "response.done")
    return [item["type"] for item in done["output"]] == ["mcp_call", "mcp_approval_request"]


@pytest.mark.parametrize(
    ("approval", "read", "write"),
    [
        (None, True, True),
        ("always", True, True),
        ("never", False, False),
        ({}, True, True),
        ({"always": {"tool_names": ["write"]}}, False, True),
        ({"never": {"tool_names": ["read"]}}, False, True),
        ({"always": {"tool_names": ["write"]}, "never": {"tool_names": ["read"]}}, False, True),
        ({"always": {"tool_names": ["read"]}, "never": {"tool_names": ["read"]}}, True, False),
        ({"never": {"read_only": True}}, False, True),
        ({"always": {"read_only": False}}, False, True),
        ({"never": {}}, True, True),
    ],
)
def test_approval_is_as_the_tool_requires(opened, approval, read, write):
    tool = {**DOCS, "require_approval": approval}
    assert (asks(opened, tool, name="read"), asks(opened, tool, name="write")) == (read, write)


def test_a_call_to_an_undefined_server_is_asked_about(opened):
    assert asks(opened, None)


def test_an_update_by_label_alone_keeps_what_was_said_of_approval(opened):
    assert not asks(opened, {**DOCS, "require_approval": "never"}, NOWHERE)


def test_an_update_by_label_changes_what_it_names(opened):
    assert not asks(opened, DOCS, {**NOWHERE, "require_approval": "never"})
    assert asks(opened, {**DOCS, "require_approval": "never"}, {**NOWHERE, "require_approval": "always"})
    assert not asks(opened, DOCS, {**NOWHERE, "require_approval": "never"}, NOWHERE)


def test_a_response_has_its_own_say_for_once(opened):
    assert not asks(opened, DOCS, response={**NOWHERE, "require_approval": "never"})


def test_a_list_tried_again_by_a_response_keeps_what_was_said_of_its_server(opened):
    rule = Rule({"type": "response.create"}, (Turn((McpCall("docs", "write"),)),))
    free = {**DOCS, "require_approval": "never"}
    session = opened(
        scenario=Scenario("x", (rule,), mcp={"docs": McpListing(None)}), given={"type": "realtime", "tools": [free]}
    )
    session.run()
    session.send("response.create", response={"tools": [NOWHERE]})
    session.run()
    session.send("session.update", session={"type": "realtime", "tools": [NOWHERE]})
    session.send("response.create")
    session.run()
    assert [event["type"] for event in session.sent].count("mcp_list_tools.in_progress") == 3
    assert [event["type"] for event in session.sent].count("response.mcp_call.completed") == 2


def test_a_call_can_be_forbidden_to_one_response(opened):
    session = opened(
        scenario=Scenario("x", mcp={"docs": McpListing(TOOLS)}), given={"type": "realtime", "tools": [DOCS]}
    )
    session.run()
    choice = {"type": "mcp", "server_label": "docs", "name": "write"}
    asked = {"tools": [{**NOWHERE, "allowed_tools": ["read"]}], "tool_choice": choice}
    session.send("response.create", response=asked)
    session.run()
    done = next(event["response"] for event in session.sent if event["type"] == "response.done")
    assert [item["type"] for item in done["output"]] == ["message"]
