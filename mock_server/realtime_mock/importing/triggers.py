"""What each recorded response answered: a text, a spoken turn, the output of a function, or nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_mock.replay.recording import Event, Recording, at, text_at

Trigger = Mapping[str, Any]
"""The `on` of a rule."""

ANY: Trigger = {"type": "response.create"}


def triggers(recording: Recording) -> list[Trigger]:
    """For each response, in the order of their beginnings, what a rule for it has to match."""
    return list(_triggers(recording))


def _triggers(recording: Recording) -> Iterator[Trigger]:
    names: dict[str, str] = {}
    newest: Trigger = ANY
    spoken = 0
    for frame in recording.received:
        item = frame.event.get("item")
        match frame.type:
            case "conversation.item.added" | "conversation.item.created" if isinstance(item, dict):
                if _is_spoken(item):
                    spoken += 1
                newest = _trigger(item, names, spoken) or newest
            case "response.output_item.done" if text_at(item, "type") == "function_call":
                names[text_at(item, "call_id") or ""] = text_at(item, "name") or ""
            case "response.created":
                is_aside = text_at(frame.event, "response.conversation_id") is None
                yield ANY if is_aside else newest
                newest = newest if is_aside else ANY


def _trigger(item: Event, names: Mapping[str, str], spoken: int) -> Trigger | None:
    """The trigger that an item is; None for an item that asks for nothing."""
    if item.get("type") == "function_call_output":
        name = names.get(text_at(item, "call_id") or "")
        return {"function_output": {"name": name}} if name else {"function_output": "any"}
    if item.get("role") != "user":
        return None
    text = _text(item)
    if text.strip():
        return {"user_text": text}
    return {"speech": {"turn": spoken}} if _is_spoken(item) else None


def _is_spoken(item: Event) -> bool:
    return item.get("role") == "user" and any(at(part, "type") == "input_audio" for part in _parts(item))


def _text(item: Event) -> str:
    return " ".join(text_at(part, "text") or "" for part in _parts(item) if at(part, "type") == "input_text")


def _parts(item: Event) -> list[Any]:
    content = item.get("content")
    return content if isinstance(content, list) else []
