"""What the words of a turn wait for and what waits for them, in a session whose ears are told what they hear."""

from __future__ import annotations

import pytest

from realtime_conformance.targets.core import VirtualSession
from realtime_mock.core.effects import Listen
from realtime_mock.core.hearing import NOTHING, Heard
from realtime_mock.scenario.model import Rule, Say, Scenario, Transcript

PHRASE = "what is the weather"
KNOWN = Heard(PHRASE, PHRASE, 0.98, 0.97)
PREFIX = "conversation.item.input_audio_transcription"
TRANSCRIBED = {"transcription": {"model": "gpt-4o-transcribe"}}


class Patient:
    """A session whose ears say nothing until they are told to."""

    def __init__(self, opened, **options):
        self.virtual: VirtualSession = opened(ears=lambda _: KNOWN, pace=0, **options)
        self.session = self.virtual.session

    def take(self, effects):
        return [effect if isinstance(effect, Listen) else effect.event["type"] for effect in effects]


def session_of(**audio_input):
    return {"type": "realtime", "output_modalities": ["text"], "audio": {"input": audio_input}}


def types(session):
    return [event["type"] for event in session.sent]


def of(session, kind):
    return [event for event in session.sent if event["type"] == kind]


@pytest.fixture
def turn(tone, silence):
    return silence(0.5) + tone(1.0) + silence(0.6)


@pytest.fixture
def patient(opened):
    """`patient(**options)`: a session, and the effects of its inputs as they come."""
    return lambda **options: Patient(opened, **options)


@pytest.mark.parametrize("call", [False, True], ids=["websocket", "call"])
def test_the_heard_phrase_is_the_transcript_and_is_quoted(opened, turn, call):
    session = opened(call=call, given=session_of(**TRANSCRIBED), ears=lambda _: KNOWN)
    session.hear(turn)
    session.run()
    session.check()
    assert of(session, f"{PREFIX}.completed")[0]["transcript"] == PHRASE
    assert "".join(event["delta"] for event in of(session, f"{PREFIX}.delta")).strip() == PHRASE
    assert of(session, "response.output_text.done")[0]["text"] == f'I heard you say: "{PHRASE}"'


def test_what_is_not_understood_is_so_many_seconds_of_speech(opened, turn):
    session = opened(given=session_of(**TRANSCRIBED), ears=lambda _: Heard(guess=PHRASE, whole=0.4))
    session.append(turn)
    session.run()
    assert of(session, f"{PREFIX}.completed")[0]["transcript"] == "[speech, 1.0 s]"
    assert of(session, "response.output_text.done")[0]["text"] == "I heard you speak for 1.0 seconds."


def test_a_script_goes_before_what_was_heard(opened, turn):
    scripted = Scenario("x", [Rule({"heard": PHRASE}, Say("Sunny."))], [Transcript("what is the whether")])
    session = opened(given=session_of(**TRANSCRIBED), scenario=scripted, ears=lambda _: KNOWN)
    session.append(turn)
    session.run()
    assert of(session, f"{PREFIX}.completed")[0]["transcript"] == "what is the whether"
    assert of(session, "response.output_text.done")[0]["text"] == "Sunny."


def test_the_turn_is_told_at_once_and_only_the_answer_waits(patient, turn):
    waiting = patient()
    came = waiting.take(waiting.session.receive_audio(turn, 0.0))
    assert came[-4:-1] == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    listen = came[-1]
    assert isinstance(listen, Listen)
    assert waiting.session.handle_timer(5.0) == []
    came = waiting.take(waiting.session.receive_hearing(listen.item_id, KNOWN, 5.0))
    assert came[0] == "response.created"


def test_an_input_that_comes_before_the_words_goes_on_without_them(patient, turn):
    waiting = patient(scenario=Scenario("x", [Rule({"heard": "unknown"}, Say("What?"))], phrases=[PHRASE]))
    *_, listen = waiting.session.receive_audio(turn, 0.0)
    came = waiting.take(waiting.session.receive_event({"type": "response.cancel"}, 0.1))
    assert came[0] == "response.created"
    assert waiting.session.receive_hearing(listen.item_id, KNOWN, 0.2) == []


