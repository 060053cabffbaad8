"""Rules on what was heard, from YAML to a session on a virtual clock whose ears are told what they hear."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.targets.core import VirtualSession, open_session
from realtime_mock.audio.wav import encode_wav, write_wav
from realtime_mock.core.effects import Listen, Remark
from realtime_mock.core.hearing import Heard
from realtime_mock.scenario.document import ScenarioError
from realtime_mock.scenario.loader import load_scenario, parse_scenario
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.model import Phrase, Rule, Say, Scenario
from realtime_mock.scenario.writer import write_scenario

from ..core.conftest import silence  # noqa: TID252
from .conftest import loud

RULES = """
    rules:
      - on: {heard: what is the weather}
        turns: [say: Sunny.]
      - on: {heard: [yes, "yes, please"]}
        turns: [say: "You said $heard, or $user_text."]
      - on: {user_text: {regex: '(?P<amount>five|ten) dollars'}}
        turns: [say: "$match.amount it is."]
      - on: {heard: unknown, speech: {shorter_than: 2s}}
        turns: [say: I did not catch that.]
      - on: {heard: any}
        turns: [say: Known.]
    phrases: [send ten dollars, no]
"""
UNSURE = Heard(guess="no", whole=0.412, worst=0.25)


def scenario(rules: str = RULES) -> Scenario:
    return parse_scenario(f"scenario: x\n{textwrap.dedent(rules)}")


def heard(says: str) -> Heard:
    return Heard(says, says, 0.98, 0.97)


@pytest.fixture
def spoken() -> Callable[..., VirtualSession]:
    """`spoken(*heard, scenario=...)`: a session, to the end of the answers to so many turns in which this is heard."""

    def play(*found: Heard, played: Scenario | None = None) -> VirtualSession:
        words = iter(found)
        session = open_session(
            scenario=played or scenario(),
            given={"type": "realtime", "output_modalities": ["text"]},
            pace=0,
            ears=lambda _: next(words),
        )
        for _ in found:
            session.append(silence(0.5) + loud(1.0) + silence(0.6))
            session.run()
        session.check()
        return session

    return play


def said(session: VirtualSession) -> list[str]:
    return [event["text"] for event in session.sent if event["type"] == "response.output_text.done"]


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (heard("what is the weather"), "Sunny."),
        (heard("yes, please"), "You said yes, please, or yes, please."),
        (heard("send ten dollars"), "ten it is."),
        (heard("no"), "Known."),
        (UNSURE, "I did not catch that."),
        (Heard(), "I did not catch that."),
    ],
)
def test_the_answer_follows_the_words(spoken, found: Heard, answer: str):
    assert said(spoken(found)) == [answer]


def test_each_turn_has_words_of_its_own(spoken):
    assert said(spoken(heard("no"), UNSURE, heard("what is the weather"))) == [
        "Known.",
        "I did not catch that.",
        "Sunny.",
    ]


def test_a_near_miss_tells_the_nearest_phrase_and_both_scores(spoken):
    rules = "\nrules: [{on: {heard: good morning}, turns: [{say: Hi}]}]"
    session = spoken(Heard(guess="good morning", whole=0.71, worst=0.4), played=scenario(rules))
    [remark] = [effect.text for effect in session.effects if isinstance(effect, Remark)]
    assert 'nearest is "good morning" (whole 0.71, worst part 0.40)' in remark
    assert 'heard.says: expected "good morning", got nothing' in remark


def test_text_is_nothing_that_was_heard():
    session = open_session(scenario=scenario(), given={"type": "realtime", "output_modalities": ["text"]}, pace=0)
    session.say("no")
    session.send("response.create")
    session.run()
    assert said(session) == ['You said: "no"']


def test_a_scenario_knows_its_phrases_once_and_in_their_order():
    assert [phrase.says for phrase in scenario().known_phrases] == [
        "send ten dollars",
        "no",
        "what is the weather",
        "yes",
        "yes, please",
    ]


def test_nothing_listens_where_nothing_is_known():
    session = open_session(scenario=scenario("\nrules: [{on: {speech: any}, turns: [{say: Hi}]}]"))
    session.append(silence(0.5) + loud(1.0) + silence(0.6))
    session.run()
    assert not any(isinstance(effect, Listen) for effect in session.effects)


def test_a_recording_is_known_by_its_sound(tmp_path: Path):
    write_wav(tmp_path / "hi.wav", loud(0.5), rate=24_000)
    file = tmp_path / "x.yaml"
    file.write_text("scenario: x\nrules: [{on: {heard: {file: hi.wav, says: Hello}}, turns: [{say: Hi}]}]")
    [phrase] = load_scenario(file).known_phrases
    assert (phrase.says, phrase.recording and phrase.recording.pcm) == ("Hello", loud(0.5))


def test_a_recording_may_be_within_the_scenario_and_is_written_as_it_was_read():
    url = "data:audio/wav;base64," + base64.b64encode(encode_wav(loud(0.2), rate=24_000)).decode()
    loaded = scenario(f"\nrules: [{{on: {{heard: [yes, {{says: Hello, file: '{url}'}}]}}, turns: [{{say: Hi}}]}}]")
    assert parse_scenario(write_scenario(loaded)) == loaded
    assert loaded.known_phrases[1].recording is not None


def test_phrases_in_python_are_those_of_a_file():
    built = Scenario(
        "x", [Rule({"heard": Phrase("yes")}, Say("Hi")), Rule({"heard": [Phrase("no", voice="cedar")]}, Say("Ho"))]
    )
    rules = """
        rules:
          - {on: {heard: yes}, turns: [say: Hi]}
          - {on: {heard: [{says: no, voice: cedar}]}, turns: [say: Ho]}
    """
    assert built.rules == scenario(rules).rules


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ("rules: [{on: {heard: unknown}, turns: [{say: Hi}]}]", "no phrase is known; list some under 'phrases'"),
        ("rules: [{on: {heard: 7}, turns: [{say: Hi}]}]", "'heard' must be text, not a number"),
        ("rules: [{on: {heard: []}, turns: [{say: Hi}]}]", "'heard' is empty; give at least one element"),
        ("rules: [{on: {heard: {file: a.wav}}, turns: [{say: Hi}]}]", "a phrase has no 'says'; add it"),
        ("phrases: [{says: Hi, speed: 3}]", "'speed' of a phrase is a number from 0.25 to 1.5"),
        ("phrases: [{says: Hi, file: a.wav, voice: echo}]", "a recording sounds as it does; remove 'voice'"),
        ("phrases: [{says: Hi, file: a.wav}]", "the file 'a.wav' cannot be found from here"),
        ("phrases: [{says: Hi, voise: echo}]", "unknown key 'voise' in a phrase; did you mean 'voice'?"),
    ],
)
def test_what_cannot_be_heard_is_told_with_a_remedy(rules: str, fault: str):
    with pytest.raises(ScenarioError, match=r"scenario\.yaml:3:") as raised:
        scenario(f"\n{rules}")
    assert fault in str(raised.value)


@pytest.mark.parametrize("given", [7, [""], {"says": "Hi"}])
def test_in_python_a_phrase_is_text_or_a_phrase(given: Any):
    with pytest.raises(Misfit, match="'heard' is a phrase or a list of phrases"):
        Rule({"heard": given}, Say("Hi"))


def test_in_python_phrases_of_a_scenario_are_phrases():
    with pytest.raises(Misfit, match="a phrase is text or a Phrase, not 7"):
        Scenario("x", phrases=[7])  # type: ignore[list-item]
