"""What a client let the mock hear."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from realtime_mock.testing.journal import JournalEntry

APPEND = "input_audio_buffer.append"
SESSIONS = ("session.created", "session.updated")

_BYTES_PER_SECOND = {"audio/pcm": 48_000, "audio/pcmu": 8_000, "audio/pcma": 8_000}
"""By the format of the session's input audio: 24 kHz of 16 bits, 8 kHz of 8 bits."""

_DEFAULT = "audio/pcm"


@dataclass(frozen=True, slots=True)
class HeardAudio:
    """Audio that a client appended: the bytes as they came, and how many seconds they last."""

    data: bytes = b""
    seconds: float = 0.0


def heard(events: Iterable[JournalEntry]) -> HeardAudio:
    """The audio of the appends among these events, one after the other; those that were refused are not heard.

    The sessions' own events among them tell in which format it came.
    """
    formats: dict[str | None, str] = {}
    pieces: list[bytes] = []
    seconds = 0.0
    for entry in events:
        if entry.type in SESSIONS:
            formats[entry.session_id] = _format_of(entry)
        elif entry.type == APPEND and entry.valid:
            pieces.append(base64.b64decode(entry["audio"]))
            seconds += len(pieces[-1]) / _BYTES_PER_SECOND[formats.get(entry.session_id, _DEFAULT)]
    return HeardAudio(b"".join(pieces), round(seconds, 6))


def _format_of(entry: JournalEntry) -> str:
    """The input format that a session's event tells; a session without input audio has the usual one."""
    audio = entry.get("session", {}).get("audio") or {}
    told = ((audio.get("input") or {}).get("format") or {}).get("type", _DEFAULT)
    return told if told in _BYTES_PER_SECOND else _DEFAULT
