"""What a scenario says of MCP: the servers under `mcp`, and the step `mcp`."""

from __future__ import annotations

from collections.abc import Mapping

from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.emitted import check_placeholders
from realtime_mock.scenario.model import McpCall, McpError, McpListing, McpTool

_CALL_KEYS = ("server_label", "name", "arguments", "output", "error", "takes")
_CODED_ERRORS = ("protocol_error", "http_error")
_ERRORS = (*_CODED_ERRORS, "tool_execution_error")


def read_call(node: Node, after: float) -> McpCall:
    """The call that a step `mcp` describes."""
    what = "'mcp'"
    given = fields.mapping(node, what=what, allowed=_CALL_KEYS, required=("server_label", "name"))
    check_placeholders(node)
    if "output" in given and "error" in given:
        raise node.keys["error"].error("a call has an 'output' or an 'error'; remove one of them")
    return McpCall(
        server_label=fields.text(given["server_label"], what=f"'server_label' of {what}"),
        name=fields.text(given["name"], what=f"'name' of {what}"),
        arguments=fields.json_text(given["arguments"], what="'arguments'") if "arguments" in given else "{}",
        output=fields.json_text(given["output"], what="'output'") if "output" in given else "",
        error=_error(given["error"]) if "error" in given else None,
        takes=fields.duration(given["takes"], what=f"'takes' of {what}") if "takes" in given else None,
        after=after,
    )


def read_servers(node: Node) -> Mapping[str, McpListing]:
    """How the servers under `mcp` list their tools, by label."""
    servers = fields.any_mapping(node, what="'mcp'")
    return {label: _listing(server, label) for label, server in servers.items()}


def _error(node: Node) -> McpError:
    what = "'error' of 'mcp'"
    given = fields.mapping(node, what=what, allowed=("type", "code", "message"), required=("type", "message"))
    kind = fields.choice(given["type"], _ERRORS, what=f"'type' of {what}")
    if "code" in given and kind not in _CODED_ERRORS:
        raise node.keys["code"].error(f"a {kind} has no 'code'; remove it")
    if "code" not in given and kind in _CODED_ERRORS:
        raise node.error(f"a {kind} needs a 'code'; add the number")
    code = fields.whole_number(given["code"], what=f"'code' of {what}") if "code" in given else None
    return McpError(kind, fields.text(given["message"], what=f"'message' of {what}"), code)


def _listing(node: Node, label: str) -> McpListing:
    what = f"the MCP server '{label}'"
    given = fields.mapping(node, what=what, allowed=("tools", "fail", "after"))
    fails = "fail" in given and fields.flag(given["fail"], what=f"'fail' of {what}")
    if fails and "tools" in given:
        raise node.keys["tools"].error("a list that fails has no tools; remove 'tools' or 'fail'")
    if not fails and "tools" not in given:
        raise node.error(f"{what} has no 'tools'; list them, or write 'fail: true'")
    after = fields.duration(given["after"], what=f"'after' of {what}") if "after" in given else None
    if fails:
        return McpListing(None, after)
    if given["tools"].value == ():
        return McpListing((), after)
    nodes = fields.elements(given["tools"], what=f"'tools' of {what}")
    return McpListing(tuple(_tool(tool, what=f"a tool of {what}") for tool in nodes), after)


def _tool(node: Node, *, what: str) -> McpTool:
    """A tool; its name alone is enough."""
    if isinstance(node.value, str):
        return McpTool(fields.text(node, what=what), {"type": "object"})
    allowed = ("name", "description", "input_schema", "annotations")
    given = fields.mapping(node, what=what, allowed=allowed, required=("name",))
    return McpTool(
        name=fields.text(given["name"], what=f"'name' of {what}"),
        input_schema=_object(given, "input_schema", what) or {"type": "object"},
        description=fields.optional_text(given, "description", what=what),
        annotations=_object(given, "annotations", what),
    )


def _object(given: Mapping[str, Node], key: str, what: str) -> Mapping[str, object] | None:
    if key not in given:
        return None
    return {name: value.plain() for name, value in fields.any_mapping(given[key], what=f"'{key}' of {what}").items()}
