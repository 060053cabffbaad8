"""Token counts by the documented rules, with an estimate where only a tokenizer would know.

User audio is 1 token per 100 ms, assistant audio 1 per 50 ms, also when it comes back as input (documented).
Text is estimated at one token per four characters; each item adds two for its frame (documented as "a few").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_USER_MS_PER_TOKEN = 100
_ASSISTANT_MS_PER_TOKEN = 50
_CHARACTERS_PER_TOKEN = 4
_ITEM_FRAME_TOKENS = 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by kind."""

    text: int = 0
    audio: int = 0
    image: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.text + other.text, self.audio + other.audio, self.image + other.image)

    @property
    def total(self) -> int:
        """All kinds together."""
        return self.text + self.audio + self.image


def text_tokens(text: str) -> int:
    """The estimate for a text; an empty one is free."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def speech_tokens(milliseconds: float, *, by_assistant: bool) -> int:
    """Audio tokens of so much speech."""
    return int(milliseconds // (_ASSISTANT_MS_PER_TOKEN if by_assistant else _USER_MS_PER_TOKEN))


def item_tokens(item: Mapping[str, Any], *, audio_ms: float) -> Tokens:
    """What an item costs as input."""
    texts = [item.get(key) or "" for key in ("name", "arguments", "output")]
    images = 0
    for part in item.get("content") or ():
        texts += [part.get("text") or "", part.get("transcript") or ""]
        images += part.get("type") == "input_image"
    audio = speech_tokens(audio_ms, by_assistant=item.get("role") == "assistant")
    return Tokens(_ITEM_FRAME_TOKENS + sum(map(text_tokens, texts)), audio, images)


def prompt_tokens(instructions: str, tools: Iterable[Mapping[str, Any]]) -> Tokens:
    """What instructions and tools cost as input."""
    return Tokens(text_tokens(instructions) + sum(text_tokens(json.dumps(tool)) for tool in tools))


def response_usage(given: Tokens, made: Tokens, *, cached: Tokens) -> dict[str, Any]:
    """The `usage` object of a response; the sums hold by construction.

    A gpt-realtime-2 that has reasoned adds `reasoning_tokens`, and leaves the key out where it has not (both
    recorded, in no SDK). The mock never reasons.
    """
    return {
        "total_tokens": given.total + made.total,
        "input_tokens": given.total,
        "output_tokens": made.total,
        "input_token_details": {
            "text_tokens": given.text,
            "audio_tokens": given.audio,
            "image_tokens": given.image,
            "cached_tokens": cached.total,
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": cached.image,
            },
        },
        "output_token_details": {"text_tokens": made.text, "audio_tokens": made.audio},
    }


def transcription_usage(model: str | None, *, seconds: float, transcript: str) -> dict[str, Any]:
    """The `usage` of an input transcription: tokens for the gpt-4o family, else whole seconds (recorded)."""
    if not (model or "").startswith("gpt-4o"):
        return {"type": "duration", "seconds": int(-(-seconds // 1))}
    heard = speech_tokens(seconds * 1000, by_assistant=False)
    written = text_tokens(transcript)
    return {
        "type": "tokens",
        "total_tokens": heard + written,
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
    }
