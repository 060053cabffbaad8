"""Tools of MCP servers become known: protocol 7.18."""

import pytest

from realtime_mock.scenario.model import McpListing, McpTool, Scenario

DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}
ADDED_TO_DONE = [
    "conversation.item.added",
    "mcp_list_tools.in_progress",
    "mcp_list_tools.completed",
    "conversation.item.done",
]


def update(session, *tools):
    return session.send("session.update", session={"type": "realtime", "tools": list(tools)})


def of_type(events, event_type):
    return [event for event in events if event["type"] == event_type]


def listed(events):
    """The tools of the lists that are done, by label."""
    items = [event["item"] for event in of_type(events, "conversation.item.done")]
    return {item["server_label"]: item["tools"] for item in items if item["type"] == "mcp_list_tools"}


def test_an_update_lists_the_tools_of_a_new_server(opened, kinds):
    session = opened()
    events = update(session, DOCS) + session.run()
    assert kinds(events) == ["session.updated", *ADDED_TO_DONE]
    session.check()


def test_all_events_of_a_list_name_its_item(opened):
    session = opened()
    _, added, *rest = update(session, DOCS) + session.run()
    item = added["item"]
    assert {key: item[key] for key in ("type", "server_label", "tools")} == {
        "type": "mcp_list_tools",
        "server_label": "docs",
        "tools": [],
    }
    assert {event.get("item_id") or event["item"]["id"] for event in rest} == {item["id"]}


def test_the_list_of_an_unknown_server_has_the_tools_that_the_client_allows(opened):
    session = opened()
    events = update(session, {**DOCS, "allowed_tools": ["ask", "search"]}) + session.run()
    assert [tool["name"] for tool in listed(events)["docs"]] == ["ask", "search"]


def test_a_list_takes_the_time_that_a_script_says(opened):
    session = opened(scenario=Scenario("x", mcp={"docs": McpListing((McpTool("ask", {}),), after=5.0)}))
    update(session, DOCS)
    assert session.run(until=4.9) == []
    assert listed(session.run()) == {"docs": [{"name": "ask", "input_schema": {}}]}


def test_a_listed_tool_has_what_the_server_says_of_it(opened):
    tool = McpTool("ask", {"type": "object"}, description="Asks.", annotations={"readOnlyHint": True})
    session = opened(scenario=Scenario("x", mcp={"docs": McpListing((tool,))}))
    update(session, DOCS)
    assert listed(session.run())["docs"] == [
        {
            "name": "ask",
            "input_schema": {"type": "object"},
            "description": "Asks.",
            "annotations": {"readOnlyHint": True},
        }
    ]


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (["write"], ["write"]),
        ({"tool_names": ["read", "none"]}, ["read"]),
        ({"read_only": True}, ["read"]),
        ({"read_only": False}, ["write"]),
        ({"tool_names": ["write"], "read_only": True}, []),
        ({}, ["read", "write"]),
        (None, ["read", "write"]),
    ],
)
def test_only_allowed_tools_are_listed(opened, allowed, names):
    tools = (McpTool("read", {}, annotations={"readOnlyHint": True}), McpTool("write", {}))
    session = opened(scenario=Scenario("x", mcp={"docs": McpListing(tools)}))
    events = update(session, {**DOCS, "allowed_tools": allowed}) + session.run()
    assert [tool["name"] for tool in listed(events)["docs"]] == names


def test_a_list_that_fails_is_closed_without_tools(opened, kinds):
    session = opened(scenario=Scenario("x", mcp={"docs": McpListing(None)}))
    update(session, DOCS)
    events = session.run()
    assert kinds(events) == ["mcp_list_tools.failed", "conversation.item.done"]
    assert listed(events) == {"docs": []}
    session.check()


def test_a_list_that_failed_is_tried_again_by_the_next_update(opened, kinds):
    session = opened(scenario=Scenario("x", mcp={"docs": McpListing(None)}))
    update(session, DOCS)
    session.run()
    again = update(session, {"type": "mcp", "server_label": "docs"})
    assert kinds(again) == ["session.updated", "conversation.item.added", "mcp_list_tools.in_progress"]


@pytest.mark.parametrize("ran", [True, False])
def test_a_known_label_is_not_listed_again(opened, kinds, ran):
    session = opened()
    update(session, DOCS)
    if ran:
        session.run()
    assert kinds(update(session, {"type": "mcp", "server_label": "docs"})) == ["session.updated"]


def test_only_the_new_one_of_two_servers_is_listed(opened):
    session = opened()
    update(session, DOCS)
    session.run()
    events = update(session, DOCS, {**DOCS, "server_label": "mail"}) + session.run()
    assert list(listed(events)) == ["mail"]


def test_a_session_that_begins_with_servers_lists_their_tools(opened, kinds):
    session = opened(given={"type": "realtime", "tools": [DOCS]})
    session.run()
    assert kinds(session.sent) == ["session.created", *ADDED_TO_DONE]


def test_a_response_lists_the_servers_of_its_own_but_does_not_wait(opened):
    session = opened()
    session.say("Please search.")
    choice = {"type": "mcp", "server_label": "docs"}
    asked = {"tools": [DOCS], "tool_choice": choice, "output_modalities": ["text"]}
    first = session.send("response.create", response=asked) + session.run()
    assert [event["type"] for event in first[:3]] == [
        "response.created",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
    ]
    assert [item["type"] for item in of_type(first, "response.done")[0]["response"]["output"]] == ["message"]
    second = session.send("response.create", response=asked) + session.run()
    assert of_type(second, "response.mcp_call_arguments.done") != []
    session.check()


def test_a_refused_response_lists_nothing(opened, kinds):
    session = opened()
    session.send("response.create")
    assert kinds(session.send("response.create", response={"tools": [DOCS]})) == ["error"]


def test_the_item_can_be_retrieved_while_it_is_being_listed(opened):
    session = opened()
    [_, added, _] = update(session, DOCS)
    [retrieved] = session.send("conversation.item.retrieve", item_id=added["item"]["id"])
    assert retrieved["item"] == added["item"]


def test_nothing_is_listed_for_functions_or_a_transcription_session(opened, kinds):
    session = opened()
    assert kinds(update(session, {"type": "function", "name": "look"})) == ["session.updated"]
    other = opened(given={"type": "transcription"})
    assert kinds(other.run()) == []
