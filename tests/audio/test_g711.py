"""G.711 against the values of the recommendation."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.audio import g711
from realtime_mock.audio.pcm import dbfs, pcm_of, samples_of

Codec = Callable[[bytes], bytes]

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(65_536, dtype="<u2").tobytes()

LAWS = pytest.mark.parametrize(
    "encode, decode",
    [(g711.encode_ulaw, g711.decode_ulaw), (g711.encode_alaw, g711.decode_alaw)],
    ids=["ulaw", "alaw"],
)


def test_ulaw_decodes_the_table_of_the_recommendation() -> None:
    codes = bytes([0xFF, 0xFE, 0xEF, 0xDF, 0xBF, 0x8F, 0x80, 0x7F, 0x7E, 0x00])
    assert list(samples_of(g711.decode_ulaw(codes))) == [0, 8, 132, 396, 1980, 16764, 32124, 0, -8, -32124]


def test_alaw_decodes_the_table_of_the_recommendation() -> None:
    codes = bytes([0xD5, 0xD4, 0xC5, 0xF5, 0x95, 0xAA, 0x55, 0x54, 0x2A])
    assert list(samples_of(g711.decode_alaw(codes))) == [8, 24, 264, 528, 2112, 32256, -8, -24, -32256]


def test_encoding_picks_the_codes_of_the_recommendation() -> None:
    samples = pcm_of(np.array([0.0, 32_767.0, -32_768.0, 8.0, -9.0]))
    assert g711.encode_ulaw(samples) == bytes([0xFF, 0x80, 0x00, 0xFE, 0x7E])
    assert g711.encode_alaw(samples) == bytes([0xD5, 0xAA, 0x2A, 0xD5, 0x55])


@pytest.mark.parametrize(
    "decode, period, level",
    [
        (g711.decode_ulaw, "1e0b0b1e9e8b8b9e", -3.01 - 3.17),
        (g711.decode_alaw, "34212134b4a1a1b4", -3.01 - 3.14),
    ],
    ids=["ulaw", "alaw"],
)
def test_the_digital_milliwatt_has_its_level(decode: Codec, period: str, level: float) -> None:
    # G.711, tables 5 and 6: a sine of 1 kHz at 0 dBm0; full scale is +3.17 and +3.14 dBm0.
    assert dbfs(decode(bytes.fromhex(period))) == pytest.approx(level, abs=0.06)


@LAWS
def test_a_decoded_sound_survives_another_round_unchanged(encode: Codec, decode: Codec) -> None:
    once = decode(EVERY_CODE)
    assert decode(encode(once)) == once


@LAWS
def test_the_error_is_at_most_a_step_of_the_chord(encode: Codec, decode: Codec) -> None:
    samples = samples_of(EVERY_SAMPLE)
    error = np.abs(samples_of(decode(encode(EVERY_SAMPLE))) - samples)
    assert (error <= np.maximum(np.abs(samples) / 32, 8) + 4).sum() >= 65_536 - 2 * 650  # the rest is clipped
    assert error.max() <= 644


@LAWS
def test_louder_samples_never_decode_quieter(encode: Codec, decode: Codec) -> None:
    ordered = np.arange(-32_768, 32_768).astype("<i2").tobytes()
    assert (np.diff(samples_of(decode(encode(ordered)))) >= 0).all()


@given(st.binary(max_size=300))
def test_each_sample_is_one_byte(data: bytes) -> None:
    assert len(g711.encode_ulaw(data)) == len(g711.encode_alaw(data)) == len(data) // 2
    assert len(g711.decode_ulaw(data)) == len(g711.decode_alaw(data)) == len(data) * 2


def test_the_standard_library_agreed_while_it_had_a_codec() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        audioop = pytest.importorskip("audioop", reason="audioop left the standard library in Python 3.13")
    assert g711.decode_ulaw(EVERY_CODE) == audioop.ulaw2lin(EVERY_CODE, 2)
    assert g711.decode_alaw(EVERY_CODE) == audioop.alaw2lin(EVERY_CODE, 2)
    assert g711.encode_alaw(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE, 2)
    # audioop negates where the ITU's software complements; the halves from 0 up are the same.
    assert g711.encode_ulaw(EVERY_SAMPLE)[:32_768] == audioop.lin2ulaw(EVERY_SAMPLE, 2)[:32_768]
