"""A beta client over a real driver and session, in virtual time, with a virtual speaker on calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from realtime_conformance.targets.core import PlainVoice
from realtime_mock.clock import Timer, VirtualClock
from realtime_mock.core.effects import PlayoutCleared, PlayoutStarted, PlayoutStopped
from realtime_mock.core.speech import Speech
from realtime_mock.driver import SessionDriver
from realtime_mock.journal import Journal
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import Rule, Say, Scenario, Turn
from realtime_mock.sessions import SessionFactory
from realtime_mock.settings import Settings

Event = dict[str, Any]


class VirtualSpeaker:
    """Plays speech by the clock and reports it."""

    def __init__(self, driver: SessionDriver, clock: VirtualClock) -> None:
        self._driver = driver
        self._clock = clock
        self._ends: dict[str, tuple[float, float]] = {}
        self._timers: dict[str, list[Timer]] = {}

    def play(self, response_id: str, speech: Speech) -> None:
        if response_id not in self._ends:
            start = self._clock.time() + 0.1
            self._ends[response_id] = (start, start)
            self._report(start, PlayoutStarted(response_id))
        start, end = self._ends[response_id]
        self._ends[response_id] = (start, end + speech.duration)

    def end(self, response_id: str) -> None:
        if response_id in self._ends:
            self._report(max(self._ends[response_id][1], self._clock.time()), PlayoutStopped(response_id))

    def clear(self, response_id: str) -> None:
        for timer in self._timers.pop(response_id, []):
            timer.cancel()
        start, end = self._ends[response_id]
        played = max(min(self._clock.time(), end) - start, 0.0)
        self._report(self._clock.time(), PlayoutCleared(response_id, int(played * 1000)))

    def _report(self, due: float, report: Any) -> None:
        timer = self._clock.call_at(due, lambda: self._driver.receive_playout(report))
        self._timers.setdefault(report.response_id, []).append(timer)


class BetaClient:
    """Speaks beta to a session; everything that arrives has to be valid beta."""

    name = "websocket"

    def __init__(self, *, call: bool = False, scenario: Scenario | None = None, given: Event | None = None) -> None:
        self.clock = VirtualClock()
        self.journal = Journal(clock=self.clock.now)
        self.seen: list[Event] = []
        self._factory = SessionFactory(
            Settings(port=0),
            registry=SchemaRegistry.bundled(),
            voice=PlainVoice(),
            journal=self.journal,
            scenario=scenario,
            clock=self.clock,
        )
        self.driver = self._open_call(given) if call else self._open_websocket(given)
        self.driver.attach(self)
        self.driver.start()

    def send_text(self, text: str) -> None:
        self.seen.append(json.loads(text))

    def close(self, code: int, reason: str) -> None:
        """Nothing to close."""

    def send(self, event_type: str, **fields: Any) -> list[Event]:
        """Send an event and return what came back at once."""
        before = len(self.seen)
        self.driver.receive_text(json.dumps({"type": event_type, **fields}), self)
        return self.seen[before:]

    def say(self, text: str) -> list[Event]:
        content = [{"type": "input_text", "text": text}]
        return self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    def hear(self, seconds: float) -> None:
        """Let the microphone of a call hear a tone."""
        samples = np.sin(np.arange(int(seconds * 24_000)) * (2 * np.pi * 440 / 24_000)) * 8000
        self.driver.receive_audio(samples.astype("<i2").tobytes())

    def hear_nothing(self, seconds: float) -> None:
        self.driver.receive_audio(bytes(int(seconds * 24_000) * 2))

    def run(self, seconds: float = 60.0) -> list[Event]:
        """Let time pass; return what came."""
        before = len(self.seen)
        self.clock.advance(seconds)
        return self.seen[before:]

    def respond(self, **response: Any) -> list[Event]:
        """Ask for a response and wait until it is over."""
        before = len(self.seen)
        self.send("response.create", **({"response": response} if response else {}))
        self.run()
        return self.seen[before:]

    def check(self) -> None:
        """Nothing that was sent breaks its beta schema, and nothing went wrong on our side."""
        ours = self.journal.entries(direction="out", valid=False)
        assert [(entry.text, entry.error) for entry in ours if not entry.scripted] == []

    def _open_websocket(self, given: Event | None) -> SessionDriver:
        return self._factory.open_websocket(given=given, dialect=self._factory.beta_dialect("websocket"))

    def _open_call(self, given: Event | None) -> SessionDriver:
        driver, _ = self._factory.open_call(given=given, dialect=self._factory.beta_dialect("webrtc"))
        driver.speaker = VirtualSpeaker(driver, self.clock)
        return driver


@pytest.fixture
def beta():
    """`beta(call=True, scenario=..., given=...)` opens a client; all of them are checked at the end."""
    clients: list[BetaClient] = []

    def open_client(**options: Any) -> BetaClient:
        clients.append(BetaClient(**options))
        return clients[-1]

    yield open_client
    for client in clients:
        client.check()


@pytest.fixture
def answers() -> Callable[..., Scenario]:
    """`answers(step, step, ...)`: a scenario that gives one turn to each response, the last one again and again."""

    def make(*steps: Any) -> Scenario:
        turns = tuple(Turn((Say(step) if isinstance(step, str) else step,)) for step in steps)
        return Scenario("answers", (Rule({"type": "response.create"}, turns),))

    return make


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
