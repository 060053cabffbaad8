"""MCP with the official Python SDK: the events parse into its types, and its flow comes to an end."""

from __future__ import annotations

import asyncio

import pytest

from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

openai = pytest.importorskip("openai", reason="the openai package is not installed")

DEADLINE = 20.0
DOCS = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example", "require_approval": "always"}


@pytest.fixture
async def connection():
    async with (
        asyncio.timeout(DEADLINE),
        RealtimeMock(Settings(port=0)) as mock,
        openai.AsyncOpenAI(base_url=mock.base_url, api_key="sk-test") as client,
        client.realtime.connect(model="gpt-realtime") as connection,
    ):
        yield connection


async def until(connection, kind, item_type=None):
    """The first event of this type and, where given, of an item of this type."""
    async for event in connection:
        assert event.type not in ("error", "mcp_list_tools.failed", "response.mcp_call.failed"), event
        if event.type == kind and item_type in (None, getattr(getattr(event, "item", None), "type", None)):
            return event
    raise AssertionError(f"the connection closed before {kind}")


async def test_a_tool_is_listed_approved_called_and_spoken_about(connection):
    await connection.session.update(session={"type": "realtime", "output_modalities": ["text"], "tools": [DOCS]})
    tools = (await until(connection, "conversation.item.done", "mcp_list_tools")).item.tools
    choice = {"type": "mcp", "server_label": "docs", "name": tools[0].name}
    await connection.response.create(response={"tool_choice": choice})
    called = await until(connection, "response.mcp_call_arguments.done")
    request = (await until(connection, "conversation.item.done", "mcp_approval_request")).item
    answer = {"type": "mcp_approval_response", "id": "yes", "approval_request_id": request.id, "approve": True}
    await connection.conversation.item.create(item=answer)
    completed = await until(connection, "response.mcp_call.completed")
    item = (await until(connection, "conversation.item.done", "mcp_call")).item
    await connection.response.create(response={"tool_choice": "none"})
    response = (await until(connection, "response.done")).response
    assert completed.item_id == called.item_id == item.id
    assert (item.approval_request_id, item.output) == (request.id, f"docs.search was called with {called.arguments}")
    assert response.output[0].content[0].text == f'The tool search returned: "{item.output}"'


async def test_an_ephemeral_key_for_contradicting_tools_is_refused():
    async with (
        asyncio.timeout(DEADLINE),
        RealtimeMock(Settings(port=0)) as mock,
        openai.AsyncOpenAI(base_url=mock.base_url, api_key="sk-test") as client,
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.realtime.client_secrets.create(session={"type": "realtime", "tools": [DOCS, DOCS]})
        assert caught.value.param == "session.tools[1].server_label"


async def test_a_key_that_carries_tools_opens_a_session_that_lists_them():
    async with (
        asyncio.timeout(DEADLINE),
        RealtimeMock(Settings(port=0)) as mock,
        openai.AsyncOpenAI(base_url=mock.base_url, api_key="sk-test") as client,
    ):
        secret = await client.realtime.client_secrets.create(session={"type": "realtime", "tools": [DOCS]})
        async with (
            openai.AsyncOpenAI(base_url=mock.base_url, api_key=secret.value) as other,
            other.realtime.connect(model="gpt-realtime") as connection,
        ):
            assert (await until(connection, "conversation.item.done")).item.server_label == "docs"
