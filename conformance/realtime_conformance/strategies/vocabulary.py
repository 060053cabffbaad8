"""What clients say, one event at a time: strategies for client events that mean something to a server that knows them.

Unlike `client_events` these are few and to the point: the fields that change what a server does, with values that
differ in effect. `$item`, `$call`, `$response` and `$approval` stand for ids that only the conversation tells; a
`ClientView` fills them in. All of them are valid by their schemas, on a call; what they ask for may still be refused.
"""

from __future__ import annotations

import math
from array import array
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[dict[str, Any]]

SAMPLE_RATE = 24_000

FUNCTION = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"at": {}}}}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example/sse"}
MCP_FREE = {**MCP, "require_approval": "never"}
MCP_AWAY = {"type": "mcp", "server_label": "mail", "server_url": "https://mail.example/sse"}
TOOLS = st.sampled_from([[], [FUNCTION], [FUNCTION, MCP], [MCP_FREE]])
CHOICES = st.sampled_from(["auto", "none", "required", {"type": "function", "name": "look"}])
FORMATS = st.sampled_from([{"type": "audio/pcm", "rate": 24000}, {"type": "audio/pcmu"}, {"type": "audio/pcma"}])
LIMITS = st.sampled_from(["inf", 1, 10, 60, 4096])
MODALITIES = st.sampled_from([["text"], ["audio"]])
DETECTIONS = (
    st.none()
    | st.fixed_dictionaries(
        {"type": st.just("server_vad")},
        optional={
            "threshold": st.sampled_from([0, 0.5, 1]),
            "prefix_padding_ms": st.sampled_from([0, 300, 5000]),
            "silence_duration_ms": st.sampled_from([0, 200, 500, 3000]),
            "idle_timeout_ms": st.sampled_from([None, 5000]),
            "create_response": st.booleans(),
            "interrupt_response": st.booleans(),
        },
    )
    | st.fixed_dictionaries(
        {"type": st.just("semantic_vad")}, optional={"eagerness": st.sampled_from(["low", "high", "auto"])}
    )
)
TRANSCRIPTIONS = st.none() | st.fixed_dictionaries(
    {"model": st.sampled_from(["whisper-1", "gpt-4o-transcribe", "gpt-live-transcribe", "gpt-4o-transcribe-diarize"])},
    optional={"languages": st.just(["en"])},
)
_INPUTS = st.fixed_dictionaries(
    {}, optional={"turn_detection": DETECTIONS, "transcription": TRANSCRIPTIONS, "format": FORMATS}
)
_OUTPUTS = st.fixed_dictionaries({}, optional={"voice": st.sampled_from(["cedar", "alloy"]), "format": FORMATS})
SESSIONS = st.fixed_dictionaries(
    {"type": st.just("realtime")},
    optional={
        "instructions": st.sampled_from(["", "Be brief.", "x" * 3000]),
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "output_modalities": MODALITIES,
        "max_output_tokens": LIMITS,
        "truncation": st.sampled_from(["auto", "disabled", {"type": "retention_ratio", "retention_ratio": 0.5}]),
        "include": st.sampled_from([None, ["item.input_audio_transcription.logprobs"]]),
        "audio": st.fixed_dictionaries({}, optional={"input": _INPUTS, "output": _OUTPUTS}),
    },
)
PARTS = st.sampled_from(
    [
        {"type": "input_text", "text": "Please look."},
        {"type": "input_text", "text": "search"},
        {"type": "input_audio", "audio": "AAAA"},
    ]
)
ITEMS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("message"), "role": st.just("user"), "content": st.lists(PARTS, max_size=2)},
        optional={"id": st.sampled_from(["mine", "$item"])},
    ),
    st.sampled_from(
        [
            {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "x" * 4000}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
            {"type": "function_call", "name": "look", "arguments": "{}", "call_id": "call_mine"},
            {"type": "function_call_output", "call_id": "$call", "output": "Sun."},
            {"type": "mcp_approval_response", "id": "answer_1", "approval_request_id": "$approval", "approve": True},
            {
                "type": "mcp_approval_response",
                "id": "answer_2",
                "approval_request_id": "$approval",
                "approve": False,
                "reason": "No.",
            },
        ]
    ),
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none"]),
        "output_modalities": MODALITIES,
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "instructions": st.just("Shout."),
        "max_output_tokens": LIMITS,
        "metadata": st.none() | st.just({"a": "b"}),
        "input": st.lists(ITEMS | st.just({"type": "item_reference", "id": "$item"}), max_size=2),
        "audio": st.builds(lambda audio_format: {"output": {"format": audio_format}}, FORMATS),
    },
)
PLACES = st.sampled_from([None, "root", "$item", "nowhere"])
ITEM_IDS = st.sampled_from(["$item"] * 5 + ["nowhere"])


