"""WAV files to and from 16-bit mono PCM.

Reading walks the file's chunks itself: the standard library's reader refuses, on Python 3.11,
the extensible header that most programs write for 24 bits.
"""

from __future__ import annotations

import io
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from realtime_mock.audio.pcm import Floats, pcm_of

_PCM = 0x0001
_EXTENSIBLE = 0xFFFE


class WavError(ValueError):
    """A file is not a WAV this project reads; the text names the file and says what to do."""


def read_wav(path: str | Path) -> tuple[bytes, int]:
    """Read a PCM WAV file of 8, 16, 24 or 32 bits as 16-bit mono PCM and its sample rate.

    Several channels are averaged.

    Raises:
        WavError: the file is not such a WAV.
        OSError: the file cannot be read.
    """
    return decode_wav(Path(path).read_bytes(), name=str(path))


def decode_wav(data: bytes, *, name: str) -> tuple[bytes, int]:
    """Do what `read_wav` does for the bytes of a file; `name` is what errors call it."""
    layout, body = _parse(data, name)
    frames = len(body) // layout.frame_bytes
    channels = _to_16_bits(body[: frames * layout.frame_bytes], layout.bits).reshape(frames, layout.channels)
    return pcm_of(channels.mean(axis=1)), layout.rate


def write_wav(path: str | Path, pcm: bytes, *, rate: int) -> None:
    """Write 16-bit mono PCM as a WAV file."""
    Path(path).write_bytes(encode_wav(pcm, rate=rate))


def encode_wav(pcm: bytes, *, rate: int) -> bytes:
    """Give the bytes of a WAV file of 16-bit mono PCM."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm[: len(pcm) // 2 * 2])
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the header of a WAV file says about its samples."""

    channels: int
    rate: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def _parse(data: bytes, name: str) -> tuple[_Layout, bytes]:
    """Find the header and the samples of a WAV file."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError(f"{name}: not a WAV file; give a PCM WAV of 8, 16, 24 or 32 bits")
    layout: _Layout | None = None
    position = 12
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        # A program that writes to a pipe cannot know the size and leaves 0 or the largest number.
        body = data[position + 8 :] if kind == b"data" and size == 0 else data[position + 8 : position + 8 + size]
        if kind == b"fmt ":
            layout = _parse_layout(body, name)
        elif kind == b"data" and layout is not None:
            return layout, body
        position += 8 + size + size % 2
    raise WavError(f"{name}: a WAV file without {'samples' if layout else 'a format'}; it may have been cut short")


def _parse_layout(body: bytes, name: str) -> _Layout:
    """Read the format chunk, and refuse what is not plain PCM."""
    if len(body) < 16:
        raise WavError(f"{name}: the WAV format is cut short; write the file again")
    encoding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if encoding == _EXTENSIBLE and len(body) >= 26:
        encoding = struct.unpack_from("<H", body, 24)[0]
    if encoding != _PCM or bits not in (8, 16, 24, 32) or channels == 0 or rate == 0:
        raise WavError(
            f"{name}: WAV encoding {encoding} with {bits} bits, {channels} channels at {rate} Hz is not read here; "
            "convert it to 16-bit PCM"
        )
    return _Layout(channels, rate, bits)


def _to_16_bits(body: bytes, bits: int) -> Floats:
    """Scale samples of any width to the range of 16 bits. 8-bit samples are unsigned, as the format has it."""
    if bits == 8:
        return (np.frombuffer(body, np.uint8).astype(np.float64) - 128.0) * 256.0
    if bits == 24:
        parts = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        return ((parts[:, 0] << 8 | parts[:, 1] << 16 | parts[:, 2] << 24) >> 8) / 256.0
    samples = np.frombuffer(body, "<i2" if bits == 16 else "<i4")
    return samples / (1.0 if bits == 16 else 65536.0)
