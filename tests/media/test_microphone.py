"""What a client says, whole on its own clock, whatever was lost on the way."""

from collections.abc import Sequence

import numpy as np
import pytest

from realtime_mock.audio.pcm import dbfs, pcm_of
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.codecs import OPUS, PCMA, PCMU, Codec
from realtime_mock.media.microphone import BATCH, MAX_DEFERRED, Microphone
from realtime_mock.media.rtp import RtpPacket

TONE = pcm_of(8_000 * np.sin(2 * np.pi * 400 * np.arange(SAMPLE_RATE) / SAMPLE_RATE))
FRAME = 960
"""Bytes of 20 ms."""


class Ear:
    """Keeps what was heard."""

    def __init__(self, codec: Codec = OPUS) -> None:
        self.pieces: list[bytes] = []
        self.lost: list[tuple[int, int]] = []
        self.listens = True
        self.codec = codec
        self.microphone = Microphone(codec, hear=self._hear, listens=lambda: self.listens)

    def _hear(self, pcm: bytes, lost: Sequence[tuple[int, int]] = ()) -> None:
        at = len(self.heard) // 2
        self.lost += [(at + start, at + end) for start, end in lost]
        self.pieces.append(pcm)

    @property
    def heard(self) -> bytes:
        return b"".join(self.pieces)

    def take(self, number: int, payload: bytes, *, timestamp: int | None = None) -> None:
        stamp = number * self.codec.ticks if timestamp is None else timestamp
        self.microphone.take(RtpPacket(111, number & 0xFFFF, stamp & 0xFFFFFFFF, 7, payload))


@pytest.mark.parametrize("codec", [OPUS, PCMU, PCMA])
def test_speech_arrives_as_loud_and_as_long_as_it_was(codec: Codec) -> None:
    ear = Ear(codec)
    for number, payload in enumerate(codec.encode(TONE)):
        ear.take(number, payload)
    ear.microphone.flush()
    assert len(ear.heard) == pytest.approx(len(TONE), abs=2 * FRAME)
    assert dbfs(ear.heard[9600:-9600]) == pytest.approx(dbfs(TONE), abs=0.5)


@pytest.mark.parametrize("codec", [OPUS, PCMU, PCMA])
def test_the_stream_is_as_long_as_if_nothing_had_been_lost(codec: Codec) -> None:
    whole, holed = Ear(codec), Ear(codec)
    for number, payload in enumerate(codec.encode(TONE)):
        whole.take(number, payload)
        if number not in {3, 10, 11, 12, 13, 14, 15}:
            holed.take(number, payload)
    for ear in (whole, holed):
        ear.microphone.flush()
    # The rate of G.711 is converted in blocks: up to one of them is held back.
    assert len(holed.heard) == pytest.approx(len(whole.heard), abs=0 if codec is OPUS else 2 * 36)
    assert holed.microphone.concealed == 140


def test_one_lost_packet_is_no_hole_and_many_fade_to_silence() -> None:
    ear = Ear()
    packets = OPUS.encode(TONE)
    for number in (*range(20), 21, *range(30, 40)):
        ear.take(number, packets[number])
    ear.microphone.flush()
    levels = [dbfs(ear.heard[at : at + FRAME]) for at in range(0, 40 * FRAME, FRAME)]
    assert levels[20] > dbfs(TONE) - 9
    assert levels[22] > levels[23] > levels[24] > levels[25] == -120.0
    frame = FRAME // 2
    assert ear.lost == [(20 * frame, 21 * frame), (22 * frame, 30 * frame)]


def test_a_pause_of_the_client_is_silence_and_no_loss() -> None:
    ear = Ear()
    ear.take(0, OPUS.silence)
    ear.take(1, OPUS.silence, timestamp=51 * 960)
    ear.microphone.flush()
    assert (len(ear.heard), ear.microphone.concealed, ear.lost) == (52 * FRAME, 0, [])


def test_a_timestamp_far_ahead_or_behind_begins_anew() -> None:
    ear = Ear()
    for number, timestamp in enumerate((0, 2**31 - 1, 5, 965)):
        ear.take(number, OPUS.silence, timestamp=timestamp)
    ear.microphone.flush()
    assert len(ear.heard) == 4 * FRAME


def test_timestamps_wrap() -> None:
    ear = Ear()
    for number in range(3):
        ear.take(number, OPUS.silence, timestamp=2**32 - 960 + number * 960)
    ear.microphone.flush()
    assert len(ear.heard) == 3 * FRAME


def test_gaps_of_a_fraction_of_a_sample_add_up() -> None:
    ear = Ear()
    for number in range(4):
        ear.take(number, OPUS.silence, timestamp=number * 961)
    ear.microphone.flush()
    assert len(ear.heard) == 4 * FRAME + 2


def test_while_nobody_listens_nothing_is_decoded() -> None:
    ear = Ear()
    ear.listens = False
    for number, payload in enumerate(OPUS.encode(TONE)):
        ear.take(number, payload)
    assert ear.pieces == []


def test_what_was_kept_is_heard_before_what_follows() -> None:
    late, early = Ear(), Ear()
    late.listens = False
    for number, payload in enumerate(OPUS.encode(TONE)):
        late.listens = number > 30
        late.take(number, payload)
        early.take(number, payload)
    late.microphone.flush()
    early.microphone.flush()
    assert late.heard == early.heard


def test_a_flush_gives_everything() -> None:
    ear = Ear()
    ear.listens = False
    ear.take(0, OPUS.silence)
    ear.take(2, OPUS.silence)
    ear.microphone.flush()
    assert len(ear.heard) == 3 * FRAME


def test_what_is_kept_has_a_bound() -> None:
    ear = Ear(PCMU)
    ear.listens = False
    for number in range(MAX_DEFERRED + 3 * BATCH):
        ear.take(number, PCMU.silence)
        assert len(ear.microphone._deferred) <= MAX_DEFERRED
    assert len(ear.pieces) == 3


def test_a_few_packets_are_heard_together() -> None:
    ear = Ear()
    for number in range(3 * BATCH - 1):
        ear.take(number, OPUS.silence)
    assert [len(piece) for piece in ear.pieces] == [BATCH * FRAME, BATCH * FRAME]


def test_payloads_that_are_not_opus_are_silence() -> None:
    ear = Ear()
    for number, payload in enumerate((b"\xff", b"", OPUS.silence)):
        ear.take(number, payload)
    assert dbfs(ear.heard) == -120.0
