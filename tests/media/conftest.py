"""Voices for the tests of the media plane."""

import importlib.util

import pytest

from realtime_mock.core.speech import Voice
from realtime_mock.media.voice import default_voice, tone_voice

ESPEAK = pytest.param(
    "espeak",
    marks=pytest.mark.skipif(
        importlib.util.find_spec("espeakng_loader") is None,
        reason="espeakng-loader is not installed (realtime-mock[speech])",
    ),
)


@pytest.fixture(scope="session", params=["tones", ESPEAK])
def voice(request: pytest.FixtureRequest) -> Voice:
    """Both voices in turn."""
    return tone_voice() if request.param == "tones" else default_voice()
