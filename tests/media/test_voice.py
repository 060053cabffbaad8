"""What both voices promise."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_mock.audio.pcm import dbfs
from realtime_mock.core.speech import Speech, Voice
from realtime_mock.core.vad import EnergyDetector, SpeechStarted, SpeechStopped
from realtime_mock.media.loudness import LEVEL_DBFS, LONGEST_PAUSE_MS
from realtime_mock.media.tones import ToneSynthesizer
from realtime_mock.media.voice import API_VOICES, MAX_SECONDS, SHORTEST_MS, SentenceVoice, default_voice, tone_voice

QUESTION = "What is the weather in Paris?"
LONG = "First, open the door, then close it again. Finally (after 22.5 seconds): tell me — honestly — what you saw!"


def speak(voice: Voice, text: str, *, name: str = "alloy", speed: float = 1.0) -> Speech:
    return voice.speak(text, voice=name, speed=speed)


def turns(pcm: bytes) -> list[type]:
    """What the detector finds in speech that a second of silence surrounds."""
    second = bytes(48_000)
    events = EnergyDetector().detect(second + pcm + second, threshold=0.5, silence_duration_ms=200)
    return [type(event) for event in events]


def test_the_same_words_always_sound_the_same(voice: Voice) -> None:
    other = SentenceVoice(voice._synthesizer)  # type: ignore[attr-defined]
    first = speak(voice, QUESTION)
    speak(other, "Something else came in between.", name="verse")
    assert speak(other, QUESTION) == first


def test_speech_heard_before_is_not_made_again(voice: Voice) -> None:
    assert speak(voice, QUESTION) is speak(voice, QUESTION)


def test_every_voice_of_the_api_sounds_different(voice: Voice) -> None:
    assert len({speak(voice, QUESTION, name=name).pcm for name in API_VOICES}) == len(API_VOICES)


def test_an_unknown_voice_speaks_too(voice: Voice) -> None:
    assert speak(voice, QUESTION, name="voice_\ud800").duration > 1.0


def test_different_words_sound_different(voice: Voice) -> None:
    assert speak(voice, "Yes, please.").pcm != speak(voice, "Yes, thanks.").pcm


@pytest.mark.parametrize("speed, share", [(0.25, 4.0), (0.5, 2.0), (0.8, 1.25), (1.25, 0.8), (1.5, 0.67)])
def test_speed_divides_the_length(voice: Voice, speed: float, share: float) -> None:
    usual = speak(voice, QUESTION).duration
    assert speak(voice, QUESTION, speed=speed).duration == pytest.approx(usual * share, rel=0.15)


@pytest.mark.parametrize("beyond, bound", [(9.0, 1.5), (0.0, 0.25), (float("nan"), 1.5)])
def test_a_speed_out_of_range_is_taken_as_the_bound(voice: Voice, beyond: float, bound: float) -> None:
    assert speak(voice, "Hello.", speed=beyond) == speak(voice, "Hello.", speed=bound)


def test_length_grows_with_the_text(voice: Voice) -> None:
    once, thrice = speak(voice, QUESTION).duration, speak(voice, " ".join([QUESTION] * 3)).duration
    assert thrice == pytest.approx(3 * once, rel=0.25)


@pytest.mark.parametrize("name", API_VOICES)
def test_every_voice_is_as_loud(voice: Voice, name: str) -> None:
    assert dbfs(speak(voice, LONG, name=name).pcm) == pytest.approx(LEVEL_DBFS, abs=2.0)


@pytest.mark.parametrize("text", [QUESTION, LONG, "No.", 'You said: "Hello", I heard 2.5 seconds of speech.'])
@pytest.mark.parametrize("speed", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("name", ["alloy", "ash", "shimmer"])
def test_an_utterance_is_one_turn_to_the_detector(voice: Voice, text: str, speed: float, name: str) -> None:
    assert turns(speak(voice, text, name=name, speed=speed).pcm) == [SpeechStarted, SpeechStopped]


def test_no_pause_is_long(voice: Voice) -> None:
    pcm = speak(voice, LONG, speed=0.25).pcm
    longest = bytes((LONGEST_PAUSE_MS + 20) * 48)
    assert longest not in pcm


def test_no_text_is_no_speech(voice: Voice) -> None:
    assert speak(voice, "") == Speech("", b"")


@pytest.mark.parametrize("text", ["...", " ", "\n\n", "\0", "\ud800", "\u200d", "\ue000", "\ufffe"])
def test_text_without_sound_is_a_short_silence(voice: Voice, text: str) -> None:
    assert speak(voice, text) == Speech(text, bytes(SHORTEST_MS * 48))


@pytest.mark.parametrize("text", ["x" * 100_000, "word " * 20_000, "中" * 50_000, "1" * 50_000, "a. " * 20_000])
def test_a_long_text_is_cut_off(voice: Voice, text: str) -> None:
    assert 60.0 < speak(voice, text).duration <= MAX_SECONDS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=()), min_size=1, max_size=60), name=st.text(max_size=5))
def test_any_text_in_any_voice_gives_whole_samples(voice: Voice, text: str, name: str) -> None:
    speech = speak(voice, text, name=name)
    assert speech.text == text
    assert len(speech.pcm) % 2 == 0
    assert speech.duration > 0.01


def test_threads_share_a_voice(voice: Voice) -> None:
    fresh = SentenceVoice(voice._synthesizer)  # type: ignore[attr-defined]
    texts = [f"Number {number % 4} please." for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        spoken = list(threads.map(lambda text: speak(fresh, text), texts, timeout=60))
    assert spoken == [speak(voice, text) for text in texts]


def test_what_is_not_kept_is_made_again() -> None:
    voice = SentenceVoice(ToneSynthesizer(), cache_bytes=1_000)
    first = speak(voice, QUESTION)
    assert speak(voice, QUESTION) == first
    assert speak(voice, QUESTION) is not first


def test_without_espeak_the_numpy_voice_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    assert speak(default_voice(), QUESTION) == speak(tone_voice(), QUESTION)
