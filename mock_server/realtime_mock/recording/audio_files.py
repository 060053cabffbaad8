"""The audio of a recording: one WAV file for each direction of a connection, in the format that was on the wire."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from realtime_mock.recording.entries import AUDIO_FIELDS, AudioSpan, Direction

_HEADER_BYTES = 44


@dataclass(frozen=True, slots=True)
class Encoding:
    """How samples are encoded; `tag` is that of the WAV format."""

    name: str
    tag: int
    rate: int
    bits: int


PCM = Encoding("audio/pcm", 1, 24_000, 16)
_ENCODINGS = {
    "audio/pcm": PCM,
    "pcm16": PCM,
    "audio/pcmu": Encoding("audio/pcmu", 7, 8_000, 8),
    "g711_ulaw": Encoding("audio/pcmu", 7, 8_000, 8),
    "audio/pcma": Encoding("audio/pcma", 6, 8_000, 8),
    "g711_alaw": Encoding("audio/pcma", 6, 8_000, 8),
}
"""By the names of both dialects."""

_WHERE: Mapping[Direction, tuple[str, str]] = {
    "sent": ("input", "input_audio_format"),
    "received": ("output", "output_audio_format"),
}


class AudioFiles:
    """Takes the audio out of one connection's events and keeps it in files whose names begin with `stem`."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._encodings: dict[Direction, Encoding] = {"sent": PCM, "received": PCM}
        self._files: dict[Direction, WavFile] = {}
        self._made: dict[Direction, int] = {"sent": 0, "received": 0}

    def take(self, event: Mapping[str, Any], direction: Direction) -> tuple[Mapping[str, Any], AudioSpan | None]:
        """The event without its audio, and where that is now. An event without audio is given back as it is."""
        self._watch(event)
        audio = audio_of(event)
        if audio is None:
            return event, None
        return without_audio(event), self._file(direction).append(audio)

    def close(self) -> None:
        """Complete the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _watch(self, event: Mapping[str, Any]) -> None:
        """A session's formats can change with each of its snapshots; another format begins another file."""
        if event.get("type") not in ("session.created", "session.updated"):
            return
        for direction in _WHERE:
            encoding = encoding_of(event.get("session"), direction)
            if encoding != self._encodings[direction]:
                self._encodings[direction] = encoding
                if direction in self._files:
                    self._files.pop(direction).close()

    def _file(self, direction: Direction) -> WavFile:
        if direction not in self._files:
            self._made[direction] += 1
            number = self._made[direction]
            name = f"{self._stem}-{direction}{f'-{number}' if number > 1 else ''}.wav"
            self._files[direction] = WavFile(self._folder / name, self._encodings[direction])
        return self._files[direction]


class WavFile:
    """A WAV file that grows. Its header tells no length before it is closed, as that of a stream."""

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._name = path.name
        self._encoding = encoding
        self._size = 0
        self._file: BinaryIO = path.open("xb")
        self._file.write(_header(encoding, 0))

    def append(self, samples: bytes) -> AudioSpan:
        """Add samples; tell where they stand."""
        span = AudioSpan(len(samples), self._name, self._size)
        self._file.write(samples)
        self._file.flush()
        self._size += len(samples)
        return span

    def close(self) -> None:
        """Write the length and close the file."""
        self._file.seek(0)
        self._file.write(_header(self._encoding, self._size))
        self._file.close()


def encoding_of(session: object, direction: Direction) -> Encoding:
    """The encoding that a session object gives for a direction; 24 kHz PCM where it gives none that is known."""
    side, flat = _WHERE[direction]
    name: object = session.get(flat) if isinstance(session, Mapping) else None
    value: object = session
    for key in ("audio", side, "format", "type"):
        value = value.get(key) if isinstance(value, Mapping) else None
    chosen = value or name
    return _ENCODINGS.get(chosen, PCM) if isinstance(chosen, str) else PCM


def audio_of(event: Mapping[str, Any]) -> bytes | None:
    """The audio that an event carries, or None where it has none or no valid base64."""
    key = AUDIO_FIELDS.get(str(event.get("type")))
    text = event.get(key) if key is not None else None
    if not isinstance(text, str):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def without_audio(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with an empty text for its audio."""
    return {**event, AUDIO_FIELDS[event["type"]]: ""}


def with_audio(event: Mapping[str, Any], span: AudioSpan, folder: Path) -> Mapping[str, Any]:
    """The event as it was on the wire; as it is where the file is not there.

    Raises:
        OSError: The file is there and cannot be read.
    """
    if span.file is None or not (folder / span.file).is_file():
        return event
    with (folder / span.file).open("rb") as file:
        file.seek(_HEADER_BYTES + span.start)
        samples = file.read(span.bytes)
    return {**event, AUDIO_FIELDS[event["type"]]: base64.b64encode(samples).decode()}


def _header(encoding: Encoding, size: int) -> bytes:
    block = encoding.bits // 8
    layout = struct.pack("<HHIIHH", encoding.tag, 1, encoding.rate, encoding.rate * block, block, encoding.bits)
    riff = b"RIFF" + struct.pack("<I", size + _HEADER_BYTES - 8 if size else 0) + b"WAVE"
    return riff + b"fmt " + struct.pack("<I", len(layout)) + layout + b"data" + struct.pack("<I", size)
