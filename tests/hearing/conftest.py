"""Phrases in the voice that is installed, and how a line changes them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from realtime_mock.audio.pcm import pcm_of, samples_of
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.hearing.ear import Ear
from realtime_mock.media.voice import default_voice

PHRASES = (
    "what is the weather in Paris",
    "what is the weather in London",
    "set a timer for ten minutes",
    "set a timer for six minutes",
    "I want to speak to an agent",
    "stop",
    "yes please",
)
_VOICE = default_voice()


def spoken(text: str, *, voice: str = "echo") -> bytes:
    return _VOICE.speak(text, voice=voice, speed=1.0).pcm


def as_heard(pcm: bytes, *, gain_db: float = 0.0, noise_dbfs: float = -66.0, late: float = 0.31) -> bytes:
    """Speech as a microphone gives it: at another level, over noise, silence around it."""
    edges = np.zeros(int(late * SAMPLE_RATE)), np.zeros(int(0.5 * SAMPLE_RATE))
    sound = np.concatenate((edges[0], samples_of(pcm) * 10 ** (gain_db / 20), edges[1]))
    noise = np.random.RandomState(5).standard_normal(len(sound)) * 32768 * 10 ** (noise_dbfs / 20)
    return pcm_of(sound + noise)


@pytest.fixture(scope="session")
def ear() -> Ear:
    """An ear that knows `PHRASES`."""
    return Ear([(phrase, spoken(phrase)) for phrase in PHRASES])


@pytest.fixture(scope="session")
def over() -> Callable[..., bytes]:
    """`over(codec, pcm)`: 24 kHz PCM as it comes out of a call in this codec."""

    def carry(codec, pcm: bytes) -> bytes:
        return codec.new_decoder().decode(*codec.encode(pcm))

    return carry
