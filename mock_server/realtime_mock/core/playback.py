"""What a call's user hears: which responses' speech is queued or playing, by the speaker's reports.

A WebSocket session never uses this: it cannot know what its client plays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.effects import ClearAudio, Effect, PlayoutCleared, PlayoutReport, PlayoutStarted, PlayoutStopped
from realtime_mock.core.events import EventFactory

_NONE: frozenset[str] = frozenset()


class PlayoutState(Enum):
    """Where the speech of one response is."""

    QUEUED = auto()
    PLAYING = auto()
    OVER = auto()


TRANSITIONS: dict[PlayoutState, dict[type[PlayoutReport], PlayoutState]] = {
    PlayoutState.QUEUED: {PlayoutStarted: PlayoutState.PLAYING, PlayoutCleared: PlayoutState.OVER},
    PlayoutState.PLAYING: {PlayoutStopped: PlayoutState.OVER, PlayoutCleared: PlayoutState.OVER},
    PlayoutState.OVER: {},
}


@dataclass(slots=True)
class Playout:
    """The speech of one response: its items in the order they are heard."""

    items: list[ConversationItem] = field(default_factory=list)
    state: PlayoutState = PlayoutState.QUEUED
    truncates: bool = False


class Playback:
    """All playouts of one call that are not over."""

    def __init__(self, events: EventFactory) -> None:
        self._events = events
        self._playouts: dict[str, Playout] = {}
        self._over = _NONE

    def takes(self, response_id: str) -> bool:
        """Whether this response may be heard still: what was cleared stays silent to its end."""
        return response_id not in self._over

    def queue(self, response_id: str, item: ConversationItem) -> None:
        """Note that an item's speech goes to the speaker."""
        self._playouts.setdefault(response_id, Playout()).items.append(item)

    def starts_next(self, response_id: str) -> bool:
        """Whether this response's first packet is the next to leave: it has not yet, and nothing plays before it."""
        playout = self._playouts.get(response_id)
        if playout is None or playout.state is not PlayoutState.QUEUED:
            return False
        return next(iter(self._playouts)) == response_id

    def clear(self, *, truncates: bool) -> Iterator[Effect]:
        """Silence everything.

        `truncates`: each item is cut where its playback stopped, as the service does when the user interrupts.
        """
        for response_id, playout in self._playouts.items():
            playout.truncates = playout.truncates or truncates
            self._over |= {response_id}
            yield ClearAudio(response_id)

    def receive(self, report: PlayoutReport) -> Iterator[Effect]:
        """The events that a report of the speaker gives rise to."""
        playout = self._playouts.get(report.response_id)
        if playout is None or type(report) not in TRANSITIONS[playout.state]:
            return
        playout.state = TRANSITIONS[playout.state][type(report)]
        if playout.state is PlayoutState.OVER:
            del self._playouts[report.response_id]
            self._over |= {report.response_id}
        match report:
            case PlayoutStarted(response_id):
                yield self._events.playback("output_audio_buffer.started", response_id)
            case PlayoutStopped(response_id):
                yield self._events.playback("output_audio_buffer.stopped", response_id)
            case PlayoutCleared(response_id, played_ms):
                # The order of `cleared` and `truncated` is UNSURE: no raw log of it is published.
                yield self._events.playback("output_audio_buffer.cleared", response_id)
                if playout.truncates:
                    yield from self._truncate(playout, played_ms)

    def _truncate(self, playout: Playout, played_ms: int) -> Iterator[Effect]:
        """Cut the item that was being heard, and those after it, at what was heard of them."""
        for item in playout.items:
            heard_ms = min(item.audio_ms, max(played_ms, 0))
            played_ms -= item.audio_ms
            if heard_ms < item.audio_ms:
                item.truncate(heard_ms)
                yield self._events.make(
                    "conversation.item.truncated", item_id=item.id, content_index=0, audio_end_ms=heard_ms
                )
