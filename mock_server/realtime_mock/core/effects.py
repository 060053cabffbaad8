"""What a session asks its driver to do, and what the speaker of a call reports back.

Effects are performed in list order. `SendEvent` goes to every channel of the session;
`PlayAudio`, `EndAudio` and `ClearAudio` concern calls only (a WebSocket session gets
its audio as events and never sees them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from realtime_mock.api_error import ApiError
from realtime_mock.core.hearing import Span
from realtime_mock.core.speech import Speech


class SendEvent(NamedTuple):
    """Send one server event. A tuple, because thousands are made in a second.

    `refusal` is set on the `error` event that refuses a client event. `scripted` tells an event that a scenario
    wrote, changed or held back: whether it fits its schema and comes in order is the scenario's affair.
    """

    event: dict[str, Any]
    refusal: ApiError | None = None
    scripted: bool = False


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Queue speech of a response on the call's audio track."""

    response_id: str
    speech: Speech


@dataclass(frozen=True, slots=True)
class EndAudio:
    """No more speech follows for this response: playback stops when the queue has drained."""

    response_id: str


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Drop all queued speech of this response at once."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """Close every channel: a WebSocket with this code and reason, a call without."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Journal this sentence: nothing that a client sees, but worth knowing for whoever wrote its scenario."""

    text: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Find out what an utterance says, and tell `Session.receive_hearing` before the client's next input.

    `item_id` is the item that it became, `pcm` its sound (24 kHz); `lost` are the samples in it that only stand for
    what never arrived.
    """

    item_id: str
    pcm: bytes
    lost: tuple[Span, ...] = ()


Effect = SendEvent | PlayAudio | EndAudio | ClearAudio | Hangup | Remark | Listen


@dataclass(frozen=True, slots=True)
class PlayoutStarted:
    """The first packet of a response's speech left."""

    response_id: str


@dataclass(frozen=True, slots=True)
class PlayoutStopped:
    """The last packet of a response's speech left, after its `EndAudio`."""

    response_id: str


@dataclass(frozen=True, slots=True)
class PlayoutCleared:
    """A `ClearAudio` was obeyed; `played_ms` of the response's speech had been sent by then."""

    response_id: str
    played_ms: int


PlayoutReport = PlayoutStarted | PlayoutStopped | PlayoutCleared
