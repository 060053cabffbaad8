"""Arguments for a function call that satisfy the tool's own JSON Schema."""

from __future__ import annotations


def for_tool(parameters: object, text: str) -> str:
    """The JSON text of arguments for a tool with these `parameters`."""
    return "{}"
