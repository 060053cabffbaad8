"""The steps in which the tools of MCP servers are listed and called."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_conformance.events import item_id
from realtime_conformance.order.fields import Stream

_NEEDS = {
    "mcp_list_tools.in_progress": "conversation.item.added",
    "mcp_list_tools.completed": "mcp_list_tools.in_progress",
    "mcp_list_tools.failed": "mcp_list_tools.in_progress",
    "response.mcp_call.in_progress": "response.mcp_call_arguments.done",
    "response.mcp_call.completed": "response.mcp_call.in_progress",
    "response.mcp_call.failed": "response.mcp_call_arguments.done",
}
"""What must have come before. A call that is refused fails without having been in progress (UNSURE)."""


def mcp_takes_its_steps(stream: Stream) -> Iterator[tuple[int, str]]:
    """Tools of an MCP server are listed and called in steps; each step comes once, and there is one end."""
    seen: set[tuple[str, str]] = set()
    for place, event in enumerate(stream):
        step, named = event["type"], item_id(event)
        if step in _NEEDS:
            if (_NEEDS[step], named) not in seen:
                yield place, f"{step} of {named} without {_NEEDS[step]}"
            same = {step, step.replace("failed", "completed"), step.replace("completed", "failed")}
            if any((one, named) in seen for one in same):
                yield place, f"{step} of {named} after that or another end"
        seen.add((step, named))