def test_words_of_another_item_change_nothing(patient, turn):
    waiting = patient()
    waiting.session.receive_audio(turn, 0.0)
    assert waiting.session.receive_hearing("item_other", KNOWN, 0.1) == []


def test_the_second_of_two_turns_in_one_append_waits_for_the_words_of_the_first(patient, turn):
    waiting = patient()
    came = waiting.take(waiting.session.receive_audio(turn + turn, 0.0))
    first = came[-1]
    assert came.count("input_audio_buffer.speech_started") == 1
    came = waiting.take(waiting.session.receive_hearing(first.item_id, KNOWN, 0.1))
    assert came[0] == "response.created"
    assert "input_audio_buffer.speech_started" in came[1:]
    assert isinstance(came[-1], Listen)
    assert came[-1].item_id != first.item_id


def test_two_turns_in_one_append_are_answered_as_if_they_came_apart(opened, turn):
    words = iter([KNOWN, Heard("no", "no", 0.9, 0.9)])
    session = opened(given=session_of(), ears=lambda _: next(words))
    session.append(turn + turn)
    session.run()
    session.check()
    assert [event["response"]["status"] for event in of(session, "response.done")] == ["cancelled", "completed"]
    assert of(session, "response.output_text.done")[-1]["text"] == 'I heard you say: "no"'


def test_a_commit_by_hand_is_heard_before_the_response_that_the_client_asks_for(opened, tone):
    session = opened(given=session_of(turn_detection=None), ears=lambda _: KNOWN)
    session.append(tone(1.0))
    session.send("input_audio_buffer.commit")
    assert "response.created" not in types(session)
    session.send("response.create")
    session.run()
    assert of(session, "response.output_text.done")[0]["text"] == f'I heard you say: "{PHRASE}"'


def test_an_item_with_audio_is_heard_too(opened, tone):
    import base64

    session = opened(given=session_of(), ears=lambda _: KNOWN)
    content = [{"type": "input_audio", "audio": base64.b64encode(tone(1.0)).decode()}]
    session.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})
    session.send("response.create")
    session.run()
    assert of(session, "response.output_text.done")[0]["text"] == f'I heard you say: "{PHRASE}"'


def test_nobody_is_asked_what_a_silence_says(opened, silence):
    session = opened(given=session_of(turn_detection=None), ears=lambda _: pytest.fail("it was asked"))
    session.append(silence(1.0))
    session.send("input_audio_buffer.commit")
    assert of(session, "conversation.item.done")


def test_a_transcription_session_hears_and_does_not_answer(opened, turn):
    audio_input = {"transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": {"type": "server_vad"}}
    session = opened(given={"type": "transcription", "audio": {"input": audio_input}}, ears=lambda _: KNOWN)
    session.append(turn)
    session.run()
    assert of(session, f"{PREFIX}.completed")[0]["transcript"] == PHRASE
    assert not of(session, "response.created")


def test_what_was_lost_is_counted_from_the_beginning_of_the_turn(opened, tone, silence):
    asked: list[Listen] = []

    def ears(listen):
        asked.append(listen)
        return NOTHING

    session = opened(
        call=True, given=session_of(turn_detection={"type": "server_vad", "prefix_padding_ms": 0}), ears=ears
    )
    session.listen(silence(0.96), lost=((0, 480),))
    session.listen(tone(1.0), lost=((480, 960),))
    session.listen(silence(0.6), lost=((0, 240),))
    [listen] = asked
    # The turn begins with the window of 32 ms in which speech did: 0.96 s.
    assert listen.lost == ((480, 960), (24_000, 24_240))
    assert len(listen.pcm) // 2 > 24_240


def test_a_cleared_buffer_has_lost_nothing(opened, tone):
    asked: list[Listen] = []

    def ears(listen):
        asked.append(listen)
        return NOTHING

    session = opened(call=True, given=session_of(turn_detection=None), ears=ears)
    session.listen(tone(0.5), lost=((0, 480),))
    session.send("input_audio_buffer.clear")
    session.listen(tone(0.5))
    session.send("input_audio_buffer.commit")
    assert [listen.lost for listen in asked] == [()]
