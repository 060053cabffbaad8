"""Recorded speech that a scenario plays in place of a synthetic voice."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_SPEECH = 300
"""Seconds of one recording or silence."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV file: its name as the scenario has it, and its sound as 16-bit mono PCM at 24 kHz."""

    file: str
    pcm: bytes = field(repr=False)
