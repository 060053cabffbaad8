"""Plays a recording to the mock's core, on a clock of its own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from realtime_mock.core.config import new_session
from realtime_mock.core.effects import Effect, SendEvent
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.input_audio import MINIMUM_COMMIT_MS
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import BYTES_PER_MS
from realtime_mock.core.vad import SpeechStarted, SpeechStopped
from realtime_mock.registry import SchemaRegistry
from realtime_mock.replay.comparison import Comparison, Difference
from realtime_mock.replay.progress import TRANSCRIPTION, Progress
from realtime_mock.replay.recording import Event, Recording, at
from realtime_mock.replay.schedule import APPEND, SPEECH, Input, schedule
from realtime_mock.replay.speaker import VirtualSpeaker
from realtime_mock.replay.stand_ins import RecordedDetector, RecordedScript, RecordedVoice
from realtime_mock.scenario.interface import Script

DEFAULT_MODEL = "gpt-realtime"
"""The model of a session that shows none."""

PATIENCE = 600.0
"""Seconds of the virtual clock that pass at most before something happens."""

_MS_PER_TOKEN = 100
"""Speech per audio token of the user (documented)."""

_SETTINGS = (
    "type",
    "output_modalities",
    "instructions",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "tracing",
    "truncation",
    "prompt",
    "audio",
    "include",
)
"""What of a recorded session object a client can have set when it connected."""


def replay(recording: Recording, *, registry: SchemaRegistry, script: Script | None = None) -> Difference | None:
    """Play a recording to a new session of the mock and return the first difference, or None.

    What the assistant says comes from `script`, without one from the recording.
    """
    return Player(recording, registry, script).play()


class Player:
    """One session of the mock, and how far it has been compared."""

    def __init__(self, recording: Recording, registry: SchemaRegistry, script: Script | None = None) -> None:
        self.comparison = Comparison(recording)
        self._recording = recording
        self._detector = RecordedDetector()
        self._speaker = VirtualSpeaker()
        self._session = _session(recording, registry, self._detector, script or RecordedScript(recording))
        self._now = 0.0
        self._heard_ms = 0.0
        self._taken_ms = 0.0
        self._spoken_from_ms = 0

    def play(self) -> Difference | None:
        """Give the mock everything that is recorded for it, then let it finish."""
        opened = self._session.open(self._now)
        self._take([] if self._recording.is_sideband else opened)
        for given in schedule(self._recording):
            self._run(given.after)
            if self.comparison.difference is not None:
                break
            self._give(given)
        while self.comparison.difference is None and self.comparison.lacks_something() and self._wait():
            pass
        return self.comparison.finish()

    def _run(self, until: Progress) -> None:
        """Let time pass until the mock has come so far."""
        while not self.comparison.progress.has_reached(until) and self._wait():
            pass

    def _wait(self) -> bool:
        """Let time pass until the mock does something; False where nothing is left to happen."""
        timer, report = self._session.next_timer(), self._speaker.next_due()
        due = min((due for due in (timer, report) if due is not None), default=None)
        if self.comparison.difference is not None or due is None or due > self._now + PATIENCE:
            return False
        self._now = max(self._now, due)
        if due == report:
            self._take(self._session.receive_playout(self._speaker.take_report(), self._now))
        else:
            self._take(self._session.handle_timer(self._now))
        return True

    def _take(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._speaker.perform(effect, self._now)
            if isinstance(effect, SendEvent):
                self.comparison.receive(effect.event)

    def _give(self, given: Input) -> None:
        event = given.frame.event
        if given.frame.type in SPEECH:
            self._speak(event)
            return
        if given.frame.type == APPEND:
            self._heard_ms += _length_ms(event)
        elif given.answer is not None and given.answer.type == "input_audio_buffer.committed":
            self._fill(self._taken_ms + self._committed_ms(given.answer.event["item_id"]))
        if given.frame.type in ("input_audio_buffer.commit", "input_audio_buffer.clear"):
            self._taken_ms = self._heard_ms
        self._take(self._session.receive_event(self.comparison.renaming.translated(event), self._now))

    def _speak(self, signal: Event) -> None:
        """Let the detector hear a beginning or an end of speech at its recorded offset."""
        if signal["type"] == SPEECH[0]:
            start_ms = signal["audio_start_ms"]
            self._detector.hear(SpeechStarted(start_ms + self._padding_ms()))
            self._spoken_from_ms = start_ms
            self._fill(start_ms)
        else:
            end_ms = signal["audio_end_ms"]
            self._detector.hear(SpeechStopped(end_ms, max(end_ms - self._spoken_from_ms, 0)))
            self._fill(end_ms)
            self._taken_ms = end_ms
        self._take(self._session.receive_audio(b"", self._now))

    def _fill(self, until_ms: float) -> None:
        """Let silence stand for the audio that was cut from the recording."""
        missing_ms = until_ms - self._heard_ms
        if missing_ms > 0:
            self._heard_ms = until_ms
            self._take(self._session.receive_audio(bytes(int(missing_ms) * BYTES_PER_MS), self._now))

    def _padding_ms(self) -> int:
        """The prefix padding in force: the mock takes it off a detector's beginning."""
        detection = self._session.snapshot()["session"]["audio"]["input"]["turn_detection"] or {}
        return int(detection.get("prefix_padding_ms") or 0)

    def _committed_ms(self, item_id: str) -> float:
        """The length of audio that was committed by hand, as far as its transcription tells."""
        for frame in self._recording.received:
            if frame.type == f"{TRANSCRIPTION}completed" and frame.event["item_id"] == item_id:
                return max(_billed_ms(frame.event), MINIMUM_COMMIT_MS)
        return MINIMUM_COMMIT_MS


def _session(recording: Recording, registry: SchemaRegistry, detector: RecordedDetector, script: Script) -> Session:
    """A session as the recording begins: its model and its settings are those that are shown first."""
    shown = recording.session
    ids = IdFactory()
    session_id = ids.call()[0] if recording.is_sideband else ids.session()
    model = str(shown.get("model") or DEFAULT_MODEL)
    config = new_session(session_id, model=model, given=_settings(shown, registry))
    plays_audio = any(frame.type.startswith("output_audio_buffer.") for frame in recording.received)
    options = SessionOptions(
        transport="webrtc" if recording.is_sideband else "websocket",
        plays_audio=recording.is_sideband and plays_audio,
    )
    return Session(
        options=options,
        config=config,
        ids=ids,
        registry=registry,
        script=script,
        voice=RecordedVoice(recording),
        detector=detector,
    )


def _settings(shown: Event, registry: SchemaRegistry) -> Event:
    """What the client can have asked for; just the type of a session that no client can ask for."""
    given = {key: shown[key] for key in _SETTINGS if key in shown}
    if registry.first_error({"type": "session.update", "session": given}) is None:
        return given
    return {"type": "transcription" if shown.get("type") == "transcription" else "realtime"}


def _length_ms(append: Event) -> float:
    """How much audio an `append` brings, as 24 kHz PCM."""
    try:
        return len(base64.b64decode(append["audio"], validate=True)) / BYTES_PER_MS
    except (KeyError, TypeError, ValueError, binascii.Error):
        return 0.0


def _billed_ms(completed: Event) -> float:
    """The length of audio that a transcription was billed for."""
    seconds = at(completed, "usage.seconds")
    if isinstance(seconds, int | float):
        return seconds * 1000.0
    tokens = at(completed, "usage.input_token_details.audio_tokens")
    return float(tokens * _MS_PER_TOKEN) if isinstance(tokens, int) else 0.0
