"""Items, their parts and responses: beta fills the keys that a type does not use with null.

Client values are valid by their beta schemas. Server values are read without trust, since a scenario may have
written them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_mock.dialects.beta_sessions import beta_format, beta_voice, mapping

ITEM_TYPES = frozenset({"message", "function_call", "function_call_output"})
"""What an item can be in beta, which knows no MCP."""

_GA_PARTS = {"text": "output_text", "audio": "output_audio"}
_BETA_PARTS = {ga: beta for beta, ga in _GA_PARTS.items()}


def ga_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item that a client sends, as GA has it: without the nulls, with the parts of the model renamed."""
    if item["type"] == "item_reference":
        return {"type": item["type"], "id": item["id"]}
    kept = {key: value for key, value in item.items() if value is not None}
    if "content" in kept:
        kept["content"] = [_ga_part(part) for part in kept["content"]]
    return kept


def is_beta_item(item: object) -> bool:
    """Whether beta knows items of this type."""
    return mapping(item).get("type") in ITEM_TYPES


def beta_item(item: object) -> object:
    """An item of ours as beta has it, keys in the recorded order."""
    if not isinstance(item, Mapping):
        return item
    content = item.get("content")
    return {
        "id": item.get("id"),
        "object": "realtime.item",
        "type": item.get("type"),
        "status": item.get("status"),
        "role": item.get("role"),
        "content": [_beta_part(part) for part in content if _is_known(part)] if isinstance(content, list) else content,
        "call_id": item.get("call_id"),
        "name": item.get("name"),
        "arguments": item.get("arguments"),
        "output": item.get("output"),
    }


def beta_content_part(part: object) -> object:
    """The `part` of `response.content_part.*`, whose types are the same in both dialects."""
    given = mapping(part)
    return {"type": given.get("type"), **{key: given.get(key) for key in ("text", "audio", "transcript")}}


def beta_response(response: object, *, modalities: object, temperature: float) -> object:
    """A response of ours as beta has it: flat, its status details whole, no images in its usage."""
    if not isinstance(response, Mapping):
        return response
    output = response.get("output")
    audio = mapping(mapping(response.get("audio")).get("output"))
    return {
        "object": response.get("object"),
        "id": response.get("id"),
        "status": response.get("status"),
        "status_details": _status_details(response.get("status_details")),
        "output": [beta_item(item) for item in output if is_beta_item(item)] if isinstance(output, list) else output,
        "conversation_id": response.get("conversation_id"),
        "modalities": modalities,
        "voice": beta_voice(audio.get("voice")),
        "output_audio_format": beta_format(audio.get("format")),
        "temperature": temperature,
        "max_output_tokens": response.get("max_output_tokens"),
        "usage": _usage(response.get("usage")),
        "metadata": response.get("metadata"),
    }


def _ga_part(part: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in part.items() if value is not None and key != "id"}
    return {**kept, "type": _GA_PARTS.get(kept["type"], kept["type"])}


def _is_known(part: object) -> bool:
    """Whether beta has this part: it has no images."""
    return mapping(part).get("type") != "input_image"


def _beta_part(part: object) -> object:
    if not isinstance(part, Mapping):
        return part
    kind = part.get("type")
    name = _BETA_PARTS.get(kind, kind) if isinstance(kind, str) else kind
    return {"id": None, "type": name, **{key: part.get(key) for key in ("text", "audio", "transcript")}}


def _status_details(details: object) -> object:
    if not isinstance(details, Mapping):
        return details
    return {"type": details.get("type"), "reason": details.get("reason"), "error": details.get("error")}


def _usage(usage: object) -> object:
    if not isinstance(usage, Mapping):
        return usage
    made = mapping(usage.get("output_token_details"))
    read = mapping(usage.get("input_token_details"))
    cached = mapping(read.get("cached_tokens_details"))
    return {
        **{key: usage.get(key) for key in ("total_tokens", "input_tokens", "output_tokens")},
        "input_token_details": {
            **{key: read.get(key) for key in ("text_tokens", "audio_tokens", "cached_tokens")},
            "cached_tokens_details": {key: cached.get(key) for key in ("text_tokens", "audio_tokens")},
        },
        "output_token_details": {key: made.get(key) for key in ("text_tokens", "audio_tokens")},
    }
