"""Sessions written down by hand, and what the rules find in them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from realtime_mock.lint.findings import Finding
from realtime_mock.lint.linting import lint
from realtime_mock.recording.entries import Entry
from realtime_mock.recording.reading import Log

Event = dict[str, Any]
SECOND = 48_000
"""Bytes of a second of the service's PCM."""


class Talk:
    """One connection, entry by entry; each message comes a hundredth of a second after the one before."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.now = 0.0

    def add(self, kind: Any, data: Event, direction: Any = None, **fields: Any) -> None:
        self.now += 0.01
        place = f"line {len(self.entries) + 2}"
        self.entries.append(Entry(place, kind, data, session="1", direction=direction, after=self.now, **fields))

    def sent(self, kind: str, **fields: Any) -> None:
        self.add("message", {"type": kind, **fields}, "sent")

    def received(self, kind: str, **fields: Any) -> None:
        self.add("message", {"type": kind, "event_id": "event_1", **fields}, "received")

    def opened(self, **session: Any) -> None:
        detection = {"audio": {"input": {"turn_detection": None}, "output": {"voice": "alloy"}}}
        self.received("session.created", session={"type": "realtime", "id": "sess_1", **detection, **session})

    def began(self, response_id: str = "resp_1", *, conversation_id: str | None = "conv_1") -> None:
        self.received("response.created", response={"id": response_id, "conversation_id": conversation_id})

    def ended(self, response_id: str = "resp_1") -> None:
        self.received("response.done", response={"id": response_id})

    def spoke(self, milliseconds: int, item_id: str = "item_1") -> None:
        item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
        self.received("conversation.item.added", item=item)
        self.spoke_bytes(milliseconds * 48, item_id)

    def spoke_bytes(self, size: int, item_id: str = "item_1") -> None:
        delta = base64.b64encode(bytes(size)).decode()
        self.received("response.output_audio.delta", item_id=item_id, delta=delta)

    def called(self, call_id: str, response_id: str = "resp_1") -> None:
        item = {"id": f"item_{call_id}", "type": "function_call", "name": "f", "call_id": call_id, "arguments": "{}"}
        self.received("response.output_item.done", response_id=response_id, item=item)

    def gave(self, call_id: str) -> None:
        self.sent("conversation.item.create", item={"type": "function_call_output", "call_id": call_id, "output": "1"})

    def appended(self, audio: bytes) -> None:
        self.sent("input_audio_buffer.append", audio=base64.b64encode(audio).decode())

    def refused(self, code: str | None, event_id: str | None = None, kind: str = "invalid_request_error") -> None:
        self.received("error", error={"type": kind, "code": code, "message": "No.", "event_id": event_id})

    def findings(self) -> list[Finding]:
        return lint(Log("talk.jsonl", tuple(self.entries)))

    @property
    def found(self) -> list[str]:
        """The ids of the rules that found something, in order."""
        return [finding.rule for finding in self.findings()]


@pytest.fixture
def talk() -> Talk:
    """A GA session that has been opened, without turn detection."""
    talk = Talk()
    talk.opened()
    return talk