def updating(session: dict[str, Any]) -> dict[str, Any]:
    """The event that changes the session so."""
    return {"type": "session.update", "session": session}


def creating(item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The event that adds this item to the conversation."""
    return {"type": "conversation.item.create", "item": item, **fields}


def asking(**response: Any) -> dict[str, Any]:
    """The event that asks for a response, by default of the session's own kind."""
    return {"type": "response.create", **({"response": response} if response else {})}


def cutting(item_id: str, audio_end_ms: int) -> dict[str, Any]:
    """The event that tells how much of an item was heard."""
    return {"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms}


UPDATES: Strategy = st.builds(updating, SESSIONS)
CREATIONS: Strategy = st.builds(lambda item, place: creating(item, previous_item_id=place), ITEMS, PLACES)
CHANGES: Strategy = st.one_of(
    st.builds(lambda item: {"type": "conversation.item.delete", "item_id": item}, ITEM_IDS),
    st.builds(lambda item: {"type": "conversation.item.retrieve", "item_id": item}, ITEM_IDS),
    st.builds(cutting, ITEM_IDS, st.sampled_from([0, 1, 200, 10**6])),
)
CREATES: Strategy = st.just(asking()) | st.builds(lambda response: asking(**response), RESPONSES)
SIGNALS: Strategy = st.sampled_from(
    [
        {"type": "response.cancel"},
        {"type": "response.cancel", "response_id": "$response"},
        {"type": "input_audio_buffer.commit"},
        {"type": "input_audio_buffer.clear"},
        {"type": "output_audio_buffer.clear"},
    ]
)
PAUSES = st.sampled_from([0.001, 0.05, 0.3, 1.0, 6.0])
"""Seconds between what a client does: inside one delta, between deltas, about a turn, after everything."""

WHICH = st.integers(0, 5)
"""Which of the known ids a placeholder stands for, counted from the newest."""


def answering(*, approve: bool) -> dict[str, Any]:
    """The event that answers a request to call a tool of an MCP server."""
    item = {"type": "mcp_approval_response", "id": "answer", "approval_request_id": "$approval", "approve": approve}
    return creating(item)


@lru_cache(maxsize=1)
def _second_of_speech() -> bytes:
    samples = (int(math.sin(at * 0.1) * 8000) for at in range(SAMPLE_RATE))
    return array("h", samples).tobytes()


SOUNDS = (
    "nothing",
    "half a sample",
    "a click",
    "0.1 s of speech",
    "1 s of speech",
    "0.1 s of silence",
    "0.5 s of silence",
    "2 s of silence",
)
"""What a microphone hears; `pcm` has the samples."""


def pcm(sound: str) -> bytes:
    """The samples of one of `SOUNDS`: 24 kHz, 16-bit, mono. Speech is a tone that a detector takes for speech."""
    match sound.split():
        case ["nothing"]:
            return b""
        case ["half", *_]:
            return b"\x01"
        case ["a", "click"]:
            return _second_of_speech()[:1001]
        case [seconds, "s", "of", "speech"]:
            return _second_of_speech()[: int(float(seconds) * SAMPLE_RATE) * 2]
        case [seconds, "s", "of", "silence"]:
            return bytes(int(float(seconds) * SAMPLE_RATE) * 2)
        case _:
            raise ValueError(f"no sound is called {sound!r}; there are {', '.join(SOUNDS)}")
