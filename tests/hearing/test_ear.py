"""Which phrase an utterance is, if any."""

from __future__ import annotations

import numpy as np
import pytest

from realtime_mock.audio.pcm import pcm_of
from realtime_mock.core.hearing import NOTHING
from realtime_mock.hearing.ear import Ear, Rules
from realtime_mock.media.codecs import OPUS, PCMA, PCMU
from realtime_mock.media.voice import tone_voice

from .conftest import PHRASES, as_heard, spoken

pytest.importorskip("espeakng_loader", reason="words of the numpy voice differ less")

PARIS = PHRASES[0]


def noise(seconds: float, dbfs: float) -> bytes:
    samples = np.random.RandomState(3).standard_normal(int(seconds * 24_000))
    return pcm_of(samples * 32768 * 10 ** (dbfs / 20))


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("gain_db", [-20.0, 6.0])
def test_a_phrase_is_known_however_loud_it_is(ear: Ear, phrase: str, gain_db: float):
    assert ear.hear(as_heard(spoken(phrase), gain_db=gain_db)).says == phrase


@pytest.mark.parametrize("codec", [OPUS, PCMU, PCMA], ids=["opus", "pcmu", "pcma"])
@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_is_known_behind_every_codec(ear: Ear, over, codec, phrase: str):
    assert ear.hear(over(codec, as_heard(spoken(phrase)))).says == phrase


def test_a_phrase_is_known_in_noise(ear: Ear):
    assert ear.hear(as_heard(spoken(PARIS), noise_dbfs=-38.0)).says == PARIS


@pytest.mark.parametrize("late", [0.05, 0.3005, 0.311, 1.2])
def test_a_phrase_may_begin_anywhere(ear: Ear, late: float):
    heard = ear.hear(as_heard(spoken(PARIS), late=late))
    assert heard.says == PARIS
    assert heard.start_ms == pytest.approx(late * 1000, abs=40)


def test_the_same_sound_is_heard_the_same(ear: Ear):
    sound = as_heard(spoken(PARIS))
    assert ear.hear(sound) == ear.hear(sound) == Ear([(p, spoken(p)) for p in PHRASES]).hear(sound)


@pytest.mark.parametrize(
    "unlisted", ["what is the weather in Berlin", "set a timer for four minutes", "go", "I want to speak to my mother"]
)
def test_another_phrase_is_unknown_and_the_nearest_is_told(ear: Ear, unlisted: str):
    heard = ear.hear(as_heard(spoken(unlisted)))
    assert heard.says is None
    assert heard.guess in PHRASES
    assert 0.0 <= heard.worst < 0.9


def test_another_voice_says_another_phrase(ear: Ear):
    assert ear.hear(as_heard(spoken(PARIS, voice="shimmer"))).says is None


def test_phrases_of_the_numpy_voice_are_told_apart():
    def say(phrase: str) -> bytes:
        return tone_voice().speak(phrase, voice="echo", speed=1.0).pcm

    taught = Ear([(phrase, say(phrase)) for phrase in PHRASES])
    assert [taught.hear(as_heard(say(phrase))).says for phrase in PHRASES] == list(PHRASES)


def test_two_phrases_in_one_breath_are_none(ear: Ear):
    assert ear.hear(as_heard(spoken(PHRASES[2]) + spoken(PHRASES[4]))).says is None


@pytest.mark.parametrize("seconds", [0.5, 2.0])
@pytest.mark.parametrize("dbfs", [-35.0, -12.0])
def test_noise_is_no_phrase(ear: Ear, seconds: float, dbfs: float):
    assert ear.hear(noise(seconds, dbfs)).says is None


@pytest.mark.parametrize("pcm", [b"", b"\0", bytes(4_800), bytes(96_000)], ids=["nothing", "half", "short", "silence"])
def test_there_is_nothing_to_hear_in_silence(ear: Ear, pcm: bytes):
    assert ear.hear(pcm) == NOTHING


@pytest.mark.parametrize("seconds", [15.0, 70.0])
def test_what_is_much_longer_than_any_phrase_is_none(ear: Ear, seconds: float):
    assert ear.hear(noise(seconds, -12.0)) == NOTHING


def test_what_was_lost_is_not_held_against_a_phrase(ear: Ear):
    sound = bytearray(as_heard(spoken(PARIS)))
    lost = [(start, start + 960) for start in (14_000, 22_000, 30_000)]
    for start, end in lost:
        sound[2 * start : 2 * end] = noise((end - start) / 24_000, -6.0)
    assert ear.hear(bytes(sound), lost).says == PARIS
    assert ear.hear(bytes(sound)).says is None


def test_the_word_that_tells_two_phrases_apart_must_have_arrived(ear: Ear):
    sound = as_heard(spoken(PARIS))
    end = len(sound) // 2 - 12_000
    word = (end - 12_000, end)
    assert ear.hear(sound[: 2 * word[0]] + bytes(24_000) + sound[2 * end :], [word]).says is None


def test_an_ear_without_phrases_knows_nothing():
    assert Ear([]).hear(as_heard(spoken(PARIS))) == NOTHING


def test_a_phrase_without_sound_is_never_heard(ear: Ear):
    deaf = Ear([("...", bytes(4_800)), (PARIS, spoken(PARIS))])
    assert deaf.silent == ["..."]
    assert deaf.hear(as_heard(spoken(PARIS))).says == PARIS


def test_two_spellings_of_one_sound_are_the_first_of_them():
    assert (
        Ear([("yes, please.", spoken("yes please")), ("yes please", spoken("yes please"))])
        .hear(as_heard(spoken("yes please")))
        .says
        == "yes, please."
    )


def test_phrases_that_sound_alike_are_told():
    alike = Ear([("to the sea", spoken("to the sea")), ("to the see", spoken("to the sea")), ("home", spoken("home"))])
    [pair] = alike.close_pairs()
    assert ({pair.one, pair.other}, pair.likeness) == ({"to the sea", "to the see"}, pytest.approx(1.0))


def test_phrases_that_differ_in_a_word_are_told_apart(ear: Ear):
    assert ear.close_pairs() == []


def test_the_better_a_line_the_less_may_differ():
    rules = Rules()
    assert rules.allowed(0.0, is_damaged=False) < rules.allowed(0.02, is_damaged=False)
    assert rules.allowed(0.02, is_damaged=False) < rules.allowed(0.02, is_damaged=True)
    assert rules.allowed(1.0, is_damaged=True) == rules.most
