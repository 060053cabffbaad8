"""The least that a recorded server event must hold for a replay to follow it; schemas would ask for too much."""

from __future__ import annotations

from realtime_mock.replay.progress import TRANSCRIPTION, is_transcription
from realtime_mock.replay.recording import Event, at

_NAMES = {dict: "an object", list: "a list", str: "a string", int: "an integer"}

_OF_DELTAS: dict[str, type] = {"item_id": str, "delta": str}
_OF_TRANSCRIPTION_DELTAS: dict[str, type] = {"item_id": str}

_NEEDED: dict[str, dict[str, type]] = {
    "session.created": {"session": dict, "session.audio.input": dict},
    "session.updated": {"session": dict, "session.audio.input": dict},
    "conversation.item.added": {"item.id": str, "item.type": str},
    "conversation.item.done": {"item.id": str, "item.type": str},
    "conversation.item.truncated": {"item_id": str, "audio_end_ms": int},
    "input_audio_buffer.speech_started": {"item_id": str, "audio_start_ms": int},
    "input_audio_buffer.speech_stopped": {"item_id": str, "audio_end_ms": int},
    "input_audio_buffer.timeout_triggered": {"item_id": str},
    "input_audio_buffer.committed": {"item_id": str},
    "response.created": {"response.id": str},
    "response.done": {"response.id": str, "response.output": list},
    "response.output_item.added": {"response_id": str, "item.id": str, "item.type": str},
    "response.output_item.done": {"response_id": str, "item.id": str, "item.type": str},
    "response.content_part.added": {"item_id": str, "part.type": str},
    "rate_limits.updated": {"rate_limits": list},
    f"{TRANSCRIPTION}completed": {"item_id": str, "transcript": str},
    f"{TRANSCRIPTION}failed": {"item_id": str, "error": dict},
}
"""Paths, and the type of what they lead to."""


def shape_fault(event: Event) -> str | None:
    """What a server event lacks, as a sentence, or None."""
    for path, kind in _needed(event).items():
        value = at(event, path)
        if not isinstance(value, kind) or isinstance(value, bool):
            return f"{event['type']} needs {_NAMES[kind]} at '{path}'"
    return None


def _needed(event: Event) -> dict[str, type]:
    if str(event["type"]).endswith(".delta"):
        return _OF_TRANSCRIPTION_DELTAS if is_transcription(event) else _OF_DELTAS
    return _NEEDED.get(event["type"], {})
