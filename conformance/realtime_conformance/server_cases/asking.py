"""What cases ask a server for: any model can give it, and so can a mock that quotes what it was told."""

from __future__ import annotations

from typing import Any

from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import Event, of_type, response_id

TEXT: dict[str, Any] = {"output_modalities": ["text"]}
"""A session, or a response, that answers in writing."""

LONG = "Tell me a long story, at least ten sentences. It is about a lighthouse, a storm, and a cat."
"""A request whose answer takes long enough to be interrupted."""

LOOK: dict[str, Any] = {
    "type": "function",
    "name": "look_up",
    "description": "Looks something up.",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
}
"""A tool that any question fits."""

COUNT: dict[str, Any] = {
    "type": "function",
    "name": "count_letters",
    "description": "Counts the letters of a word.",
    "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
}
"""Another one."""


def message(text: str, **fields: Any) -> dict[str, Any]:
    """A user message, as an item."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


def calling(tool: dict[str, Any]) -> dict[str, Any]:
    """What makes a response call this function."""
    return {"tools": [tool], "tool_choice": {"type": "function", "name": tool["name"]}}


async def begin(session: Dialogue, **response: Any) -> Event:
    """Ask for a long written answer and wait until it is being given; what comes back is its `response.created`."""
    await session.write(LONG)
    await session.send("response.create", **({"response": response} if response else {}))
    created = await session.until("response.created")
    await session.until("response.output_text.delta")
    return created


async def end_of(session: Dialogue, created: Event) -> Event:
    """The `response.done` of a response, which may have come already."""
    named = response_id(created)
    came = [event for event in of_type(session.events, "response.done") if response_id(event) == named]
    return came[0] if came else await session.until("response.done", where=lambda event: response_id(event) == named)
