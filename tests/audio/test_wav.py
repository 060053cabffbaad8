"""WAV files of every kind that programs write."""

import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.audio.wav import WavError, decode_wav, encode_wav, read_wav, write_wav

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def wav_file(frames: bytes, *, bits: int, channels: int = 1, rate: int = 24_000, encoding: int = PCM) -> bytes:
    size = channels * bits // 8
    layout = struct.pack("<HHIIHH", encoding, channels, rate, rate * size, size, bits)
    if encoding == EXTENSIBLE:
        layout += struct.pack("<HHIH", 22, bits, 0, PCM) + bytes(14)
    body = chunk(b"fmt ", layout) + chunk(b"LIST", b"INFOx") + chunk(b"data", frames)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


@given(st.binary(max_size=400).filter(lambda pcm: len(pcm) % 2 == 0), st.integers(1, 192_000))
def test_what_is_written_is_read(pcm: bytes, rate: int) -> None:
    assert decode_wav(encode_wav(pcm, rate=rate), name="x.wav") == (pcm, rate)


def test_a_file_is_written_and_read_by_its_path(tmp_path: Path) -> None:
    write_wav(tmp_path / "sound.wav", b"\1\2\3\4", rate=8_000)
    assert read_wav(tmp_path / "sound.wav") == (b"\1\2\3\4", 8_000)


def test_the_standard_library_reads_what_is_written(tmp_path: Path) -> None:
    write_wav(tmp_path / "sound.wav", b"\1\2\3\4", rate=48_000)
    with wave.open(str(tmp_path / "sound.wav")) as reader:
        assert (*reader.getparams()[:4], reader.readframes(9)) == (1, 2, 48_000, 2, b"\1\2\3\4")


@pytest.mark.parametrize(
    "bits, frames",
    [
        (8, bytes([128, 0, 255])),
        (16, struct.pack("<3h", 0, -32_768, 32_512)),
        (24, b"\0\0\0\0\0\x80\0\0\x7f"),
        (32, struct.pack("<3i", 0, -(2**31), 0x7F00 << 16)),
    ],
)
@pytest.mark.parametrize("encoding", [PCM, EXTENSIBLE])
def test_every_width_becomes_16_bits(bits: int, frames: bytes, encoding: int) -> None:
    data = wav_file(frames, bits=bits, encoding=encoding)
    assert decode_wav(data, name="x.wav") == (struct.pack("<3h", 0, -32_768, 0x7F00), 24_000)


def test_channels_are_averaged() -> None:
    data = wav_file(struct.pack("<4h", 100, 300, -32_768, 0), bits=16, channels=2)
    assert decode_wav(data, name="x.wav")[0] == struct.pack("<2h", 200, -16_384)


def test_a_half_written_frame_is_left_out() -> None:
    data = wav_file(struct.pack("<3h", 7, 7, 7), bits=16, channels=2)
    assert decode_wav(data, name="x.wav")[0] == struct.pack("<h", 7)


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF])
def test_a_file_from_a_pipe_is_read_to_its_end(size: int) -> None:
    data = encode_wav(b"\1\2\3\4", rate=24_000)
    assert decode_wav(data[:40] + struct.pack("<I", size) + data[44:], name="x.wav")[0] == b"\1\2\3\4"


@pytest.mark.parametrize(
    "data, problem",
    [
        (b"", "not a WAV file"),
        (b"ID3\4" + bytes(60), "not a WAV file"),
        (wav_file(bytes(8), bits=32, encoding=FLOAT), "encoding 3 with 32 bits"),
        (wav_file(bytes(8), bits=16, channels=0), "0 channels"),
        (encode_wav(bytes(8), rate=8_000)[:30], "cut short"),
        (encode_wav(bytes(8), rate=8_000)[:36], "without samples"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data: bytes, problem: str) -> None:
    with pytest.raises(WavError, match=f"^question.wav: .*{problem}"):
        decode_wav(data, name="question.wav")


@given(st.binary(max_size=80))
def test_no_bytes_after_a_good_beginning_break_the_reader(rest: bytes) -> None:
    try:
        pcm, rate = decode_wav(b"RIFF\0\0\0\0WAVE" + rest, name="x.wav")
    except WavError as error:
        assert str(error).startswith("x.wav: ")  # noqa: PT017 - either outcome is right
    else:
        assert len(pcm) % 2 == 0
        assert rate > 0
