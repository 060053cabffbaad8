"""Rules about the audio that a client sends."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from realtime_mock.lint.findings import Fault
from realtime_mock.lint.session import APPEND, Session, audio_bytes, length_ms
from realtime_mock.recording.audio_files import audio_of
from realtime_mock.recording.entries import Entry

MINIMUM_COMMIT_MS = 100
"""The shortest audio that can be committed (recorded)."""

_FILES = {b"RIFF": "a WAV file", b"OggS": "an Ogg file", b"fLaC": "a FLAC file", b"ID3": "an MP3 file"}
_WEBM = b"\x1a\x45\xdf\xa3"
_RATES = {
    0.5: "12 kHz",
    1 / 3: "8 kHz",
    2 / 3: "16 kHz",
    1.8375: "44.1 kHz",
    2.0: "48 kHz, or two channels",
    4.0: "two channels at 48 kHz",
}
"""The speed at which PCM of another rate comes, relative to 24 kHz, when it is sent as it is spoken."""

_TOLERANCE = 0.04
_SHORTEST_STREAM = 3.0
"""Seconds of appends from which a rate is guessed."""

_FLOATS = 400
"""Values that are looked at to tell floats."""


def commit_empty(entry: Entry, session: Session) -> Iterator[Fault]:
    """A commit of too little audio."""
    if entry.direction != "sent" or entry.type != "input_audio_buffer.commit" or session.audio_is_cut:
        return
    if session.is_call:
        return  # The audio of a call is not in its events.
    encoding = session.input_encoding
    buffered = length_ms(session.appended_bytes, encoding)
    # With turn detection the service keeps or drops parts of what was appended.
    if buffered >= MINIMUM_COMMIT_MS or (session.detects_turns and session.appended_bytes):
        return
    what = f"{session.appended_bytes} bytes of {encoding.name} at {encoding.rate} Hz, one channel"
    advice = "append at least 100 ms before a commit; with turn detection, leave the commit to the service"
    yield Fault(f"{buffered:.0f} ms of audio are in the buffer ({what})", advice)


def audio_in_a_file(entry: Entry, _session: Session) -> Iterator[Fault]:
    """A file with its header, where bare samples are expected: it is heard as noise."""
    audio = _beginning(entry, 12)
    kind = next((name for magic, name in _FILES.items() if audio.startswith(magic)), None)
    if audio.startswith(_WEBM):
        kind = "a WebM file"
    if kind is not None:
        yield Fault(
            f"the audio begins like {kind}", "decode it, and send bare samples in the session's format", "audio"
        )


def odd_audio(entry: Entry, session: Session) -> Iterator[Fault]:
    """16-bit samples that end within one: what follows is heard as noise, unless the next append makes up for it."""
    size = audio_bytes(entry) if _is_append(entry) else 0
    if size % 2 and session.input_encoding.bits == 16 and not session.audio_is_cut:
        yield Fault(f"{size} bytes are no whole number of 16-bit samples", "cut audio between samples", "audio")


def float_audio(entry: Entry, session: Session) -> Iterator[Fault]:
    """32-bit floats, as audio comes from a browser, where 16-bit integers are expected."""
    if session.input_encoding.bits != 16 or session.appended_bytes:
        return
    audio = _beginning(entry, _FLOATS * 4)[: _FLOATS * 4]
    values = struct.unpack(f"<{len(audio) // 4}f", audio[: len(audio) // 4 * 4])
    plausible = [value for value in values if 1e-6 < abs(value) <= 1.0]
    if len(values) >= _FLOATS // 4 and len(plausible) > 0.9 * len(values):
        yield Fault("the samples look like 32-bit floats", "convert them to 16-bit integers, little-endian", "audio")


def audio_rate(entry: Entry, session: Session) -> Iterator[Fault]:
    """Audio that comes at the speed of another sample rate.

    Told once, when there is enough of it.
    """
    if not _is_append(entry) or session.audio_is_cut or len(session.appended) < 2:
        return
    began, now = session.appended[0][0], entry.after if entry.after is not None else entry.at
    before = session.appended[-1][0]
    if now is None or not before - began < _SHORTEST_STREAM <= now - began:
        return
    encoding = session.input_encoding
    sent = sum(size for _, size in session.appended)
    speed = length_ms(sent, encoding) / 1000 / (now - began)
    guess = next((name for rate, name in _RATES.items() if abs(speed / rate - 1) <= _TOLERANCE), None)
    if guess is None or encoding.bits != 16:
        return
    advice = (
        f"resample to {encoding.rate} Hz and one channel, unless audio is meant to come at {speed:.2f} times its speed"
    )
    yield Fault(
        f"audio comes at {sent / (now - began):.0f} bytes per second, which is that of {guess}", advice, "audio"
    )


def _is_append(entry: Entry) -> bool:
    return entry.direction == "sent" and entry.type == APPEND


def _beginning(entry: Entry, size: int) -> bytes:
    """The first bytes of the audio of an append; at least `size` of them, where there are so many."""
    text = entry.data.get("audio") if _is_append(entry) else None
    if not isinstance(text, str):
        return b""
    return audio_of({**entry.data, "audio": text[: (size + 2) // 3 * 4]}) or b""
