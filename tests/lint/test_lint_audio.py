"""What is wrong with the audio that a client sends."""

from __future__ import annotations

import numpy as np
import pytest

from realtime_mock.audio.wav import encode_wav
from realtime_mock.recording.entries import AudioSpan

from .conftest import SECOND, Talk

SPEECH = (np.sin(np.arange(24_000) * 0.05) * np.linspace(100, 12_000, 24_000)).astype("<i2").tobytes()


def test_a_commit_of_nothing_says_what_it_found(talk: Talk):
    talk.sent("input_audio_buffer.commit")
    (finding,) = talk.findings()
    assert finding.rule == "commit-empty"
    assert finding.fault.message == ("0 ms of audio are in the buffer (0 bytes of audio/pcm at 24000 Hz, one channel)")


@pytest.mark.parametrize("milliseconds, found", [(99, ["commit-empty"]), (100, [])])
def test_a_commit_needs_100_ms(talk: Talk, milliseconds: int, found: list[str]):
    talk.appended(SPEECH[: milliseconds * 48])
    talk.sent("input_audio_buffer.commit")
    assert talk.found == found


@pytest.mark.parametrize("emptied", ["input_audio_buffer.commit", "input_audio_buffer.clear"])
def test_a_buffer_that_was_emptied_is_empty(talk: Talk, emptied: str):
    talk.appended(SPEECH)
    talk.sent(emptied)
    talk.sent("input_audio_buffer.commit")
    assert talk.found == ["commit-empty"]


def test_with_turn_detection_only_a_commit_of_nothing_at_all_is_found():
    talk = Talk()
    talk.opened(audio={"input": {"turn_detection": {"type": "server_vad"}}})
    talk.appended(SPEECH[:96])
    talk.sent("input_audio_buffer.commit")
    assert talk.found == []
    talk.received("input_audio_buffer.committed", item_id="item_1")
    talk.sent("input_audio_buffer.commit")
    assert talk.found == ["commit-empty"]


@pytest.mark.parametrize("hint", ["channel", "path", "playback"])
def test_the_audio_of_a_call_is_in_no_event(talk: Talk, hint: str):
    if hint == "channel":
        talk.add("message", {"type": "session.update", "session": {"type": "realtime"}}, "sent", channel="data-channel")
    elif hint == "path":
        talk.add("open", {"path": "/v1/realtime?call_id=rtc_1"})
    else:
        talk.received("output_audio_buffer.started")
    talk.sent("input_audio_buffer.commit")
    assert talk.found == []


def test_audio_in_files_beside_the_lines_counts(talk: Talk):
    talk.add("message", {"type": "input_audio_buffer.append", "audio": ""}, "sent", audio=AudioSpan(SECOND))
    talk.sent("input_audio_buffer.commit")
    assert talk.found == []


@pytest.mark.parametrize(
    "audio, kind",
    [
        (encode_wav(SPEECH, rate=24_000), "a WAV file"),
        (b"OggS" + bytes(96), "an Ogg file"),
        (b"ID3\x04" + bytes(96), "MP3"),
    ],
)
def test_a_file_is_no_audio(talk: Talk, audio: bytes, kind: str):
    talk.appended(audio)
    (finding,) = talk.findings()
    assert (finding.rule, finding.severity) == ("audio-in-a-file", "warning")
    assert kind in finding.fault.message


def test_half_a_sample_is_found_where_samples_have_two_bytes(talk: Talk):
    talk.appended(SPEECH[:4801])
    assert talk.found == ["odd-audio"]
    other = Talk()
    other.opened(audio={"input": {"format": {"type": "audio/pcmu"}}})
    other.appended(SPEECH[:4801])
    assert other.found == []


def test_floats_are_told_from_integers(talk: Talk):
    talk.appended(SPEECH)
    assert talk.found == []
    other = Talk()
    other.opened()
    other.appended((np.frombuffer(SPEECH, "<i2") / 32_768).astype("<f4").tobytes())
    assert other.found == ["float-audio"]


@pytest.mark.parametrize(
    "rate, channels, guess", [(24_000, 1, None), (16_000, 1, "16 kHz"), (8_000, 1, "8 kHz"), (48_000, 1, "48 kHz")]
)
def test_audio_that_comes_at_another_rate_is_found(talk: Talk, rate: int, channels: int, guess: str | None):
    for _ in range(50):
        talk.appended(SPEECH[: rate * channels * 2 // 10])
        talk.now += 0.09
    findings = talk.findings()
    assert [finding.rule for finding in findings] == ([] if guess is None else ["audio-rate"])
    assert all(str(guess) in finding.fault.message for finding in findings)


def test_a_file_that_is_sent_at_once_has_no_rate(talk: Talk):
    for _ in range(50):
        talk.appended(SPEECH[:4800])
    assert talk.found == []
