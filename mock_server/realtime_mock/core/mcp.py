"""The MCP servers of a session: which are known, what they list, and which calls wait for the client.

No raw log of an MCP session is known. The fields of events and items, the order of listing, and that tools which
are not listed yet are missing from a turn are documented; that a client waits for both the list's `completed` and
its item, that an approved call completes under the id of its arguments, and that nothing answers by itself
afterwards is what clients of the service rely on. All else is UNSURE:

- A list's `conversation.item.added` comes first, with no tools yet. A list that fails is `done` too, with no tools.
- The item holds the tools that `allowed_tools` lets through. Another URL for a label that is listed lists nothing
  anew; a list that failed is tried again by the next update or response that names its label.
- A call that needs approval: the response's own event closes the `mcp_call` without a result, an
  `mcp_approval_request` follows as an item of the same response, and the response completes. Once the client
  approves, the call runs and `conversation.item.done` brings its result, each under no response.
- A call that is refused fails without having been in progress; its error is a `tool_execution_error`.
- A call that is under way when its response ends fails in the same manner.
- Ids of these items have no shape of their own. An `mcp_call` has no `status`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from realtime_mock.core import errors
from realtime_mock.core.agenda import Beats
from realtime_mock.core.mcp_call import LiveCall
from realtime_mock.core.mcp_tools import Definition, check_tools, is_allowed, mcp_tools_of, needs_approval, resolved
from realtime_mock.scenario.model import McpCall, McpTool

Tools = Sequence[Mapping[str, Any]]


class ListState(Enum):
    """Where the list of a server's tools stands."""

    LISTING = "listing"
    LISTED = "listed"
    FAILED = "failed"


TRANSITIONS: dict[ListState, dict[str, ListState]] = {
    ListState.LISTING: {"complete": ListState.LISTED, "fail": ListState.FAILED},
    ListState.LISTED: {},
    ListState.FAILED: {"list": ListState.LISTING},
}


@dataclass(slots=True)
class McpServer:
    """One server: its definition and, once they are listed, its tools."""

    definition: Definition
    state: ListState = ListState.LISTING
    tools: tuple[McpTool, ...] = ()

    def fire(self, trigger: str) -> None:
        """Move on in the life of the list."""
        self.state = TRANSITIONS[self.state][trigger]


class McpServers:
    """All MCP servers of one session, by label, and the calls that wait for approval."""

    def __init__(self) -> None:
        self._servers: dict[str, McpServer] = {}
        self._asked: dict[str, LiveCall] = {}

    def check(self, tools: Tools | None, *, path: str) -> None:
        """Refuse tools that contradict themselves.

        Raises:
            ClientFault: as `mcp_tools.check_tools` says.
        """
        check_tools(tools, path=path, known=self._definitions())

    def unlisted(self, tools: Tools | None) -> list[McpServer]:
        """Take the servers among `tools` into account; the answer is those that are to be listed now."""
        wanted = []
        for tool in mcp_tools_of(tools):
            definition = resolved(tool, self._definitions())
            server = self._servers.get(tool["server_label"])
            if server is None:
                server = self._servers[tool["server_label"]] = McpServer(definition)
                wanted.append(server)
            elif server.state is ListState.FAILED:
                server.definition = definition
                server.fire("list")
                wanted.append(server)
        return wanted

    def redefine(self, tools: Tools | None) -> None:
        """Let an update of the session change what is known of its servers, such as who must approve."""
        for tool in mcp_tools_of(tools):
            if tool["server_label"] in self._servers:
                self._servers[tool["server_label"]].definition = resolved(tool, self._definitions())

    def callable_tools(self, tools: Tools) -> dict[str, tuple[McpTool, ...]]:
        """The tools that a response with these `tools` may call: those listed by now, by label."""
        found = {}
        for tool in mcp_tools_of(tools):
            label, definition = tool["server_label"], resolved(tool, self._definitions())
            found[label] = tuple(one for one in self._listed(label) if is_allowed(definition, one))
        return found

    def needs_approval(self, call: McpCall, *, tools: Tools) -> bool:
        """Whether a call by a response with these `tools` waits for the client.

        A server that nobody defined is asked about, as by default; a tool that nobody listed is not read-only.
        """
        known, label = self._definitions(), call.server_label
        own = (resolved(tool, known) for tool in mcp_tools_of(tools) if tool["server_label"] == label)
        listed = (tool for tool in self._listed(label) if tool.name == call.name)
        return needs_approval(next(own, known.get(label, {})), next(listed, McpTool(call.name, {})))

    def wait_for_answer(self, request_id: str, call: LiveCall) -> None:
        """Let a call wait for the answer to this approval request."""
        self._asked[request_id] = call

    def check_answer(self, response: Mapping[str, Any]) -> None:
        """Refuse an `mcp_approval_response` to a request that never was, or that has been answered.

        Raises:
            ClientFault: no call waits for it.
        """
        request_id = response["approval_request_id"]
        if request_id not in self._asked:
            raise errors.unknown_approval_request(request_id)

    def answered(self, response: Mapping[str, Any]) -> Beats:
        """What follows an `mcp_approval_response`; its call waits no more."""
        request_id = response["approval_request_id"]
        call = self._asked.pop(request_id)
        return call.answered(request_id, approve=response["approve"], reason=response.get("reason"))

    def _listed(self, server_label: str) -> tuple[McpTool, ...]:
        """The server's tools; none until they are listed."""
        server = self._servers.get(server_label)
        return server.tools if server else ()

    def _definitions(self) -> dict[str, Definition]:
        return {label: server.definition for label, server in self._servers.items()}
