"""What an MCP server does where no scenario says it. There is no server to ask, so a client's own words decide.

The tools are those that the `mcp` tool names: in `allowed_tools`, else in `require_approval`, else one tool
`search`. Each takes one text, `query`. A call succeeds at once and gives back what it was called with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_mock.scenario.model import McpCall, McpListing, McpTool

GENERIC_TOOL = "search"
"""The one tool of a server of which nothing is known."""

INPUT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"query": {"type": "string"}},
    "required": ["query"],
}
"""The arguments of every default tool."""

Server = Mapping[str, Any]


def listing(server: Server) -> McpListing:
    """The tools of the server that an `mcp` tool describes."""
    allowed, approval = server.get("allowed_tools"), server.get("require_approval")
    names = _named(allowed) or _named_by_approval(approval) or [GENERIC_TOOL]
    read_only = allowed.get("read_only") if isinstance(allowed, Mapping) else None
    annotations = {"readOnlyHint": read_only is not False}
    return McpListing(tuple(McpTool(name, INPUT_SCHEMA, annotations=annotations) for name in names))


def call(server_label: str, name: str, arguments: str) -> McpCall:
    """A call that succeeds."""
    return McpCall(server_label, name, arguments, output=f"{server_label}.{name} was called with {arguments}")


def _named(names: object) -> list[str]:
    """The names in a list of tools or in a filter, each once."""
    given = names.get("tool_names") if isinstance(names, Mapping) else names
    return list(dict.fromkeys(given)) if isinstance(given, list) else []


def _named_by_approval(approval: object) -> list[str]:
    """The names in the filters of `require_approval`, each once."""
    filters = [approval.get(key) for key in ("always", "never")] if isinstance(approval, Mapping) else []
    return list(dict.fromkeys(name for chosen in filters for name in _named(chosen)))
