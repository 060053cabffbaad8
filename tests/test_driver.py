"""The driver, around a session that does what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.clock import LoopClock
from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    Hangup,
    PlayAudio,
    PlayoutCleared,
    PlayoutStarted,
    SendEvent,
)
from realtime_mock.core.speech import Speech
from realtime_mock.driver import SessionDriver
from realtime_mock.journal import Journal
from realtime_mock.wire import INTERNAL_ERROR

SPEECH = Speech("Hi.", b"\0\0" * 240)


def event(kind: str, **fields: Any) -> SendEvent:
    return SendEvent({"type": kind, **fields})


class FakeSession:
    """Answers every input from a table by its name; an exception there is raised."""

    id = "sess_1"

    def __init__(self) -> None:
        self.inputs: list[tuple[Any, ...]] = []
        self.times: list[float] = []
        self.answers: dict[str, list[Effect] | Exception] = {"open": [event("session.created")]}
        self.timer: float | None = None
        self.portions: list[list[Effect]] = []

    def open(self, now: float) -> list[Effect]:
        return self._answer(now, "open")

    def receive_event(self, given: object, now: float) -> list[Effect]:
        return self._answer(now, "event", given)

    def receive_audio(self, pcm: bytes, now: float, *, lost: Any = ()) -> list[Effect]:
        return self._answer(now, "audio", pcm)

    def receive_hearing(self, item_id: str, heard: Any, now: float) -> list[Effect]:
        return self._answer(now, "hearing", (item_id, heard))

    def receive_playout(self, report: Any, now: float) -> list[Effect]:
        return self._answer(now, "playout", report)

    def refuse(self, error: ApiError, now: float, *, event_id: str | None = None) -> list[Effect]:
        self.times.append(now)
        refused = {"type": "error", "error": {**error.as_json(), "event_id": event_id}}
        return [SendEvent(refused, refusal=error)]

    @property
    def has_more(self) -> bool:
        return bool(self.portions)

    def next_timer(self) -> float | None:
        return self.timer

    def handle_timer(self, now: float) -> list[Effect]:
        if self.portions:
            self.times.append(now)
            return self.portions.pop(0)
        if not isinstance(self.answers.get("timer"), Exception):
            self.timer = None
        return self._answer(now, "timer")

    def close(self, now: float) -> list[Effect]:
        return self._answer(now, "close")

    def snapshot(self) -> dict[str, Any]:
        return {}

    def _answer(self, now: float, name: str, *given: Any) -> list[Effect]:
        self.times.append(now)
        self.inputs.append((name, *given))
        answer = self.answers.get(name, [])
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeChannel:
    def __init__(self, name: str = "websocket") -> None:
        self.name = name
        self.sent: list[Any] = []
        self.closed: tuple[int, str] | None = None

    def send_text(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class FakeSpeaker:
    """Notes what it is asked; `report` is called while it obeys a `clear`."""

    def __init__(self, log: list[Any], report: Callable[[Any], None]) -> None:
        self.log = log
        self.report = report

    def play(self, response_id: str, speech: Speech) -> None:
        self.log.append(("play", response_id, speech))

    def end(self, response_id: str) -> None:
        self.log.append(("end", response_id))

    def clear(self, response_id: str) -> None:
        self.report(PlayoutCleared(response_id, played_ms=20))
        self.log.append(("clear", response_id))


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def channel() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
async def driver(session, channel, journal) -> SessionDriver:
    driver = SessionDriver(session, journal=journal)
    driver.attach(channel)
    driver.start()
    return driver


def events(journal: Journal) -> list[tuple[str, str, bool]]:
    return [(entry.direction, entry.text, entry.valid) for entry in journal.entries(kind="event")]


def bugs(journal: Journal) -> list[Any]:
    return [entry.error for entry in journal.entries(kind="warning", valid=False)]


async def test_opening_sends_what_the_session_says(driver, channel):
    assert channel.sent == [{"type": "session.created"}]


async def test_an_event_is_decoded_handled_and_journaled_before_its_answer(driver, session, channel, journal):
    session.answers["event"] = [event("a"), event("b")]

    driver.receive_text('{"type": "response.create"}', channel)

    assert session.inputs[1:] == [("event", {"type": "response.create"})]
    assert channel.sent[1:] == [{"type": "a"}, {"type": "b"}]
    assert events(journal)[1:] == [
        ("in", '{"type": "response.create"}', True),
        ("out", '{"type":"a"}', True),
        ("out", '{"type":"b"}', True),
    ]


async def test_a_refused_event_is_journaled_with_its_error(driver, session, channel, journal):
    error = ApiError("Unknown parameter: 'x'.", code="unknown_parameter", param="x")
    session.answers["event"] = [SendEvent({"type": "error"}, refusal=error)]

    driver.receive_text(b'{"x": 1}', channel)

    (entry,) = journal.entries(valid=False)
    assert (entry.direction, entry.text, entry.error) == ("in", '{"x": 1}', error.as_json())


@pytest.mark.parametrize("text", ["not json", b"\xff", '{"a": NaN}', '"\\ud800"', "[" * 5000])
async def test_what_is_not_json_is_answered_with_one_error_and_one_entry(driver, session, channel, journal, text):
    driver.receive_text(text, channel)

    assert [sent["error"]["code"] for sent in channel.sent[1:]] == ["invalid_json"]
    assert [entry.direction for entry in journal.entries(valid=False)] == ["in"]
    assert session.inputs == [("open",)]


async def test_every_channel_gets_every_event(driver, session, channel, journal):
    second = FakeChannel("data-channel")
    driver.attach(second)
    session.answers["event"] = [event("a")]

    driver.receive_text("{}", second)

    assert (channel.sent[1:], second.sent) == ([{"type": "a"}], [{"type": "a"}])
    assert [entry.channel for entry in journal.entries(kind="event")[1:]] == [
        "data-channel",
        "websocket",
        "data-channel",
    ]


async def test_a_detached_channel_gets_nothing_more(driver, session, channel):
    driver.detach(channel, why="the client closed")
    session.answers["event"] = [event("a")]

    driver.receive_text("{}", channel)

    assert channel.sent == [{"type": "session.created"}]


async def test_an_event_that_finds_no_channel_is_journaled(session, journal):
    SessionDriver(session, journal=journal).start()

    assert [(entry.channel, entry.type) for entry in journal.entries()] == [("none", "session.created")]


async def test_audio_goes_to_the_speaker_in_order_and_its_reports_come_after_what_is_pending(driver, session, channel):
    log: list[Any] = []
    driver.speaker = FakeSpeaker(log, driver.receive_playout)
    session.answers["playout"] = [event("output_audio_buffer.cleared")]
    session.answers["event"] = [
        PlayAudio("resp_1", SPEECH),
        EndAudio("resp_1"),
        ClearAudio("resp_1"),
        event("response.done"),
    ]

    driver.receive_text("{}", channel)

    assert log == [("play", "resp_1", SPEECH), ("end", "resp_1"), ("clear", "resp_1")]
    assert session.inputs[-1] == ("playout", PlayoutCleared("resp_1", played_ms=20))
    assert channel.sent[1:] == [{"type": "response.done"}, {"type": "output_audio_buffer.cleared"}]


async def test_microphone_audio_and_reports_reach_the_session(driver, session):
    driver.receive_audio(b"\1\2")
    driver.receive_playout(PlayoutStarted("resp_1"))

    assert session.inputs[1:] == [("audio", b"\1\2"), ("playout", PlayoutStarted("resp_1"))]


async def test_hangup_closes_every_channel_and_ends_everything(driver, session, channel):
    session.answers["event"] = [event("a"), Hangup(4000, "over"), event("never")]
    session.timer = asyncio.get_running_loop().time()

    driver.receive_text("{}", channel)
    driver.receive_text("{}", channel)
    driver.receive_audio(b"")
    driver.refuse(ApiError("No."), channel)
    await asyncio.sleep(0)

    assert (channel.sent[1:], channel.closed) == ([{"type": "a"}], (4000, "over"))
    assert driver.closed.is_set()
    assert [given[0] for given in session.inputs] == ["open", "event"]


async def test_closing_twice_closes_once(session, channel, journal):
    ended: list[SessionDriver] = []
    driver = SessionDriver(session, journal=journal, on_closed=ended.append)
    driver.attach(channel)

    driver.close(code=1001, reason="going away")
    driver.close()

    assert (channel.closed, ended) == ((1001, "going away"), [driver])
    assert journal.entries(kind="lifecycle")[-1].text == "session closed: 1001 going away"


async def test_a_timer_never_comes_before_its_deadline(driver, session, channel):
    loop = asyncio.get_running_loop()
    session.timer = deadline = loop.time() + 0.02
    session.answers["timer"] = [Hangup(1000, "")]
    driver.receive_audio(b"")

    async with asyncio.timeout(2):
        await driver.closed.wait()

    assert session.times[-1] >= deadline


async def test_time_never_goes_backwards(driver, session, monkeypatch):
    first = session.times[-1]
    monkeypatch.setattr(LoopClock, "time", lambda clock: first - 5)

    driver.receive_audio(b"")

    assert session.times[-1] == first


async def test_only_the_newest_deadline_is_kept(driver, session):
    loop = asyncio.get_running_loop()
    session.timer = loop.time()
    driver.receive_audio(b"")
    session.timer = None
    driver.receive_audio(b"")

    for _ in range(3):
        await asyncio.sleep(0)

    assert ("timer",) not in session.inputs


async def test_our_own_bug_is_told_to_the_client_and_the_session_lives_on(driver, session, channel, journal):
    session.answers["event"] = ZeroDivisionError("oh")
    driver.receive_text('{"event_id": "event_7"}', channel)
    session.answers["event"] = [event("a")]
    driver.receive_text("{}", channel)

    assert channel.sent[1:] == [
        {"type": "error", "error": {**INTERNAL_ERROR.as_json(), "event_id": "event_7"}},
        {"type": "a"},
    ]
    (bug,) = bugs(journal)
    assert "ZeroDivisionError: oh" in bug["traceback"]
    assert [valid for direction, _, valid in events(journal) if direction == "in"] == [True, True]


async def test_a_failing_speaker_does_not_stop_the_events(driver, session, channel, journal):
    session.answers["event"] = [PlayAudio("resp_1", SPEECH), event("response.done")]

    driver.receive_text("{}", channel)

    assert [sent["type"] for sent in channel.sent[1:]] == ["response.done", "error"]
    assert "no speaker" in bugs(journal)[0]["traceback"]


async def test_a_timer_that_fails_for_ever_ends_the_session(driver, session, channel):
    session.timer = asyncio.get_running_loop().time()
    session.answers["timer"] = ZeroDivisionError("oh")
    driver.receive_audio(b"")

    async with asyncio.timeout(2):
        await driver.closed.wait()

    assert channel.closed == (1011, "internal error")


async def test_an_event_that_breaks_its_schema_leaves_but_is_journaled_as_our_bug(session, channel, journal):
    driver = SessionDriver(session, journal=journal, check=lambda event: "session.created: no session")
    driver.attach(channel)
    driver.start()

    assert channel.sent == [{"type": "session.created"}]
    (entry,) = journal.entries(valid=False)
    assert (entry.direction, entry.error) == (
        "out",
        ApiError("session.created: no session", type="server_error").as_json(),
    )


async def test_a_scripted_event_that_breaks_its_schema_is_no_bug_of_ours(session, channel, journal, caplog):
    session.answers["open"] = [SendEvent({"type": "nope"}, scripted=True)]
    driver = SessionDriver(session, journal=journal, check=lambda event: "nope is no type")
    driver.attach(channel)
    driver.start()

    (entry,) = journal.entries(valid=False)
    assert (channel.sent, entry.scripted, caplog.records) == ([{"type": "nope"}], True, [])
    assert entry.as_json()["scripted"] is True


async def test_a_warning_is_sent_without_blaming_the_client(driver, channel, journal):
    driver.warn(ApiError("An event was too large for you.", type="server_error"))

    assert [sent["type"] for sent in channel.sent[1:]] == ["error"]
    assert journal.entries(valid=False) == []


async def test_a_portion_leaves_before_the_next_is_made(driver, session, channel):
    sent_before: list[int] = []
    make = session.handle_timer
    session.handle_timer = lambda now: (sent_before.append(len(channel.sent)), make(now))[1]
    session.answers["event"] = [event("response.created")]
    session.portions = [[event("one"), event("two")], [event("three")]]
    driver.receive_text('{"type":"response.create"}', channel)
    assert [each["type"] for each in channel.sent] == ["session.created", "response.created", "one", "two", "three"]
    assert sent_before == [2, 4]
    assert len(set(session.times[-3:])) == 1
