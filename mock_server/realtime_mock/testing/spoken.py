"""Speech for a client under test, and what the mock understood of the client's."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BITS = {"audio/pcm": 16, "audio/pcmu": 8, "audio/pcma": 8}


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """Something said: its bare samples as `data`, and the whole WAV file of them as `wav`.

    `format` is the API's name of it; `rate` is samples per second.
    """

    text: str
    data: bytes = field(repr=False)
    wav: bytes = field(repr=False)
    format: str = "audio/pcm"
    rate: int = 24_000

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.data) * 8 / (_BITS[self.format] * self.rate)

    @property
    def base64(self) -> str:
        """What an `input_audio_buffer.append` takes as `audio`."""
        return base64.b64encode(self.data).decode()

    def pieces(self, seconds: float = 0.1) -> Iterator[bytes]:
        """The samples in pieces so long, as a microphone gives them."""
        size = max(1, round(seconds * self.rate)) * _BITS[self.format] // 8
        return (self.data[at : at + size] for at in range(0, len(self.data), size))

    def save(self, path: str | Path) -> Path:
        """Write the WAV file, such as for Chromium's `--use-file-for-fake-audio-capture`; where it is."""
        written = Path(path)
        written.write_bytes(self.wav)
        return written


@dataclass(frozen=True, slots=True)
class HeardWords:
    """What the mock understood of one spoken turn.

    `says` is the phrase of the scenario that was heard, None for speech that is none of them; `guess` is the nearest
    one in either case. `whole` and `worst`, 0 to 1, tell how alike the two are, and how alike where they are least so.
    `via` is `ear`, or `beacon` where tones carried the words.
    """

    says: str | None
    guess: str | None
    whole: float
    worst: float
    via: str
    item_id: str
    session_id: str | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any], *, session_id: str | None) -> HeardWords:
        """What an entry of the journal tells."""
        known = {name: told[name] for name in ("says", "guess", "whole", "worst", "via", "item_id")}
        return cls(**known, session_id=session_id)


def samples_of(wav: bytes) -> bytes:
    """The samples of a WAV file that the mock made."""
    at = 12
    while at + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, at)
        if name == b"data":
            return wav[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return b""
