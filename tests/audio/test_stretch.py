"""Slower speech at the same pitch."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.audio.pcm import dbfs, samples_of
from realtime_mock.audio.stretch import stretch


def test_a_stretched_tone_keeps_its_pitch_and_level(tone: Callable[..., bytes]) -> None:
    stretched = stretch(tone(rate=24_000, frequency=200.0), factor=2.5, rate=24_000)
    middle = samples_of(stretched)[6_000:54_000]
    assert np.abs(np.fft.rfft(middle)).argmax() / 2 == 200.0
    assert dbfs(stretched[12_000:-12_000]) == pytest.approx(dbfs(tone(rate=24_000)), abs=0.3)


@given(st.binary(max_size=6_000), st.floats(1.0, 4.0))
def test_any_sound_gets_as_long_as_asked(pcm: bytes, factor: float) -> None:
    stretched = stretch(pcm[: len(pcm) // 2 * 2], factor=factor, rate=8_000)
    assert len(stretched) == 2 * round(len(pcm) // 2 * factor)


@given(st.binary(max_size=400), st.floats(0.1, 1.0))
def test_it_never_shortens(pcm: bytes, factor: float) -> None:
    assert stretch(pcm, factor=factor, rate=24_000) == pcm
