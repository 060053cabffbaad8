"""The WAV files that users feed to microphones."""

import re
from pathlib import Path

import pytest

from realtime_mock._resources import fixtures_dir
from realtime_mock.audio.pcm import dbfs, resample
from realtime_mock.audio.wav import read_wav
from realtime_mock.core.vad import EnergyDetector, SpeechStarted, SpeechStopped

AUDIO = Path(fixtures_dir()) / "audio"
FILES = pytest.mark.parametrize("name, rate", [("question.wav", 48_000), ("question-24k.wav", 24_000)])


@FILES
def test_a_question_is_one_turn_with_silence_around(name: str, rate: int) -> None:
    pcm, actual_rate = read_wav(AUDIO / name)
    assert actual_rate == rate
    heard = resample(pcm, source=rate, target=24_000)
    events = list(EnergyDetector().detect(heard, threshold=0.5, silence_duration_ms=500))
    assert [type(event) for event in events] == [SpeechStarted, SpeechStopped]
    assert 480 <= events[0].at_ms <= 600


@FILES
def test_a_question_is_loud_between_its_silences(name: str, rate: int) -> None:
    pcm, _ = read_wav(AUDIO / name)
    speech = pcm[rate : len(pcm) - 3 * rate]
    assert dbfs(speech) == pytest.approx(-20.0, abs=1.5)
    assert dbfs(pcm[: rate * 96 // 100]) < -80.0


def test_the_read_me_names_every_file() -> None:
    named = set(re.findall(r"^\| `([^`]+)`", (AUDIO / "README.md").read_text(), re.MULTILINE))
    assert named == {path.name for path in AUDIO.glob("*.wav")}
    assert all(path.stat().st_size < 400_000 for path in AUDIO.iterdir())
