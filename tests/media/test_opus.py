"""Speech to Opus and back."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock.audio.pcm import dbfs, pcm_of, samples_of
from realtime_mock.media import codecs
from realtime_mock.media.codecs import OPUS
from realtime_mock.media.opus import SILENCE, OpusDecoder, encode
from realtime_mock.media.voice import tone_voice

TONE = pcm_of(8_000 * np.sin(2 * np.pi * 400 * np.arange(48_000) / 24_000))


def decode(packets: tuple[bytes, ...]) -> bytes:
    decoder = OpusDecoder()
    return b"".join(decoder.decode(packet) for packet in packets)


def test_a_tone_keeps_its_pitch_level_and_length() -> None:
    heard = decode(encode(TONE))
    middle = heard[9_600:-9_600]
    spectrum = np.abs(np.fft.rfft(samples_of(middle)))
    assert spectrum.argmax() * 24_000 / (len(middle) // 2) == pytest.approx(400, abs=1)
    assert dbfs(middle) == pytest.approx(dbfs(TONE), abs=0.5)
    assert 0 <= len(heard) - len(TONE) <= 2 * 960


def test_speech_keeps_its_level() -> None:
    speech = tone_voice().speak("What is the weather in Paris?", voice="alloy", speed=1.0).pcm
    assert dbfs(decode(encode(speech))) == pytest.approx(dbfs(speech), abs=1.0)


@given(st.integers(1, 5_000))
@settings(max_examples=20, deadline=None)
def test_packets_cover_the_speech_and_the_delay_of_the_codec(samples: int) -> None:
    assert len(encode(TONE[: 2 * samples])) == -(-(samples + 156) // 480)


def test_no_speech_is_no_packets() -> None:
    assert encode(b"") == encode(b"\1") == ()


def test_equal_speech_shares_one_encoding() -> None:
    assert OPUS.encode(TONE) is OPUS.encode(bytes(bytearray(TONE)))


def test_threads_get_the_same_encoding() -> None:
    speech = TONE[:24_000]
    with ThreadPoolExecutor(4) as threads:
        encodings = list(threads.map(OPUS.encode, [speech] * 8, timeout=60))
    assert len({id(packets) for packets in encodings}) == 1


def test_speech_takes_32_kbit_a_second() -> None:
    speech = tone_voice().speak("What is the weather in Paris?", voice="alloy", speed=1.0)
    bits = 8 * sum(len(packet) for packet in encode(speech.pcm))
    assert bits / speech.duration == pytest.approx(32_000, rel=0.15)


def test_the_cache_stays_within_its_bound() -> None:
    for number in range(6):
        OPUS.encode(TONE + bytes(2 * number))
    assert 0 < codecs._encoded.weight <= codecs._CACHE_BYTES


def test_the_silence_packet_is_20_ms_of_silence() -> None:
    decoder = OpusDecoder()
    decoder.decode(SILENCE)
    assert decoder.decode(SILENCE) == bytes(960)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_after_any_payload_the_decoder_still_decodes(payload: bytes) -> None:
    decoder = OpusDecoder()
    assert len(decoder.decode(payload)) % 2 == 0
    heard = b"".join(decoder.decode(packet) for packet in encode(TONE))
    # Random bytes are often valid Opus, and what they leave in the codec's memory fades slowly.
    assert dbfs(heard[48_000:-9_600]) == pytest.approx(dbfs(TONE), abs=3.0)


def test_what_is_not_opus_is_20_ms_of_silence() -> None:
    assert OpusDecoder().decode(b"\xff") == bytes(960)
    assert OpusDecoder().decode(b"") == b""
