"""What a session driver needs around it: channels, a speaker, and a session that is a state machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from realtime_mock.api_error import ApiError
from realtime_mock.core.effects import Effect, Listen, PlayoutReport
from realtime_mock.core.hearing import Heard, Span
from realtime_mock.core.speech import Speech


class Channel(Protocol):
    """A way to one client. Neither method blocks, and neither raises when the client is gone."""

    @property
    def name(self) -> str:
        """The kind of the channel, as the journal names it: "websocket", "data-channel", "sideband"."""
        ...

    def send_text(self, text: str) -> None:
        """Queue one event; the outbox inside is bounded, and its overflow is the channel's own affair."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close once everything queued has left; a call has no use for the arguments."""
        ...


class Speaker(Protocol):
    """Plays a call's speech in real time, and reports through `SessionDriver.receive_playout`."""

    def play(self, response_id: str, speech: Speech) -> None:
        """Queue speech of a response."""
        ...

    def end(self, response_id: str) -> None:
        """No more speech follows for this response."""
        ...

    def clear(self, response_id: str) -> None:
        """Drop what is queued for this response, now."""
        ...


class Ears(Protocol):
    """Find out what utterances say."""

    def __call__(self, utterance: Listen, tell: Callable[[Callable[[], Heard]], None], /) -> None:
        """Call `tell` once, now or in a later turn of the loop, with what gives the words or raises."""
        ...


class SansIoSession(Protocol):
    """What the driver needs of a session: inputs and `now` go in, effects come out."""

    @property
    def id(self) -> str:
        """The session's id."""
        ...

    @property
    def listens(self) -> bool:
        """Whether audio makes anything happen by itself, so that it has to come in time."""
        ...

    @property
    def has_more(self) -> bool:
        """Whether `handle_timer`, at the time of the last input, has more to give: only a portion came of it."""
        ...

    def open(self, now: float) -> list[Effect]:
        """Begin: `session.created`."""
        ...

    def receive_event(self, event: object, now: float) -> list[Effect]:
        """Take a JSON value of a client."""
        ...

    def receive_audio(self, pcm: bytes, now: float, *, lost: Sequence[Span] = ()) -> list[Effect]:
        """Take microphone audio of a call; `lost` are samples that fill what never arrived."""
        ...

    def receive_hearing(self, item_id: str, heard: Heard, now: float) -> list[Effect]:
        """Take what the utterance of a `Listen` says."""
        ...

    def receive_playout(self, report: PlayoutReport, now: float) -> list[Effect]:
        """Take a report of the call's speaker."""
        ...

    def refuse(self, error: ApiError, now: float, *, event_id: str | None = None) -> list[Effect]:
        """Answer what never became an event."""
        ...

    def next_timer(self) -> float | None:
        """When `handle_timer` is due; None for never."""
        ...

    def handle_timer(self, now: float) -> list[Effect]:
        """Continue what was due."""
        ...

    def close(self, now: float) -> list[Effect]:
        """End; every later input returns nothing."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """The state as JSON, for the control API."""
        ...
