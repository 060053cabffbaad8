"""Where there is sound in a stream."""

from __future__ import annotations

import numpy as np
import pytest

from realtime_mock.spans import SpeechSpans

RATE = 24_000


def tone(seconds, *, level=0.1, rate=RATE):
    samples = np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * 300 / rate) * level * 32767
    return samples.astype("<i2").tobytes()


def silence(seconds, *, rate=RATE):
    return bytes(round(seconds * rate) * 2)


@pytest.mark.parametrize("piece", [100, 960, 4801, 10**9])
@pytest.mark.parametrize("rate", [8_000, 24_000])
def test_a_stretch_of_sound_is_found_however_it_comes(piece, rate):
    stream = silence(0.4, rate=rate) + tone(1, rate=rate) + silence(1, rate=rate)
    spans = SpeechSpans()

    found = [span for at in range(0, len(stream), piece) for span in spans.feed(stream[at : at + piece], rate=rate)]

    assert found == [{"start_ms": 400, "end_ms": 1400, "ms": 1000, "dbfs": -23.0}]


def test_a_pause_between_words_ends_nothing():
    spans = SpeechSpans()

    assert list(spans.feed(tone(0.2) + silence(0.4) + tone(0.2), rate=RATE)) == []
    assert spans.end()["ms"] == 800


def test_two_stretches_are_two():
    spans = SpeechSpans()

    found = list(spans.feed(tone(0.2) + silence(0.6) + tone(0.4) + silence(0.6), rate=RATE))

    assert [(span["start_ms"], span["end_ms"]) for span in found] == [(0, 200), (800, 1200)]


def test_the_noise_of_a_room_is_no_sound():
    spans = SpeechSpans()

    assert list(spans.feed(tone(1, level=0.003) + silence(1), rate=RATE)) == []
    assert spans.end() is None
