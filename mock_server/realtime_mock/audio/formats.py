"""Sound in the formats that programs under test read: PCM or G.711, as bare samples or as a WAV file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal, get_args

from realtime_mock.audio import g711
from realtime_mock.audio.pcm import resample

Coding = Literal["pcm", "pcmu", "pcma"]
CODINGS: tuple[Coding, ...] = get_args(Coding)
"""16-bit PCM, G.711 u-law, G.711 A-law; the API's names of them, without their `audio/`."""

RATES = (8_000, 16_000, 24_000, 32_000, 44_100, 48_000)
"""Samples per second that sound can be had in."""

USUAL_RATE = 24_000

_TAGS = {"pcm": 1, "pcma": 6, "pcmu": 7}


class FormatImpossible(ValueError):
    """There is no such sound; the text says what to ask for."""


@dataclass(frozen=True, slots=True)
class Format:
    """How samples are written. G.711 has 8000 of them in a second.

    Raises:
        FormatImpossible: nobody reads this.
    """

    coding: Coding = "pcm"
    rate: int = USUAL_RATE

    def __post_init__(self) -> None:
        if self.coding != "pcm" and self.rate != g711.SAMPLE_RATE:
            raise FormatImpossible(f"G.711 has {g711.SAMPLE_RATE} samples per second; leave the rate out")
        if self.rate not in RATES:
            raise FormatImpossible(f"{self.rate} samples per second are not made here; use one of {RATES}")

    def samples(self, pcm: bytes, *, source: int = USUAL_RATE) -> bytes:
        """16-bit PCM of `source` samples per second in this format."""
        converted = resample(pcm, source=source, target=self.rate)
        match self.coding:
            case "pcmu":
                return g711.encode_ulaw(converted)
            case "pcma":
                return g711.encode_alaw(converted)
            case _:
                return converted

    def wav(self, samples: bytes) -> bytes:
        """The WAV file of samples in this format."""
        bits = 16 if self.coding == "pcm" else 8
        layout = struct.pack("<HHIIHH", _TAGS[self.coding], 1, self.rate, self.rate * bits // 8, bits // 8, bits)
        chunks = [(b"fmt ", layout)]
        if self.coding != "pcm":
            # What is no PCM has the length of an extension, which is none, and tells how many samples there are.
            chunks = [(b"fmt ", layout + b"\0\0"), (b"fact", struct.pack("<I", len(samples)))]
        body = b"".join(map(_chunk, (*chunks, (b"data", samples))))
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def format_of(coding: Coding, rate: int | None) -> Format:
    """The format of this coding, at its usual rate unless another is asked for.

    Raises:
        FormatImpossible: there is none.
    """
    usual = USUAL_RATE if coding == "pcm" else g711.SAMPLE_RATE
    return Format(coding, usual if rate is None else rate)


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    """A chunk of a RIFF file, filled up to whole words."""
    name, content = chunk
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
