"""What waits for the words of a turn, between a client and the session's driver."""

from __future__ import annotations

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.attention import Attention
from realtime_mock.core.effects import Hangup, Listen, PlayoutStarted
from realtime_mock.core.hearing import NOTHING, Heard
from realtime_mock.driver import SessionDriver
from realtime_mock.journal import Journal

from .test_driver import FakeChannel, FakeSession, event

YES = Heard("yes", "yes", 0.9, 0.8)


class Ears:
    """Are asked, and tell when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Listen] = []
        self.tell = None

    def __call__(self, utterance, tell):
        self.asked.append(utterance)
        self.tell = tell


@pytest.fixture
def session():
    session = FakeSession()
    session.answers["event"] = [event("heard you"), Listen("item_1", b"\1\0")]
    session.answers["hearing"] = [event("understood")]
    return session


@pytest.fixture
def ears():
    return Ears()


@pytest.fixture
def channel():
    return FakeChannel()


@pytest.fixture
def journal():
    return Journal()


@pytest.fixture
async def driver(session, ears, channel, journal):
    driver = SessionDriver(session, journal=journal, ears=ears)
    driver.attach(channel)
    driver.start()
    return driver


def types(channel):
    return [sent["type"] for sent in channel.sent]


async def test_events_and_audio_wait_for_the_words_in_their_order(driver, session, ears, channel):
    driver.receive_text('{"type": "first"}', channel)
    session.answers["event"] = []
    driver.receive_text('{"type": "second"}', channel)
    driver.receive_audio(b"\2\0")
    driver.refuse(ApiError("No."), channel)
    assert [given[0] for given in session.inputs] == ["open", "event"]
    assert types(channel) == ["session.created", "heard you"]
    ears.tell(lambda: YES)
    assert session.inputs[2:] == [("hearing", ("item_1", YES)), ("event", {"type": "second"}), ("audio", b"\2\0")]
    assert types(channel)[2:] == ["understood", "error"]


async def test_reports_of_the_speaker_do_not_wait(driver, session, channel):
    driver.receive_text("{}", channel)
    driver.receive_playout(PlayoutStarted("resp_1"))
    assert session.inputs[-1] == ("playout", PlayoutStarted("resp_1"))


async def test_what_was_held_back_may_be_held_back_again(driver, session, ears, channel):
    driver.receive_text("{}", channel)
    driver.receive_text('{"type": "second"}', channel)
    driver.receive_text('{"type": "third"}', channel)
    ears.tell(lambda: YES)
    assert session.inputs[-1] == ("event", {"type": "second"})
    session.answers["event"] = []
    ears.tell(lambda: YES)
    assert session.inputs[-1] == ("event", {"type": "third"})


async def test_words_that_come_at_once_are_taken_behind_the_effects_before_them(session, channel, journal):
    driver = SessionDriver(session, journal=journal, ears=lambda utterance, tell: tell(lambda: YES))
    driver.attach(channel)
    driver.start()
    driver.receive_text("{}", channel)
    assert types(channel) == ["session.created", "heard you", "understood"]


async def test_the_journal_has_the_words_before_what_follows_from_them(driver, ears, channel, journal):
    driver.receive_text("{}", channel)
    ears.tell(lambda: YES)
    *_, heard, understood = journal.entries()
    assert (heard.kind, heard.direction, heard.channel) == ("heard", "in", "websocket")
    assert {**heard.event, "start_ms": 0, "end_ms": 0} == {"item_id": "item_1", **YES.as_json()}
    assert understood.type == "understood"


async def test_a_failure_of_the_ears_is_a_bug_that_the_session_survives(driver, session, ears, channel, journal):
    driver.receive_text("{}", channel)

    def fail():
        raise ZeroDivisionError

    ears.tell(fail)
    assert session.inputs[-1] == ("hearing", ("item_1", NOTHING))
    [warning] = journal.entries(kind="warning")
    assert "ZeroDivisionError" in warning.error["traceback"]


async def test_nothing_waits_for_ears_that_cannot_be_asked(session, channel, journal):
    def ears(utterance, tell):
        raise RuntimeError

    driver = SessionDriver(session, journal=journal, ears=ears)
    driver.attach(channel)
    driver.start()
    driver.receive_text("{}", channel)
    session.answers["event"] = []
    driver.receive_text('{"type": "second"}', channel)
    assert session.inputs[-1] == ("event", {"type": "second"})
    assert len(journal.entries(kind="warning")) == 1


async def test_a_session_that_closes_waits_for_nothing_and_its_last_words_are_journaled(
    driver, session, ears, channel, journal
):
    driver.receive_text("{}", channel)
    driver.receive_text('{"type": "second"}', channel)
    session.answers["event"] = []
    driver.close()
    assert [given[0] for given in session.inputs] == ["open", "event", "event", "close"]
    ears.tell(lambda: YES)
    assert [entry.event["says"] for entry in journal.entries(kind="heard")] == ["yes"]
    assert session.inputs[-1] == ("close",)


async def test_a_session_that_hung_up_hears_nothing_more(driver, session, ears, channel):
    session.answers["event"] = [Listen("item_1", b""), Hangup(1000, "")]
    driver.receive_text("{}", channel)
    ears.tell(lambda: YES)
    assert [given[0] for given in session.inputs] == ["open", "event"]


async def test_without_ears_nothing_is_understood(session, channel, journal):
    driver = SessionDriver(session, journal=journal)
    driver.attach(channel)
    driver.start()
    driver.receive_text("{}", channel)
    assert session.inputs[-1] == ("hearing", ("item_1", NOTHING))


def test_what_holds_back_holds_back_nothing_while_nobody_listens():
    attention = Attention(None, understood=lambda utterance, words: None)
    assert not attention.holds(lambda: pytest.fail("it was taken"))
