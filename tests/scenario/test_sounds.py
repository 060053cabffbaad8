"""What a `say` sounds like: voices, recordings, and what cannot be heard."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from realtime_mock.audio.wav import encode_wav, write_wav
from realtime_mock.core.speech import API_VOICES
from realtime_mock.scenario.loader import ScenarioError, load_scenario, parse_scenario
from realtime_mock.scenario.model import Say, Scenario

HEAD = "scenario: x\nrules:\n  - on: response.create\n    turns:\n      - say: "
SECOND = b"\x00\x10" * 24_000


def say_of(scenario: Scenario) -> Say:
    [step] = scenario.rules[0].turns[0].steps
    assert isinstance(step, Say)
    return step


def loaded(folder: Path, written: str) -> Say:
    (folder / "x.yaml").write_text(HEAD + written)
    return say_of(load_scenario(folder / "x.yaml"))


def error_of(folder: Path, written: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        loaded(folder, written)
    return str(caught.value).replace(str(folder), "~")


@pytest.mark.parametrize("name", [*API_VOICES, "voice_1234"])
def test_a_say_has_a_voice(name: str):
    assert say_of(parse_scenario(f"{HEAD}{{text: Hi, voice: {name}}}")).voice == name


def test_a_recording_lies_beside_its_scenario(tmp_path: Path):
    (tmp_path / "sounds").mkdir()
    write_wav(tmp_path / "sounds" / "hi.wav", SECOND, rate=24_000)
    recording = loaded(tmp_path, "{text: Hi, audio: sounds/hi.wav}").audio
    assert recording is not None
    assert (recording.file, recording.pcm) == ("sounds/hi.wav", SECOND)


def test_a_recording_is_heard_at_24_khz(tmp_path: Path):
    write_wav(tmp_path / "hi.wav", bytes(2 * 44_100), rate=44_100)
    recording = loaded(tmp_path, "{text: Hi, audio: hi.wav}").audio
    assert recording is not None
    assert len(recording.pcm) == 2 * 24_000


def test_a_recording_needs_a_scenario_in_a_file():
    with pytest.raises(ScenarioError, match=r"^scenario.yaml:5:32: the file 'hi.wav' cannot be found from here; give"):
        parse_scenario(f"{HEAD}{{text: Hi, audio: hi.wav}}")


def test_a_scenario_brings_a_recording_along():
    encoded = base64.b64encode(encode_wav(SECOND, rate=24_000)).decode()
    recording = say_of(parse_scenario(f'{HEAD}{{text: Hi, audio: "data:audio/wav;base64,{encoded}"}}')).audio
    assert recording is not None
    assert recording.pcm == SECOND


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("{text: Hi, voice: aloy}", "5:32: 'voice' cannot be 'aloy'; did you mean 'alloy'?"),
        ("{text: Hi, voice: 1}", "5:32: 'voice' must be text, not a number; put it in quotes"),
        (
            "{text: Hi, voice: ash, sound: markers}",
            "5:32: markers are tones, no voice; remove 'voice' or 'sound'",
        ),
        (
            "{text: Hi, voice: ash, audio: hi.wav}",
            "5:32: a recording is heard as it is; remove 'voice' or 'audio'",
        ),
        (
            "{text: Hi, audio: none.wav}",
            "5:32: 'none.wav' cannot be read: No such file or directory; its place is looked for at ~/none.wav",
        ),
        (
            "{text: Hi, audio: x.yaml}",
            "5:32: 'x.yaml': not a WAV file; give a PCM WAV of 8, 16, 24 or 32 bits",
        ),
        ('{text: Hi, audio: "a\\0b"}', "5:32: no file can have this name; write the name of a WAV file"),
        ("{text: Hi, audio: .}", "5:32: '.' is no file that holds a recording; name a WAV file"),
        (
            '{text: Hi, audio: "data:audio/wav;base64,?"}',
            "5:32: the data of this URL is not base64; encode the WAV file again",
        ),
        (
            '{text: Hi, audio: "data:audio/wav;base64,AAAA"}',
            "5:32: 'data:audio/wav;base64,': not a WAV file; give a PCM WAV of 8, 16, 24 or 32 bits",
        ),
        ("{text: Hi, audio: empty.wav}", "5:32: 'empty.wav' has no sound; record it again"),
        ("{text: Hi, audio: long.wav}", "5:32: 'long.wav' is longer than 300 seconds; cut it into several"),
        ("{text: Hi, audio: odd.wav}", "5:32: 'odd.wav' has 47999 samples per second; convert it to 24000"),
    ],
)
def test_a_sound_that_cannot_be(tmp_path: Path, written: str, error: str):
    write_wav(tmp_path / "empty.wav", b"", rate=24_000)
    write_wav(tmp_path / "long.wav", bytes(2 * 301 * 8_000), rate=8_000)
    write_wav(tmp_path / "odd.wav", bytes(100), rate=47_999)
    assert error_of(tmp_path, written) == f"~/x.yaml:{error}"
