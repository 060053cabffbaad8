"""The mock's session core on a virtual clock with a virtual speaker: a server without a network, for tests.

An hour of a conversation costs milliseconds, and the same inputs give the same events. This is the only module of
the harness that knows the core.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from realtime_conformance.order import violations
from realtime_mock.api_error import ApiError, ClientFault
from realtime_mock.chance import Chance
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
from realtime_mock.core.hearing import NOTHING, Heard, Span
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.limits import Limits
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import Speech, Voice
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.script import ScriptedAssistant
from realtime_mock.scenario.timing import Timing
from realtime_mock.wire import BINARY_FRAME, parse_event

PLAYOUT_LATENCY = 0.1
"""Seconds from the first audio of a response to its first packet."""

SAMPLE_RATE = 24_000
FOREVER = float("inf")

LIMITS = Limits(lifetime=3600.0)
"""The documented hour of a session, and nothing else that a test may run into."""

Event = dict[str, Any]
Ears = Callable[[Listen], Heard]


class PlainVoice:
    """50 ms of a constant for each character."""

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:  # noqa: ARG002 - one sound for every voice
        """The speech of a text: as long as its letters ask, whatever the voice."""
        return Speech(text, b"\x01\x10" * int(SAMPLE_RATE * 0.05 * len(text) / speed))


class SpellingVoice:
    """A few samples for each character, their value the character's: audio that tells what it says."""

    def __init__(self, seconds_per_character: float = 0.005) -> None:
        self._samples = int(SAMPLE_RATE * seconds_per_character)

    def speak(self, text: str, *, voice: str, speed: float) -> Speech:  # noqa: ARG002 - one sound for every voice
        """The speech of a text: all characters alike in length."""
        count = max(int(self._samples / speed), 1)
        return Speech(text, b"".join((ord(letter) & 0x7FFF).to_bytes(2, "little") * count for letter in text))


