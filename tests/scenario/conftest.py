"""A bundled scenario on the core, on a virtual clock."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from realtime_conformance.order import violations
from realtime_mock.core.config import new_session
from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    Hangup,
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
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.loader import find_scenario, load_scenario
from realtime_mock.scenario.script import ScriptedAssistant

REGISTRY = SchemaRegistry.bundled()

Event = dict[str, Any]


class ToneVoice:
    """40 ms of a loud constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x00\x20" * (960 * len(text)))


class Play:
    """A session that plays one scenario; its speaker, on a call, reports at once what it is told."""

    def __init__(self, name: str, *, call: bool, pace: float) -> None:
        ids = IdFactory(0, 1)
        session_id = ids.call()[0] if call else ids.session()
        self.session = Session(
            options=SessionOptions(
                transport="webrtc" if call else "websocket", plays_audio=call, started_at=1_800_000_000.0, pace=pace
            ),
            config=new_session(session_id, model="gpt-realtime", given=None, expires_at=1_800_003_600),
            ids=ids,
            registry=REGISTRY,
            script=ScriptedAssistant(load_scenario(find_scenario(name))),
            voice=ToneVoice(),
        )
        self._is_call = call
        self.now = 0.0
        self.sent: list[Event] = []
        self.hangup: Hangup | None = None
        self._started: set[str] = set()
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
        while (due := self.session.next_timer()) is not None and due <= until:
            self.now = max(self.now, due)
            came += self._take(self.session.handle_timer(self.now))
        return came

    def respond(self, **fields: Any) -> Event:
        """Ask for a response, wait for it, and return it as `response.done` has it."""
        came = [*self.send("response.create", **fields), *self.run()]
        [done] = [event["response"] for event in came if event["type"] == "response.done"]
        return done

    def check(self) -> None:
        """Every event fits its schema, and their order is the protocol's."""
        assert [REGISTRY.first_server_error(event) for event in self.sent] == [None] * len(self.sent)
        assert violations(self.sent) == []

    def _take(self, effects: list[Effect]) -> list[Event]:
        events = []
        for effect in effects:
            match effect:
                case SendEvent(event):
                    events.append(event)
                case Hangup():
                    self.hangup = effect
        self.sent += events
        for effect in effects:
            for report in self._reports(effect):
                events += self._take(self.session.receive_playout(report, self.now))
        return events

    def _reports(self, effect: Effect) -> list[PlayoutReport]:
        match effect:
            case PlayAudio(response_id) if response_id not in self._started:
                self._started.add(response_id)
                return [PlayoutStarted(response_id)]
            case EndAudio(response_id) if response_id in self._started:
                return [PlayoutStopped(response_id)]
            case ClearAudio(response_id) if response_id in self._started:
                return [PlayoutCleared(response_id, 100)]
            case _:
                return []


@pytest.fixture(params=["websocket", "call"])
def play(request: pytest.FixtureRequest) -> Callable[..., Play]:
    """`play(name, pace=...)`: a bundled scenario, on either transport."""

    def make(name: str, *, pace: float = 10.0) -> Play:
        return Play(name, call=request.param == "call", pace=pace)

    return make


@pytest.fixture
def words() -> Callable[[Event], list[str]]:
    """The texts and transcripts of a response's messages."""

    def of(response: Event) -> list[str]:
        parts = [part for item in response["output"] if item["type"] == "message" for part in item["content"]]
        return [part.get("transcript") or part["text"] for part in parts]

    return of
