"""Speech as a value, and the interface of whatever makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 24_000
"""Samples per second of all PCM inside the mock: 16-bit little-endian, mono."""

API_VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
"""The voice names of the API; any other name (the id of a custom voice) takes the sound of one of them."""

BYTES_PER_MS = SAMPLE_RATE * 2 // 1000


@dataclass(frozen=True, slots=True)
class Speech:
    """Text as it sounds: 16-bit little-endian mono PCM at 24 kHz.

    `before` and `behind` are the seconds of silence at its beginning and its end that a script asked for.
    """

    text: str
    pcm: bytes
    before: float = 0.0
    behind: float = 0.0

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / (SAMPLE_RATE * 2)

    @property
    def spoken(self) -> float:
        """Seconds between the silence before and that behind."""
        return self.duration - self.before - self.behind

    def between(self, *, before: float, behind: float) -> Speech:
        """The same with so many seconds of silence around it, in whole milliseconds."""
        if not before and not behind:
            return self
        silent = [bytes(round(seconds * 1000) * BYTES_PER_MS) for seconds in (before, behind)]
        return Speech(self.text, silent[0] + self.pcm + silent[1], before=before, behind=behind)

    def beginning(self, part: float) -> Speech:
        """The first part (0 to 1) of the audio; the text stays whole."""
        return Speech(self.text, self.pcm[: int(len(self.pcm) * part) // 2 * 2])


class Voice(Protocol):
    """Turns text into speech. The same arguments always give the same bytes."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        """Say `text` with the API's voice name (`alloy`, ...) at `speed` (0.25 to 1.5)."""
        ...
