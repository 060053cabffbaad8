"""What a scenario says of MCP servers, as frozen values: their tools, and what becomes of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class McpError:
    """Why an MCP call failed: a `protocol_error` or `http_error` with a code, or a `tool_execution_error`."""

    type: str
    message: str
    code: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The `error` of an `mcp_call` item."""
        code = {} if self.code is None else {"code": self.code}
        return {"type": self.type, **code, "message": self.message}


@dataclass(frozen=True, slots=True)
class McpCall:
    """The service calls a tool of an MCP server, once the client approves where that is required.

    `arguments` is the JSON text, kept to the letter. The call takes `takes` seconds (None: the mock's own short
    while) and ends with `output`, or with `error`.
    """

    server_label: str
    name: str
    arguments: str = "{}"
    output: str = ""
    error: McpError | None = None
    takes: float | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool that an MCP server lists; `input_schema` is the JSON Schema of its arguments."""

    name: str
    input_schema: Mapping[str, Any]
    description: str | None = None
    annotations: Mapping[str, Any] | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether the server says so (`readOnlyHint` of the MCP specification)."""
        return bool((self.annotations or {}).get("readOnlyHint"))

    def as_json(self) -> dict[str, Any]:
        """An entry of an `mcp_list_tools` item."""
        optional = {"description": self.description, "annotations": self.annotations}
        known = {key: value for key, value in optional.items() if value is not None}
        return {"name": self.name, "input_schema": dict(self.input_schema), **known}


@dataclass(frozen=True, slots=True)
class McpListing:
    """How an MCP server answers when it is asked for its tools: with `tools`, or None where listing fails.

    `after` is how many seconds it takes, None for the mock's own short while.
    """

    tools: tuple[McpTool, ...] | None = ()
    after: float | None = None
