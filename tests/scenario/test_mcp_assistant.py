"""What the default assistant does with MCP servers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_mock.scenario import assistant, mcp_assistant
from realtime_mock.scenario.interface import ResponseRequest
from realtime_mock.scenario.model import Call, McpCall, McpTool, Say

DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}
QUERY = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
LISTED = {"docs": (McpTool("search", QUERY), McpTool("ask", QUERY)), "mail": (McpTool("send", QUERY),)}
FUNCTION = {"type": "function", "name": "look"}


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def called(**fields: Any) -> dict[str, Any]:
    return {"id": "item_1", "type": "mcp_call", "server_label": "docs", "name": "search", "arguments": "{}", **fields}


def answer(*items: dict[str, Any], **asked: Any) -> object:
    [step] = assistant.answer(ResponseRequest(items=items, mcp_tools=LISTED, **asked)).steps
    return step


@pytest.mark.parametrize(
    ("said", "names", "read_only"),
    [
        ({}, ["search"], True),
        ({"allowed_tools": ["a", "b", "a"]}, ["a", "b"], True),
        ({"allowed_tools": {"tool_names": ["a"]}}, ["a"], True),
        ({"allowed_tools": {"read_only": False}}, ["search"], False),
        ({"allowed_tools": []}, ["search"], True),
        ({"require_approval": "never"}, ["search"], True),
        (
            {"require_approval": {"always": {"tool_names": ["a"]}, "never": {"tool_names": ["b", "a"]}}},
            ["a", "b"],
            True,
        ),
        ({"allowed_tools": ["a"], "require_approval": {"never": {"tool_names": ["b"]}}}, ["a"], True),
    ],
)
def test_a_server_lists_what_the_client_names(said: dict[str, Any], names: list[str], read_only: bool):
    tools = mcp_assistant.listing({**DOCS, **said}).tools
    assert tools == tuple(McpTool(name, QUERY, annotations={"readOnlyHint": read_only}) for name in names)


@pytest.mark.parametrize(
    ("choice", "tool"),
    [
        ({"type": "mcp", "server_label": "docs", "name": "ask"}, ("docs", "ask")),
        ({"type": "mcp", "server_label": "docs"}, ("docs", "search")),
        ({"type": "mcp", "server_label": "mail", "name": None}, ("mail", "send")),
        ("required", ("docs", "search")),
    ],
)
def test_the_chosen_tool_is_called(choice: object, tool: tuple[str, str]):
    step = answer(user("Hi"), tool_choice=choice)
    assert isinstance(step, McpCall)
    assert (step.server_label, step.name) == tool
    assert step.output == f"{tool[0]}.{tool[1]} was called with {step.arguments}"


@pytest.mark.parametrize("name", ["send", "look"])
def test_a_tool_that_is_not_listed_is_not_called(name: str):
    choice = {"type": "mcp", "server_label": "docs", "name": name}
    assert answer(user("Hi"), tools=(FUNCTION,), tool_choice=choice) == Say('You said: "Hi"')


def test_the_tool_that_the_user_names_first_is_called():
    step = answer(user('Please send or search {"query": "x"}.'), tools=(FUNCTION,))
    assert step == McpCall("mail", "send", '{"query": "x"}', output='mail.send was called with {"query": "x"}')


def test_functions_come_before_tools_of_servers():
    assert answer(user("Hi"), tools=(FUNCTION,), tool_choice="required") == Call("look", "{}")


def test_a_function_of_the_same_name_is_not_mistaken_for_a_tool():
    step = answer(user("Hi"), tool_choice={"type": "function", "name": "search"})
    assert step == Call("search", "{}")


def test_no_tool_is_called_where_none_is_wanted():
    assert answer(user("Please search."), tool_choice="none") == Say('You said: "Please search."')


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"output": "3 pages"}, 'The tool search returned: "3 pages"'),
        ({"output": ""}, "The tool search returned nothing."),
        ({"error": {"type": "http_error", "code": 500, "message": "Busy."}}, 'The tool search failed: "Busy."'),
        ({}, "The tool search has not returned yet."),
    ],
)
def test_the_result_of_a_call_is_quoted(result: dict[str, Any], words: str):
    asides = [
        {"id": "r", "type": "mcp_approval_request", "server_label": "docs", "name": "search", "arguments": "{}"},
        {"id": "a", "type": "mcp_approval_response", "approval_request_id": "r", "approve": True},
        {"id": "l", "type": "mcp_list_tools", "server_label": "mail", "tools": []},
    ]
    assert answer(user("Please search."), called(**result), *asides) == Say(words)


def test_arguments_fit_the_schema_of_the_tool():
    step = answer(user("Hi"), tool_choice={"type": "mcp", "server_label": "docs"})
    assert isinstance(step, McpCall)
    assert list(json.loads(step.arguments)) == ["query"]
