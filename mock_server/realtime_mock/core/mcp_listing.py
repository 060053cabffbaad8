"""How the tools of MCP servers become known: an `mcp_list_tools` item for each server, in its own time."""

from __future__ import annotations

from collections.abc import Generator

from realtime_mock.core.agenda import Beat, Pause
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.mcp import McpServer, Tools
from realtime_mock.core.mcp_tools import is_allowed
from realtime_mock.core.stage import Stage

LATENCY = 0.1
"""Seconds that a list takes where no script says it: our own choice."""


def list_new_servers(stage: Stage, tools: Tools | None) -> None:
    """Begin to list the servers among `tools` whose labels are new."""
    for server in stage.mcp.unlisted(tools):
        stage.agenda.start(_list_tools(stage, server))


def _list_tools(stage: Stage, server: McpServer) -> Generator[Beat, None, None]:
    definition = server.definition
    listing = stage.script.mcp_listing(definition)
    label = definition["server_label"]
    item = ConversationItem({"id": stage.ids.item(), "type": "mcp_list_tools", "server_label": label, "tools": []})
    previous = stage.conversation.append(item)
    yield stage.events.make("conversation.item.added", previous_item_id=previous, item=dict(item.wire))
    yield stage.events.make("mcp_list_tools.in_progress", item_id=item.id)
    yield Pause(stage.options.latency(LATENCY) if listing.after is None else listing.after)
    if listing.tools is None:
        server.fire("fail")
        yield stage.events.make("mcp_list_tools.failed", item_id=item.id)
    else:
        server.fire("complete")
        server.tools = tuple(tool for tool in listing.tools if is_allowed(definition, tool))
        item.wire["tools"] = [tool.as_json() for tool in server.tools]
        yield stage.events.make("mcp_list_tools.completed", item_id=item.id)
    previous = stage.conversation.previous_id(item)
    yield stage.events.make("conversation.item.done", previous_item_id=previous, item=dict(item.wire))
