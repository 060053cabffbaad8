"""A bundled scenario on the core, on a virtual clock."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from realtime_conformance.order import violations
from realtime_mock.core.config import new_session
from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    Hangup,
    Listen,
    PlayAudio,
    PlayoutCleared,
    PlayoutReport,
    PlayoutStarted,
    PlayoutStopped,
    SendEvent,
)
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import Speech
from realtime_mock.hearing.teaching import teach
from realtime_mock.media.voice import default_voice
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.loader import find_scenario, load_scenario
from realtime_mock.scenario.script import ScriptedAssistant

REGISTRY = SchemaRegistry.bundled()

Event = dict[str, Any]


class ToneVoice:
    """40 ms of a loud constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x00\x20" * (960 * len(text)))


class VirtualSpeaker:
    """Plays in virtual time what a call's session gives it, from 100 ms after the first of it."""

    LATENCY = 0.1

    def __init__(self) -> None:
        self._playing: dict[str, tuple[float, float]] = {}
        self._reports: list[tuple[float, PlayoutReport]] = []

    def perform(self, effect: Effect, now: float) -> None:
        match effect:
            case PlayAudio(response_id, speech) if response_id in self._playing:
                start, end = self._playing[response_id]
                self._playing[response_id] = (start, end + speech.duration)
            case PlayAudio(response_id, speech):
                start = now + self.LATENCY
                self._playing[response_id] = (start, start + speech.duration)
                self._report(start, PlayoutStarted(response_id))
            case EndAudio(response_id) if response_id in self._playing:
                self._report(max(self._playing[response_id][1], now), PlayoutStopped(response_id))
            case ClearAudio(response_id) if response_id in self._playing:
                start, end = self._playing.pop(response_id)
                self._reports = [entry for entry in self._reports if entry[1].response_id != response_id]
                self._report(now, PlayoutCleared(response_id, int(max(min(now, end) - start, 0.0) * 1000)))

    def next_report(self) -> float | None:
        return self._reports[0][0] if self._reports else None

    def take_report(self) -> PlayoutReport:
        return self._reports.pop(0)[1]

    def _report(self, due: float, report: PlayoutReport) -> None:
        self._reports.append((due, report))
        self._reports.sort(key=lambda entry: entry[0])


