"""Speech as a value, and the interface of whatever makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

SAMPLE_RATE = 24_000
"""Samples per second of all PCM inside the mock: 16-bit little-endian, mono."""

BYTES_PER_MS = SAMPLE_RATE * 2 // 1000


@dataclass(frozen=True, slots=True)
class Speech:
    """Text as it sounds: 16-bit little-endian mono PCM at 24 kHz."""

    text: str
    pcm: bytes

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.pcm) / (SAMPLE_RATE * 2)

    def beginning(self, part: float) -> Speech:
        """The first part (0 to 1) of the audio; the text stays whole."""
        return Speech(self.text, self.pcm[: int(len(self.pcm) * part) // 2 * 2])


class Voice(Protocol):
    """Turns text into speech. The same arguments always give the same bytes."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        """Say `text` with the API's voice name (`alloy`, ...) at `speed` (0.25 to 1.5)."""
        ...
