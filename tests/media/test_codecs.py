"""Codecs of calls: what every one of them promises."""

import pytest

from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.codecs import CODECS, OPUS, PCMA, PCMU, Codec
from realtime_mock.media.opus import ticks_in

SPEECH = b"\x10\x20\x10\xe0" * 5_000


@pytest.mark.parametrize("codec", CODECS.values())
def test_every_packet_holds_20_ms(codec: Codec) -> None:
    assert {codec.ticks_in(packet) for packet in (*codec.encode(SPEECH), codec.silence)} == {codec.ticks}
    assert codec.ticks * 50 == codec.clock_rate


@pytest.mark.parametrize("codec", CODECS.values())
def test_packets_cover_the_speech(codec: Codec) -> None:
    assert len(codec.encode(SPEECH)) == pytest.approx(len(SPEECH) / SAMPLE_RATE / 2 * 50, abs=1.5)
    assert codec.encode(b"") == ()


@pytest.mark.parametrize("codec", CODECS.values())
def test_what_was_encoded_is_known_and_shared(codec: Codec) -> None:
    speech = SPEECH + codec.name.encode() * 2
    assert codec.encoded(speech) is None
    packets = codec.encode(speech)
    assert codec.encoded(bytes(bytearray(speech))) is packets


def test_the_same_speech_is_kept_for_each_codec() -> None:
    assert len({PCMU.encode(SPEECH), PCMA.encode(SPEECH), OPUS.encode(SPEECH)}) == 3


@pytest.mark.parametrize(
    ("payload", "ticks"),
    [
        (b"", 0),
        (b"\xf8\xff\xfe", 960),
        (b"\x78", 960),
        (b"\x80", 120),
        (b"\x18", 2880),
        (b"\xf9" + bytes(10), 1920),
        (b"\xfa" + bytes(10), 1920),
        (b"\xfb\x03" + bytes(10), 2880),
        (b"\xfb", 0),
        (b"\x1b\x3f", 5760),
    ],
)
def test_an_opus_packet_says_how_long_it_is(payload: bytes, ticks: int) -> None:
    """By RFC 6716, section 3.1."""
    assert ticks_in(payload) == ticks
