"""`realtime-mock speak` makes speech files for microphones that are files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from click.testing import Result

from realtime_mock.audio.wav import read_wav
from realtime_mock.hearing.ear import Ear
from realtime_mock.media.voice import default_voice
from realtime_mock.scenario.phrase import USER_VOICE

Invoke = Callable[..., Result]

TEXT = "What time is it?"
LONG = "".join(chr(0x3A9 + number * 37 % 500) for number in range(150))


def known(text: str, voice: str = USER_VOICE) -> bytes:
    return default_voice().speak(text, voice=voice, speed=1.0).pcm


def test_it_says_what_scenarios_know(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "question.wav"
    result = invoke("speak", TEXT, "-o", file)
    pcm, rate = read_wav(file)
    assert (result.exit_code, rate) == (0, 24_000)
    assert pcm == known(TEXT) + bytes(48_000)
    assert result.output == f"{file}: {len(pcm) / 48_000:.1f} s\n"


def test_a_file_for_chromium_has_48_khz_and_several_texts(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "all.wav"
    assert (
        invoke("speak", "Yes.", "No.", "-o", file, "--rate", 48_000, "--before", "2s", "--silence", "1500ms").exit_code
        == 0
    )
    pcm, rate = read_wav(file)
    seconds = 2 + 1.5 + 1.5 + len(known("Yes.") + known("No.")) / 48_000
    assert rate == 48_000
    assert len(pcm) / 96_000 == pytest.approx(seconds, abs=0.001)
    assert not any(pcm[: 96_000 * 19 // 10])


@pytest.mark.parametrize(("coding", "codec"), [("pcmu", "pcm_mulaw"), ("pcma", "pcm_alaw")])
def test_g711_comes_as_a_wav_or_as_bare_samples(invoke: Invoke, tmp_path: Path, coding: str, codec: str) -> None:
    wav, raw = tmp_path / "a.wav", tmp_path / "a.raw"
    for file in (wav, raw):
        assert invoke("speak", TEXT, "-o", file, "--format", coding).exit_code == 0
    with av.open(io.BytesIO(wav.read_bytes())) as opened:
        assert opened.streams.audio[0].codec_context.name == codec
    assert wav.read_bytes().endswith(raw.read_bytes() + bytes(len(raw.read_bytes()) % 2))
    assert len(raw.read_bytes()) == -(-(len(known(TEXT)) // 2 + 24_000) // 3)


def test_standard_output_gets_bare_samples(invoke: Invoke) -> None:
    result = invoke("speak", TEXT, "-o", "-", "--silence", 0)
    assert result.stdout_bytes == known(TEXT)


def test_another_voice_another_speed(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    assert invoke("speak", TEXT, "-o", file, "--voice", "coral", "--speed", 1.25, "--silence", 0).exit_code == 0
    assert read_wav(file)[0] == default_voice().speak(TEXT, voice="coral", speed=1.25).pcm


def test_a_beacon_carries_the_words(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    assert invoke("speak", "No scenario lists this.", "-o", file, "--beacon").exit_code == 0
    heard = Ear([]).hear(read_wav(file)[0])
    assert (heard.says, heard.via) == ("No scenario lists this.", "beacon")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--voice", "alloi"], "there is no voice 'alloi'; did you mean 'alloy'?"),
        (["--silence", "1h"], "'1h' is no duration up to 300 s; write 120ms, 1.5s, or 2 for seconds"),
        (["--before", "301"], "'301' is no duration"),
        (["--format", "pcmu", "--rate", "16000"], "G.711 has 8000 samples per second; leave the rate out"),
        (["--rate", "12345"], "'12345' is not one of"),
        (["--speed", "3"], "3.0 is not in the range"),
    ],
)
def test_what_cannot_be_said_is_told(invoke: Invoke, tmp_path: Path, options: list[str], fault: str) -> None:
    result = invoke("speak", TEXT, "-o", tmp_path / "a.wav", *options)
    assert (result.exit_code, fault in result.output) == (2, True), result.output


@pytest.mark.parametrize(("text", "option"), [("...", ()), (LONG, ("--beacon",))])
def test_a_text_without_sound_or_too_long_for_a_beacon_is_refused(
    invoke: Invoke, tmp_path: Path, text: str, option: tuple[str, ...]
) -> None:
    result = invoke("speak", text, "-o", tmp_path / "a.wav", *option)
    assert (result.exit_code, (tmp_path / "a.wav").exists()) == (2, False), result.output


def test_a_place_that_cannot_be_written_to_is_told(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("speak", TEXT, "-o", tmp_path / "none" / "a.wav")
    assert (result.exit_code, result.output) == (
        1,
        f"Error: cannot write {tmp_path / 'none' / 'a.wav'}: No such file or directory\n",
    )
