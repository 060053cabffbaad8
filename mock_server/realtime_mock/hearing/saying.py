"""What somebody says to a microphone that is a file: texts, one behind the other, with silence around them."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_mock.core.speech import BYTES_PER_MS, Voice
from realtime_mock.hearing.beacon import beacon
from realtime_mock.scenario.phrase import USER_VOICE

_GAP = bytes(100 * BYTES_PER_MS)
"""Silence between a beacon and the speech that it tells of."""


class NothingToSay(ValueError):
    """A text has no sound; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """Texts as they are said by a voice of the mock's.

    `before` is the silence before the first of them, `silence` that behind each, in seconds. With `has_beacon` tones
    ahead of each carry its words.
    """

    texts: tuple[str, ...]
    voice: str = USER_VOICE
    speed: float = 1.0
    before: float = 0.0
    silence: float = 0.0
    has_beacon: bool = False

    def pcm(self, voice: Voice) -> bytes:
        """The sound, 24 kHz.

        Raises:
            NothingToSay: a text has no sound.
            BeaconTooLong: a text is too long for a beacon.
        """
        behind = bytes(round(self.silence * 1000) * BYTES_PER_MS)
        sound = bytearray(round(self.before * 1000) * BYTES_PER_MS)
        for text in self.texts:
            if self.has_beacon:
                sound += beacon(text) + _GAP
            spoken = voice.speak(text, voice=self.voice, speed=self.speed).pcm
            if not any(spoken):
                raise NothingToSay(f"there is nothing to say in '{text}'; write words")
            sound += spoken + behind
        return bytes(sound)
