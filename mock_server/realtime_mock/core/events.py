"""Server events as effects, keys in the order of the wire: `type`, `event_id`, then the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.core.effects import SendEvent
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.pieces import PADDED_LENGTH


class EventFactory:
    """Makes the events of one session."""

    def __init__(self, ids: IdFactory) -> None:
        self._ids = ids

    def make(self, event_type: str, /, **fields: Any) -> SendEvent:
        """An event of this type with a fresh `event_id`."""
        return SendEvent({"type": event_type, "event_id": self._ids.event(), **fields})

    def deltas(self, event_type: str, /, **fields: Any) -> Callable[[str], SendEvent]:
        """What makes the deltas of one text: `delta`, then the `obfuscation` that pads it to 16 characters.

        Most events of a session are made here, and most of each is the same in all: it is put together once.
        """
        template = {"type": event_type, "event_id": "", **fields, "delta": "", "obfuscation": ""}
        ids = self._ids

        def delta(piece: str) -> SendEvent:
            event = template.copy()
            event["delta"] = piece
            event["obfuscation"], event["event_id"] = ids.padded_event(PADDED_LENGTH - len(piece))
            return SendEvent(event)

        return delta

    def playback(self, event_type: str, response_id: str) -> SendEvent:
        """An `output_audio_buffer.*` event, whose ids have a shape of their own (recorded)."""
        event_id = self._ids.playback_event()
        return SendEvent({"type": event_type, "event_id": event_id, "response_id": response_id})

    def error(self, error: ApiError, *, event_id: str | None = None, refusal: bool = False) -> SendEvent:
        """An `error` event; `event_id` is that of the client's event, where it had one."""
        body = {**error.as_json(), "event_id": event_id}
        event = {"type": "error", "event_id": self._ids.event(), "error": body}
        return SendEvent(event, refusal=error if refusal else None)

    def raw(self, event: Mapping[str, Any]) -> SendEvent:
        """A scripted event as it stands; an absent `event_id` is filled in."""
        first = {"type": event["type"]} if "type" in event else {}
        own_id = {} if "event_id" in event else {"event_id": self._ids.event()}
        return SendEvent({**first, **own_id, **event})
