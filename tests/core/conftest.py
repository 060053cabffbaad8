"""A session on a virtual clock with a virtual speaker: what the core's tests drive."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from realtime_conformance.order import violations
from realtime_mock.chance import Chance
from realtime_mock.core.config import new_session
from realtime_mock.core.effects import (
    ClearAudio,
    Effect,
    EndAudio,
    PlayAudio,
    PlayoutCleared,
    PlayoutStarted,
    PlayoutStopped,
    SendEvent,
)
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.limits import Limits
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import Speech, Voice
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.script import ScriptedAssistant
from realtime_mock.scenario.timing import Timing

REGISTRY = SchemaRegistry.bundled()
PLAYOUT_LATENCY = 0.1

Event = dict[str, Any]


class PlainVoice:
    """50 ms of a constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * int(24_000 * 0.05 * len(text) / speed))


class VirtualSession:
    """Feeds a session and collects its events; every event must fit its schema.

    On a call a virtual speaker plays what it is given in virtual time and reports.
    """

    def __init__(self, session: Session, *, with_speaker: bool) -> None:
        self.session = session
        self.now = 0.0
        self.sent: list[Event] = []
        self.effects: list[Effect] = []
        self._with_speaker = with_speaker
        self._reports: list[tuple[float, Any]] = []
        self._playing: dict[str, tuple[float, float]] = {}

    def open(self) -> list[Event]:
        return self._take(self.session.open(self.now))

    def receive(self, event: object) -> list[Event]:
        """Send one client event and return what came back at once."""
        return self._take(self.session.receive_event(event, self.now))

    def send(self, event_type: str, **fields: Any) -> list[Event]:
        return self.receive({"type": event_type, **fields})

    def say(self, text: str) -> list[Event]:
        """Create a user message."""
        content = [{"type": "input_text", "text": text}]
        return self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    def append(self, pcm: bytes) -> list[Event]:
        return self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    def listen(self, pcm: bytes) -> list[Event]:
        """Let the microphone of a call hear something."""
        return self._take(self.session.receive_audio(pcm, self.now))

    def run(self, until: float = float("inf")) -> list[Event]:
        """Let time pass until nothing is left to do (or until that second); return what came."""
        came: list[Event] = []
        while (due := self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            if self._reports and self._reports[0][0] <= self.now:
                came += self._take(self.session.receive_playout(self._reports.pop(0)[1], self.now))
            else:
                came += self._take(self.session.handle_timer(self.now))
        self.now = max(self.now, until if until != float("inf") else self.now)
        return came

    def check(self) -> None:
        """Every rule of the order of events holds over all that was sent."""
        assert violations(self.sent) == []

    def _next_due(self) -> float | None:
        dues = [self._reports[0][0]] if self._reports else []
        timer = self.session.next_timer()
        return min([*dues, timer] if timer is not None else dues, default=None)

    def _take(self, effects: list[Effect]) -> list[Event]:
        self.effects += effects
        for effect in effects:
            self._play(effect)
        sent = [effect for effect in effects if isinstance(effect, SendEvent)]
        for effect in sent:
            assert effect.scripted or REGISTRY.first_server_error(effect.event) is None, effect.event
        events = [effect.event for effect in sent]
        self.sent += events
        return events

    def _play(self, effect: Effect) -> None:
        if not self._with_speaker:
            return
        match effect:
            case PlayAudio(response_id, speech) if response_id not in self._playing:
                start = self.now + PLAYOUT_LATENCY
                self._playing[response_id] = (start, start + speech.duration)
                self._report(start, PlayoutStarted(response_id))
            case PlayAudio(response_id, speech):
                start, end = self._playing[response_id]
                self._playing[response_id] = (start, end + speech.duration)
            case EndAudio(response_id) if response_id in self._playing:
                self._report(max(self._playing[response_id][1], self.now), PlayoutStopped(response_id))
            case ClearAudio(response_id) if response_id in self._playing:
                start, end = self._playing.pop(response_id)
                self._reports = [entry for entry in self._reports if entry[1].response_id != response_id]
                played = max(min(self.now, end) - start, 0.0)
                self._report(self.now, PlayoutCleared(response_id, int(played * 1000)))

    def _report(self, due: float, report: Any) -> None:
        self._reports.append((due, report))
        self._reports.sort(key=lambda entry: entry[0])


Open = Callable[..., VirtualSession]


@pytest.fixture
def opened() -> Open:
    """Open a session: `opened(model=..., call=True, scenario=..., given=..., pace=..., limits=..., voice=...)`."""
    return open_session


def open_session(
    *,
    model: str = "gpt-realtime",
    call: bool = False,
    scenario: Scenario | None = None,
    given: Event | None = None,
    pace: float = 10.0,
    seed: int = 0,
    limits: Limits | None = None,
    voice: Voice | None = None,
) -> VirtualSession:
    ids = IdFactory(seed, 1)
    session_id = ids.call()[0] if call else ids.session()
    options = SessionOptions(
        transport="webrtc" if call else "websocket",
        plays_audio=call,
        started_at=1_800_000_000.0,
        pace=pace,
        limits=limits or Limits(),
        timing=scenario.timing if scenario else Timing(),
        chance=Chance(seed),
    )
    session = Session(
        options=options,
        config=new_session(session_id, model=model, given=given, expires_at=1_800_003_600),
        ids=ids,
        registry=REGISTRY,
        script=ScriptedAssistant(scenario),
        voice=voice or PlainVoice(),
    )
    virtual = VirtualSession(session, with_speaker=call)
    virtual.open()
    return virtual


@pytest.fixture
def tone() -> Callable[[float], bytes]:
    """`tone(seconds)`: a loud 440 Hz tone, 24 kHz PCM."""

    def make(seconds: float) -> bytes:
        samples = np.sin(np.arange(int(seconds * 24_000)) * (2 * np.pi * 440 / 24_000)) * 8000
        return samples.astype("<i2").tobytes()

    return make


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * 24_000) * 2)


@pytest.fixture(name="silence")
def silence_fixture() -> Callable[[float], bytes]:
    """`silence(seconds)`: digital silence, 24 kHz PCM."""
    return silence


@pytest.fixture
def kinds() -> Callable[[list[Event]], list[str]]:
    """The types of events, runs of deltas folded into one."""

    def fold(events: list[Event]) -> list[str]:
        types: list[str] = []
        for event in events:
            if not (event["type"].endswith(".delta") and event["type"] in types[-2:]):
                types.append(event["type"])
        return types

    return fold
