"""Input transcription: what the service writes down of what it heard.

Nothing here recognises words. The transcript of speech says that there was speech and how long it was, so that a
client's handling of transcripts can be exercised; the deltas begin with a space that the transcript lacks
(recorded in five of six).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from realtime_mock.core import usage
from realtime_mock.core.agenda import Beat, Pause
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.pieces import pieces
from realtime_mock.core.stage import Stage

LATENCY = 0.3
"""Seconds from commit to the first delta. Recorded: 0.48 to 0.76 s to `completed`, often during the answer."""

_PREFIX = "conversation.item.input_audio_transcription"


def transcript_of(heard: float) -> str:
    """What is written for so many seconds of speech; nothing for silence."""
    return f"[speech, {heard:.1f} s]" if heard > 0 else ""


def transcribe(
    stage: Stage, item: ConversationItem, settings: Mapping[str, Any], *, seconds: float
) -> Generator[Beat, None, None]:
    """The transcription events of one committed item of so many seconds."""
    transcript = transcript_of(item.heard)
    yield Pause(stage.options.latency(LATENCY))
    place = {"item_id": item.id, "content_index": 0}
    for piece in pieces(f" {transcript}" if transcript else ""):
        yield stage.events.delta(f"{_PREFIX}.delta", delta=piece, **place)
    cost = usage.transcription_usage(settings.get("model"), seconds=seconds, transcript=transcript)
    yield stage.events.make(f"{_PREFIX}.completed", **place, transcript=transcript, usage=cost)