class Play:
    """A session that plays one scenario, with a virtual speaker where it is a call."""

    def __init__(
        self, name: str, *, call: bool = False, pace: float = 10.0, given: Event | None = None, number: int = 1
    ) -> None:
        ids = IdFactory(0, number)
        scenario = load_scenario(find_scenario(name))
        session_id = ids.call()[0] if call else ids.session()
        self.session = Session(
            options=SessionOptions(
                transport="webrtc" if call else "websocket",
                plays_audio=call,
                started_at=1_800_000_000.0,
                pace=pace,
                timing=scenario.timing,
                hears=bool(scenario.known_phrases),
            ),
            config=new_session(session_id, model="gpt-realtime", given=given, expires_at=1_800_003_600),
            ids=ids,
            registry=REGISTRY,
            script=ScriptedAssistant(scenario),
            voice=ToneVoice(),
        )
        self._is_call = call
        self._ear = teach(scenario.known_phrases, default_voice()) if scenario.known_phrases else None
        self.now = 0.0
        self.sent: list[Event] = []
        self.effects: list[Effect] = []
        self.hangup: Hangup | None = None
        self._speaker = VirtualSpeaker()
        self._take(self.session.open(self.now))

    def send(self, event_type: str, **fields: Any) -> list[Event]:
        """Send a client event; return what comes back at once."""
        return self._take(self.session.receive_event({"type": event_type, **fields}, self.now))

    def hear(self, pcm: bytes) -> list[Event]:
        """Let the user be heard: by the microphone of a call, or by an append."""
        if self._is_call:
            return self._take(self.session.receive_audio(pcm, self.now))
        return self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    def run(self, until: float = float("inf")) -> list[Event]:
        """Let time pass until `until`, or until nothing is left to do; return what came."""
        came: list[Event] = []
        while (due := self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            report = self._speaker.next_report()
            if report is not None and report <= self.now:
                came += self._take(self.session.receive_playout(self._speaker.take_report(), self.now))
            else:
                came += self._take(self.session.handle_timer(self.now))
        if until != float("inf"):
            self.now = max(self.now, until)
        return came

    def wait(self, seconds: float) -> list[Event]:
        """Let so many seconds pass."""
        return self.run(self.now + seconds)

    def run_to(self, event_type: str) -> list[Event]:
        """Let time pass until an event of this type has come, or nothing is left to do."""
        came: list[Event] = []
        while not any(event["type"] == event_type for event in came):
            due = self._next_due()
            assert due is not None, f"no {event_type} among {[event['type'] for event in came]}"
            came += self.run(due)
        return came

    def speak(self, seconds: float = 0.5) -> list[Event]:
        """Let the user say something: a second of silence ends the turn."""
        return [*self.hear(loud(seconds)), *self.wait(seconds), *self.hear(bytes(48_000)), *self.wait(1.0)]

    def respond(self, **fields: Any) -> Event:
        """Ask for a response, wait for it, and return it as `response.done` has it."""
        came = [*self.send("response.create", **fields), *self.run()]
        [done] = [event["response"] for event in came if event["type"] == "response.done"]
        return done

    def check(self) -> None:
        """Every event of the session's own fits its schema, and the order of all is the protocol's."""
        own = [effect.event for effect in self.effects if isinstance(effect, SendEvent) and not effect.scripted]
        assert [REGISTRY.first_server_error(event) for event in own] == [None] * len(own)
        assert violations(self.sent) == []

    def faults(self) -> list[str]:
        """The types of scripted events that break their schema."""
        scripted = [effect.event for effect in self.effects if isinstance(effect, SendEvent) and effect.scripted]
        return [event["type"] for event in scripted if REGISTRY.first_server_error(event)]

    def _next_due(self) -> float | None:
        dues = [self._speaker.next_report(), self.session.next_timer()]
        return min((due for due in dues if due is not None), default=None)

    def _take(self, effects: list[Effect]) -> list[Event]:
        self.effects += effects
        for effect in effects:
            if isinstance(effect, Hangup):
                self.hangup = effect
            elif self._is_call:
                self._speaker.perform(effect, self.now)
        events = [effect.event for effect in effects if isinstance(effect, SendEvent)]
        self.sent += events
        for effect in effects:
            if isinstance(effect, Listen):
                assert self._ear is not None
                heard = self._ear.hear(effect.pcm, effect.lost)
                events += self._take(self.session.receive_hearing(effect.item_id, heard, self.now))
        return events


def loud(seconds: float) -> bytes:
    """Noise, 24 kHz PCM."""
    return b"\x00\x40\x00\xc0" * int(seconds * 12_000)


@pytest.fixture(params=["websocket", "call"])
def play(request: pytest.FixtureRequest) -> Callable[..., Play]:
    """`play(name, pace=..., given=...)`: a bundled scenario, on either transport."""

    def make(name: str, **options: Any) -> Play:
        return Play(name, call=request.param == "call", **options)

    return make


@pytest.fixture
def play_socket() -> Callable[..., Play]:
    """The same on a WebSocket alone, for what a call has no part in."""
    return Play


@pytest.fixture
def play_call() -> Callable[..., Play]:
    """The same on a call alone."""
    return partial(Play, call=True)


@pytest.fixture
def words() -> Callable[[Event], list[str]]:
    """The texts and transcripts of a response's messages."""

    def of(response: Event) -> list[str]:
        parts = [part for item in response["output"] if item["type"] == "message" for part in item["content"]]
        return [part.get("transcript") or part["text"] for part in parts]

    return of
