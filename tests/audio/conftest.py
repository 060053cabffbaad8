"""Sounds whose every sample is known."""

from collections.abc import Callable

import numpy as np
import pytest

from realtime_mock.audio.pcm import pcm_of

Tone = Callable[..., bytes]


@pytest.fixture
def tone() -> Tone:
    """A function that gives a sine of a length, frequency, peak and rate as PCM."""

    def make(*, rate: int, frequency: float = 440.0, peak: float = 10_000.0, seconds: float = 1.0) -> bytes:
        moments = np.arange(round(rate * seconds)) / rate
        return pcm_of(peak * np.sin(2 * np.pi * frequency * moments))

    return make