class VirtualSession:
    """Feeds a session and collects its events; every event must fit its schema.

    On a call a virtual speaker plays what it is given in virtual time and reports. `sent` is every server event so
    far, `effects` are those and everything else the session asked for. `ears` tell at once what an utterance says.
    """

    def __init__(self, session: Session, *, with_speaker: bool, ears: Ears | None = None) -> None:
        self.session = session
        self.now = 0.0
        self.sent: list[Event] = []
        self.effects: list[Effect] = []
        self._with_speaker = with_speaker
        self._ears = ears or (lambda utterance: NOTHING)  # noqa: ARG005 - nobody listens
        self._reports: list[tuple[float, PlayoutReport]] = []
        self._playing: dict[str, tuple[float, float]] = {}
        self._cleared: list[tuple[float, float]] = []

    @property
    def played(self) -> list[tuple[float, float]]:
        """From when to when the speaker of a call has played something, the newest perhaps to a second to come."""
        return [*self._cleared, *self._playing.values()]

    @property
    def is_closed(self) -> bool:
        """Whether the session has hung up."""
        return any(isinstance(effect, Hangup) for effect in self.effects[-1:])

    @property
    def with_speaker(self) -> bool:
        """Whether this is a call."""
        return self._with_speaker

    def open(self) -> list[Event]:
        """Begin the session."""
        return self._take(self.session.open(self.now))

    def receive(self, event: object) -> list[Event]:
        """Send one client event and return what came back at once."""
        return self._take(self.session.receive_event(event, self.now))

    def send(self, event_type: str, **fields: Any) -> list[Event]:
        """Send a client event of this type."""
        return self.receive({"type": event_type, **fields})

    def say(self, text: str) -> list[Event]:
        """Create a user message."""
        content = [{"type": "input_text", "text": text}]
        return self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    def append(self, pcm: bytes) -> list[Event]:
        """Send input audio as an event."""
        return self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    def listen(self, pcm: bytes, lost: Sequence[Span] = ()) -> list[Event]:
        """Let the microphone of a call hear something: 24 kHz, 16-bit, mono; `lost` are samples that never arrived."""
        return self._take(self.session.receive_audio(pcm, self.now, lost=lost))

    def tell(self, item_id: str, heard: Heard) -> list[Event]:
        """Tell what an utterance says."""
        return self._take(self.session.receive_hearing(item_id, heard, self.now))

    def hear(self, pcm: bytes) -> list[Event]:
        """Give the session input audio the way its transport carries it: as an event, or by the microphone."""
        return self.listen(pcm[: len(pcm) // 2 * 2]) if self._with_speaker else self.append(pcm)

    def report(self, report: PlayoutReport) -> list[Event]:
        """Let the speaker of a call report something besides what it really plays."""
        return self._take(self.session.receive_playout(report, self.now))

    def refuse(self, error: ApiError) -> list[Event]:
        """Let a frame arrive that is no event."""
        return self._take(self.session.refuse(error, self.now))

    def receive_message(self, message: str | bytes) -> list[Event]:
        """Let one frame arrive, whatever is in it."""
        if isinstance(message, bytes):
            return self.refuse(BINARY_FRAME)
        try:
            return self.receive(parse_event(message))
        except ClientFault as fault:
            return self.refuse(fault.error)

    def step(self, until: float) -> list[Event] | None:
        """Let time pass up to the next thing that is due, at most to `until`; None where nothing is due by then."""
        due = self._next_due()
        if due is None or due > until:
            self.now = max(self.now, until)
            return None
        self.now = max(self.now, due)
        if self._reports and self._reports[0][0] <= self.now:
            return self.report(self._reports.pop(0)[1])
        return self._take(self.session.handle_timer(self.now))

    def run(self, until: float = FOREVER) -> list[Event]:
        """Let time pass until nothing is left to do (or until that second); return what came."""
        came: list[Event] = []
        while (due := self._next_due()) is not None and due <= until:
            came += self.step(due) or ()
        self.now = max(self.now, until if until != FOREVER else self.now)
        return came

    def wait(self, seconds: float) -> list[Event]:
        """Let so many seconds pass."""
        return self.run(until=self.now + seconds)

    def check(self) -> None:
        """Hold that every rule of the order of events holds over all that was sent.

        Raises:
            AssertionError: one does not.
        """
        found = violations(self.sent)
        if found:
            raise AssertionError(found)

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
            if not effect.scripted:
                _hold_to_schema(effect.event)
        events = [effect.event for effect in sent]
        self.sent += events
        for effect in effects:
            if isinstance(effect, Listen):
                events += self.tell(effect.item_id, self._ears(effect))
        return events

    def _play(self, effect: Effect) -> None:
        if not self._with_speaker:
            return
        match effect:
            case PlayAudio(response_id, speech) if response_id not in self._playing:
                start = self.now + PLAYOUT_LATENCY
                self._playing[response_id] = (start, start + speech.duration)
                self._expect(start, PlayoutStarted(response_id))
            case PlayAudio(response_id, speech):
                start, end = self._playing[response_id]
                self._playing[response_id] = (start, end + speech.duration)
            case EndAudio(response_id) if response_id in self._playing:
                self._expect(max(self._playing[response_id][1], self.now), PlayoutStopped(response_id))
            case ClearAudio(response_id) if response_id in self._playing:
                start, end = self._playing.pop(response_id)
                self._reports = [entry for entry in self._reports if entry[1].response_id != response_id]
                played = max(min(self.now, end) - start, 0.0)
                self._cleared.append((start, start + played))
                self._expect(self.now, PlayoutCleared(response_id, int(played * 1000)))
            case _:
                """What is not for a speaker."""

    def _expect(self, due: float, report: PlayoutReport) -> None:
        self._reports.append((due, report))
        self._reports.sort(key=lambda entry: entry[0])


def open_session(  # noqa: PLR0913 - whatever a session can differ in
    *,
    model: str = "gpt-realtime",
    call: bool = False,
    scenario: Scenario | None = None,
    given: Mapping[str, Any] | None = None,
    pace: float = 10.0,
    seed: int = 0,
    limits: Limits | None = None,
    voice: Voice | None = None,
    ears: Ears | None = None,
) -> VirtualSession:
    """Open a session at second 0.

    Args:
        model: whose habits it has.
        call: over WebRTC with a speaker, or over a WebSocket.
        scenario: what the assistant does; the built-in one answers otherwise.
        given: the session object that the client asked for when it opened the session.
        pace: seconds of speech sent per second; 0 sends everything at once.
        seed: where ids and chance come from.
        limits: of the session and its account; generous by default.
        voice: what the assistant's speech is; 50 ms for each character by default.
        ears: tell what utterances say; the session asks only where there are some.
    """
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
        hears=ears is not None,
    )
    session = Session(
        options=options,
        config=new_session(session_id, model=model, given=given, expires_at=1_800_003_600),
        ids=ids,
        registry=SchemaRegistry.bundled(),
        script=ScriptedAssistant(scenario),
        voice=voice or PlainVoice(),
    )
    virtual = VirtualSession(session, with_speaker=call, ears=ears)
    virtual.open()
    return virtual


def _hold_to_schema(event: Event) -> None:
    error = SchemaRegistry.bundled().first_server_error(event)
    if error is not None:
        raise AssertionError(f"{event['type']} breaks its schema: {error}\n{event}")
