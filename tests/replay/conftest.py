"""Recordings of our own: sessions of the mock, written down as a client on a network sees them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from realtime_mock.cli import main
from realtime_mock.core.config import new_session
from realtime_mock.core.effects import Effect, SendEvent
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import Speech
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.comparison import Difference
from realtime_mock.replay.layout import parse_recording
from realtime_mock.replay.player import replay
from realtime_mock.replay.speaker import VirtualSpeaker
from realtime_mock.scenario.model import Rule, Scenario, Transcript, Turn
from realtime_mock.scenario.script import ScriptedAssistant

REGISTRY = SchemaRegistry.bundled()
CUT = 44
"""Characters of base64 that are left of audio in published recordings."""

Entry = dict[str, Any]


class ToneVoice:
    """70 ms of a constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:
        return Speech(text, b"\x01\x10" * int(24_000 * 0.07 * len(text)))


class Recorder:
    """A client of the mock that writes down what it sends and what comes back.

    With a `lag` its messages are written down so many of the server's events earlier than they are taken, as on a
    network. Audio is cut.
    """

    def __init__(self, session: Session, *, lag: int = 0, sideband: bool = False) -> None:
        self.entries: list[Entry] = []
        self._session = session
        self._speaker = VirtualSpeaker()
        self._now = 0.0
        self._lag = lag
        self._first = 0 if sideband else 1
        opened = self._take(session.open(0.0))
        if sideband:
            del self.entries[: len(opened)]

    def send(self, event_type: str, **fields: Any) -> list[Entry]:
        """Send an event; return the events that came at once."""
        event = {"type": event_type, **fields}
        place = len(self.entries)
        for _ in range(self._lag):
            if place > self._first and self.entries[place - 1]["direction"] == "received":
                place -= 1
        self.entries.insert(place, _entry("sent", event))
        return self._take(self._session.receive_event(event, self._now))

    def say(self, text: str) -> list[Entry]:
        content = [{"type": "input_text", "text": text}]
        return self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    def run(self, until: str | None = None, *, seconds: float = 60.0) -> None:
        """Let time pass, until an event of this type came or nothing is left to do."""
        end = self._now + seconds
        while (due := self._next_due()) is not None and due <= end:
            self._now = max(due, self._now)
            if due == self._speaker.next_due():
                came = self._take(self._session.receive_playout(self._speaker.take_report(), self._now))
            else:
                came = self._take(self._session.handle_timer(self._now))
            if until in [event["type"] for event in came]:
                return

    def last(self, event_type: str) -> Entry:
        """The newest event of this type."""
        return next(entry["data"] for entry in reversed(self.entries) if entry["data"]["type"] == event_type)

    def _next_due(self) -> float | None:
        dues = [due for due in (self._session.next_timer(), self._speaker.next_due()) if due is not None]
        return min(dues, default=None)

    def _take(self, effects: Sequence[Effect]) -> list[Entry]:
        for effect in effects:
            self._speaker.perform(effect, self._now)
        events = [copy.deepcopy(effect.event) for effect in effects if isinstance(effect, SendEvent)]
        self.entries += [_entry("received", event) for event in events]
        return events


def _entry(direction: str, event: Entry) -> Entry:
    event = copy.deepcopy(event)
    if event["type"] == "input_audio_buffer.append":
        event["audio"] = event["audio"][:CUT]
    if event["type"] == "response.output_audio.delta":
        event["delta"] = event["delta"][:CUT]
    return {"kind": "message", "direction": direction, "data": event}


Record = Callable[..., Recorder]
Play = Callable[[list[Entry]], Difference | None]


@pytest.fixture
def record() -> Record:
    """`record(*turns, transcripts=, model=, given=, lag=, sideband=)`: a client of a mock that says the turns."""

    def opened(
        *turns: Turn,
        transcripts: tuple[Transcript, ...] = (),
        model: str = "gpt-realtime",
        given: Entry | None = None,
        lag: int = 0,
        sideband: bool = False,
    ) -> Recorder:
        ids = IdFactory(seed=4711)
        options = SessionOptions(transport="webrtc", plays_audio=True) if sideband else SessionOptions()
        rules = (Rule({"type": "response.create"}, turns),) if turns else ()
        session = Session(
            options=options,
            config=new_session(ids.call()[0] if sideband else ids.session(), model=model, given=given),
            ids=ids,
            registry=REGISTRY,
            script=ScriptedAssistant(Scenario("recorded", rules, transcripts)),
            voice=ToneVoice(),
        )
        return Recorder(session, lag=lag, sideband=sideband)

    return opened


@pytest.fixture
def play() -> Play:
    """Replay a list of entries."""
    return play_entries


def play_entries(entries: list[Entry]) -> Difference | None:
    return replay(parse_recording(json.dumps(entries), "test.json", registry=REGISTRY), registry=REGISTRY)


@pytest.fixture
def tone() -> Callable[[float], bytes]:
    """`tone(seconds)`: a loud 440 Hz tone, 24 kHz PCM."""

    def make(seconds: float) -> bytes:
        samples = np.sin(np.arange(int(seconds * 24_000)) * (2 * np.pi * 440 / 24_000)) * 8000
        return samples.astype("<i2").tobytes()

    return make


@pytest.fixture
def tool_round() -> list[Entry]:
    """A spoken question, a function call and a written answer, as recorded from the mock."""
    entries: list[Entry] = json.loads((Path(__file__).parent / "tool-round.json").read_text(encoding="utf-8"))
    return entries


@pytest.fixture
def run_replay() -> Callable[..., Result]:
    """Run `realtime-mock replay FILE`, and options."""
    return lambda path, *options: CliRunner().invoke(main, ["replay", str(path), *options])
