"""Text that tones carry, read out of what was heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock.hearing.beacon import BeaconTooLong, beacon
from realtime_mock.hearing.beacon_reader import read_beacon
from realtime_mock.hearing.ear import Ear
from realtime_mock.hearing.saying import Said
from realtime_mock.hearing.spectrum import at_telephone_rate
from realtime_mock.media.codecs import OPUS, PCMU
from realtime_mock.media.voice import tone_voice

from .conftest import as_heard, spoken

TEXT = "I live at 12 Grünstraße, in the 3rd house"


def read(pcm: bytes) -> str | None:
    found = read_beacon(at_telephone_rate(pcm))
    return None if found is None else found.text


@settings(deadline=None, max_examples=25)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_text_is_read_as_it_was_written(text: str):
    assert read(as_heard(beacon(text))) == text


@pytest.mark.parametrize("codec", [OPUS, PCMU], ids=["opus", "pcmu"])
def test_it_is_read_behind_a_codec(over, codec):
    assert read(over(codec, as_heard(beacon(TEXT), gain_db=-15.0))) == TEXT


def test_it_is_read_where_packets_were_lost():
    sound = np.frombuffer(as_heard(beacon(TEXT)), "<i2").copy()
    for start in range(9_000, len(sound), 9_600):
        sound[start : start + 480] = 0
    assert read(sound.tobytes()) == TEXT


def test_speech_and_noise_are_no_beacon():
    noise = (np.random.RandomState(1).standard_normal(72_000) * 3000).astype("<i2").tobytes()
    assert read(as_heard(spoken("what is the weather in Paris"))) is None
    assert read(noise) is None
    assert read(b"") is None


def test_half_a_beacon_is_none():
    assert read(as_heard(beacon(TEXT)[: 24_000 * 2 * 4 // 10])) is None


def test_one_copy_of_three_is_enough():
    pcm = beacon(TEXT)
    assert read(as_heard(pcm[: len(pcm) // 4 * 2])) == TEXT


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(BeaconTooLong, match="about 150 letters"):
        beacon("".join(chr(0x4E00 + number * 37 % 5000) for number in range(90)))


def test_a_beacon_goes_before_what_the_speech_sounds_like():
    said = Said(("anything at all",), has_beacon=True).pcm(tone_voice())
    heard = Ear([("stop", spoken("stop"))]).hear(as_heard(said))
    assert (heard.says, heard.via) == ("anything at all", "beacon")


def test_the_same_text_is_the_same_sound():
    assert beacon("hello") == beacon("hello")
