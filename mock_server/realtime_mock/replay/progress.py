"""How far a session has come: the measure that places what a client sent among what the server sends."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_mock.replay.recording import Event

TRANSCRIPTION = "conversation.item.input_audio_transcription."
RATE_LIMITS = "rate_limits.updated"
AUDIO_DELTA = "response.output_audio.delta"


@dataclass(frozen=True, slots=True)
class Progress:
    """So many events of the main line, and so many characters of text in the deltas of responses."""

    events: int = 0
    characters: int = 0

    def behind(self, event: Event) -> Progress:
        """The progress once `event` has been sent too."""
        if is_main(event):
            return Progress(self.events + 1, self.characters)
        if is_delta(event) and is_response(event) and event["type"] != AUDIO_DELTA:
            return Progress(self.events, self.characters + len(event["delta"]))
        return self

    def has_reached(self, other: Progress) -> bool:
        """Whether this is at least as far as `other`, in both."""
        return self.events >= other.events and self.characters >= other.characters


def is_main(event: Event) -> bool:
    """Whether an event belongs to the main line."""
    return not (is_delta(event) or is_transcription(event) or event["type"] == RATE_LIMITS)


def is_delta(event: Event) -> bool:
    """Whether an event is a delta: a piece of an item."""
    return str(event["type"]).endswith(".delta") and isinstance(event.get("item_id"), str)


def is_response(event: Event) -> bool:
    """Whether an event belongs to a response."""
    return str(event["type"]).startswith("response.")


def is_transcription(event: Event) -> bool:
    """Whether an event belongs to the transcription of what the user said."""
    return str(event["type"]).startswith(TRANSCRIPTION)
