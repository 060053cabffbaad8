"""Ears are taught once, and asked beside the loop."""

from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from realtime_mock.core.effects import Listen
from realtime_mock.core.speech import Speech
from realtime_mock.hearing.ears import MOST_EARS, Ears
from realtime_mock.media.voice import default_voice
from realtime_mock.scenario.model import Phrase, Recording, Rule, Say, Scenario

from .conftest import as_heard, spoken

YES = Scenario("x", [Rule({"heard": "yes please"}, Say("Fine."))], phrases=["stop"])


VOICE = default_voice()


class CountingVoice:
    """Says what it is told, and counts."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, float]] = []
        self.threads: set[str] = set()

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        self.said.append((text, voice, speed))
        self.threads.add(threading.current_thread().name)
        return VOICE.speak(text, voice=voice, speed=speed)


@pytest.fixture
def voice():
    return CountingVoice()


def listen(text: str) -> Listen:
    return Listen("item_1", as_heard(spoken(text)))


async def told(ears: Ears, scenario: Scenario, utterance: Listen):
    answer: asyncio.Future = asyncio.get_running_loop().create_future()
    ask = ears.listening_for(scenario)
    assert ask is not None
    ask(utterance, lambda words: answer.set_result(words()))
    async with asyncio.timeout(20):
        return await answer


async def test_what_is_said_is_found_out_in_another_thread(voice):
    ears = Ears(voice)
    try:
        assert (await told(ears, YES, listen("yes please"))).says == "yes please"
    finally:
        ears.close()
    assert threading.current_thread().name not in voice.threads


async def test_each_phrase_is_taught_once_for_all_sessions(voice):
    ears = Ears(voice, beside_loop=False)
    for text in ("yes please", "stop"):
        assert (await told(ears, YES, listen(text))).says == text
    assert sorted(voice.said) == [("stop", "echo", 1.0), ("yes please", "echo", 1.0)]


async def test_on_a_virtual_clock_the_words_come_at_once(voice):
    ears = Ears(voice, beside_loop=False)
    found = []
    ears.listening_for(YES)(listen("stop"), lambda words: found.append(words()))
    assert [heard.says for heard in found] == ["stop"]


async def test_another_voice_and_a_recording_are_taught_as_they_sound(voice):
    recording = Recording("hello.wav", spoken("good morning", voice="coral"))
    phrases = [Phrase("yes", voice="cedar", speed=1.25), Phrase("hello", recording)]
    ears = Ears(voice, beside_loop=False)
    heard = await told(ears, Scenario("x", phrases=phrases), Listen("i", as_heard(recording.pcm)))
    assert (heard.says, voice.said) == ("hello", [("yes", "cedar", 1.25)])


@pytest.mark.parametrize(
    ("scenario", "listens"), [(Scenario("x"), False), (Scenario("x", beacon=True), True), (YES, True)]
)
def test_nothing_listens_for_nothing(voice, scenario, listens):
    assert (Ears(voice).listening_for(scenario) is not None) is listens


def test_what_may_be_confused_is_told_once_when_it_is_taught(voice, caplog):
    ears = Ears(voice)
    greeting = Scenario("greeting", phrases=["hello", "hello!", "..."])
    with caplog.at_level(logging.WARNING):
        ears.prepare(greeting)
        ears.prepare(greeting)
        ears.prepare(Scenario("nothing"))
        ears.prepare(None)
        ears._worker.shutdown(wait=True)
    assert [record.getMessage().partition(" sound")[0] for record in caplog.records] == [
        'scenario \'greeting\': "hello" and "hello!"',
    ] or len(caplog.records) == 2
    assert "'greeting'" in caplog.text
    assert '"hello" and "hello!" sound nearly alike' in caplog.text


async def test_the_ear_that_nobody_asks_any_more_is_forgotten(voice):
    ears = Ears(voice, beside_loop=False)
    for number in range(MOST_EARS + 1):
        await told(ears, Scenario("x", phrases=["yes please", f"number {number}"]), listen("yes please"))
    assert len(ears._known) == MOST_EARS
