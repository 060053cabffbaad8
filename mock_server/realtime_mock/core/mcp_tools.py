"""The `mcp` tool of a session or a response: what it may say, and what follows for a server's tools.

That a label is used twice, that a server is in two places or none, and that it gets two authorizations is refused
before anything is listed (documented; codes and texts are UNSURE).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from realtime_mock.core import errors
from realtime_mock.scenario.model import McpTool

Definition = Mapping[str, Any]
"""An `mcp` tool in the shape of the wire."""

_PLACES = ("server_url", "connector_id", "tunnel_id")


def mcp_tools_of(tools: Iterable[Mapping[str, Any]] | None) -> Iterator[Definition]:
    """The `mcp` tools among `tools`."""
    return (tool for tool in tools or () if tool["type"] == "mcp")


def resolved(tool: Definition, known: Mapping[str, Definition]) -> Definition:
    """The whole definition: a tool that names no place adds to what is known of its label (documented)."""
    if _places(tool):
        return tool
    given = {key: value for key, value in tool.items() if value is not None}
    return {**known.get(tool["server_label"], {}), **given}


def check_tools(
    tools: Sequence[Mapping[str, Any]] | None, *, path: str, known: Mapping[str, Definition] | None = None
) -> None:
    """Refuse `mcp` tools that contradict themselves or one another.

    Args:
        path: where the list stands in the client's event.
        known: servers defined before, by label: they need no place any more.

    Raises:
        ClientFault: the first contradiction.
    """
    labels: set[str] = set()
    for index, tool in enumerate(tools or ()):
        if tool["type"] != "mcp":
            continue
        here = f"{path}[{index}]"
        if tool["server_label"] in labels:
            raise errors.duplicate_mcp_server(tool["server_label"], param=f"{here}.server_label")
        labels.add(tool["server_label"])
        _check_server(tool, here, known or {})


def is_allowed(definition: Definition, tool: McpTool) -> bool:
    """Whether `allowed_tools` lets the tool be used; without it all are."""
    allowed = definition.get("allowed_tools")
    if isinstance(allowed, Mapping):
        return _selects(allowed, tool)
    return allowed is None or tool.name in allowed


def needs_approval(definition: Definition, tool: McpTool) -> bool:
    """Whether a call of the tool waits for the client; `always` is the default (documented).

    Of a tool that both filters leave out, a filter `never` alone makes no exception, so it waits; beside a filter
    `always` it does not (UNSURE).
    """
    given = definition.get("require_approval")
    if not isinstance(given, Mapping):
        return given != "never"
    always, never = given.get("always"), given.get("never")
    if always and _selects(always, tool):
        return True
    return not (never and _selects(never, tool)) and not always


def _selects(chosen: Mapping[str, Any], tool: McpTool) -> bool:
    """Whether a filter, by name or by `readOnlyHint` or both, picks the tool."""
    names, read_only = chosen.get("tool_names"), chosen.get("read_only")
    return (names is None or tool.name in names) and (read_only is None or read_only == tool.is_read_only)


def _check_server(tool: Definition, here: str, known: Mapping[str, Definition]) -> None:
    places = _places(tool)
    if len(places) > 1:
        raise errors.mcp_server_in_two_places(places[0], places[1], param=f"{here}.{places[1]}")
    if not places and tool["server_label"] not in known:
        raise errors.mcp_server_nowhere(param=f"{here}.server_url")
    whole = resolved(tool, known)
    # Names of HTTP headers know no case (RFC 9110, section 5.1).
    in_headers = any(name.lower() == "authorization" for name in whole.get("headers") or ())
    if in_headers and whole.get("authorization") is not None:
        raise errors.mcp_two_authorizations(param=f"{here}.authorization")


def _places(tool: Definition) -> list[str]:
    return [key for key in _PLACES if tool.get(key) is not None]
