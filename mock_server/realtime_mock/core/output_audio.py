"""Generated speech on its way out: in which order transcript and audio leave, and in which format."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.audio import g711, pcm
from realtime_mock.core.pieces import chunks, pieces
from realtime_mock.core.speech import BYTES_PER_MS, SAMPLE_RATE, Speech

CHUNK_MS = 150
"""Speech per audio delta: small enough for clients that limit a message to 1 MiB, by far."""

_TRANSCRIPT_LEAD = 0.6
"""The transcript is written in this part of the time that the speech takes (recorded: it runs ahead)."""


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """One audio delta: its 24 kHz PCM, and the same as base64 text in the session's output format."""

    pcm: bytes
    delta: str


def timeline(
    text: str, speech: Speech, *, audio_format: Mapping[str, Any] | None, transcript: str = "ahead"
) -> list[tuple[float, str | AudioDelta]]:
    """Pieces of the transcript and chunks of audio in the order they leave, each with its second of the speech.

    A chunk leaves when it has been made, at its end; without a format the audio takes another way. The transcript
    leaves `ahead` of it as on the service, or whole: `early` before it, `late` after it. Silence has no transcript.
    """
    entries: list[tuple[float, str | AudioDelta]] = []
    if audio_format is not None:
        for number, chunk in enumerate(_deltas(speech, audio_format), start=1):
            entries.append((min(number * CHUNK_MS / 1000, speech.duration), chunk))
    written = pieces(text)
    step = speech.spoken * _TRANSCRIPT_LEAD / max(len(written), 1) if transcript == "ahead" else 0.0
    begin = {"ahead": speech.before, "early": 0.0, "late": speech.duration}[transcript]
    words: list[tuple[float, str | AudioDelta]] = [(begin + at * step, piece) for at, piece in enumerate(written)]
    # The sort is stable: at the same moment a late transcript stays behind the audio, any other before it.
    return sorted(entries + words if transcript == "late" else words + entries, key=lambda entry: entry[0])


def _deltas(speech: Speech, audio_format: Mapping[str, Any]) -> list[AudioDelta]:
    """The speech is encoded whole and then cut, so that no filter sees the cuts."""
    encoded, bytes_per_ms = _encode(speech.pcm, audio_format["type"])
    plain = chunks(speech.pcm, CHUNK_MS * BYTES_PER_MS)
    wire = chunks(encoded, CHUNK_MS * bytes_per_ms)
    return [AudioDelta(cut, base64.b64encode(sent).decode()) for cut, sent in zip(plain, wire, strict=False)]


def _encode(audio: bytes, format_type: str) -> tuple[bytes, int]:
    """Audio in an output format, and how many bytes of it make a millisecond."""
    if format_type == "audio/pcm":
        return audio, BYTES_PER_MS
    narrow = pcm.resample(audio, source=SAMPLE_RATE, target=8000)
    encoder = g711.encode_ulaw if format_type == "audio/pcmu" else g711.encode_alaw
    return encoder(narrow), 8
