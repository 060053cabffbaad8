"""The default conversation: items in order, and what is known of each beyond its wire form."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_mock.core import errors
from realtime_mock.core.hearing import Heard
from realtime_mock.core.speech import BYTES_PER_MS

ROOT = "root"
"""The `previous_item_id` that means: before the first item."""

_AUDIO_PARTS = ("input_audio", "output_audio")


@dataclass(slots=True)
class ConversationItem:
    """One item: its wire form, and the audio that belongs to it.

    `audio` is 24 kHz PCM; `heard` is the length in seconds of the speech in a user's audio, and `spoken_turn` the
    number of such an item in its session, from 1. `said` is what was heard of its words, None where nobody listened
    for them. A forgotten item is in the conversation still, but no response sees it any more.
    """

    wire: dict[str, Any]
    audio: bytes = b""
    heard: float = 0.0
    spoken_turn: int = 0
    said: Heard | None = None
    is_forgotten: bool = False

    @property
    def id(self) -> str:
        """The item's id."""
        item_id: str = self.wire["id"]
        return item_id

    @property
    def words(self) -> str | None:
        """The known phrase that the user said in it, if any."""
        return None if self.said is None else self.said.says

    @property
    def audio_ms(self) -> int:
        """Length of the item's audio."""
        return len(self.audio) // BYTES_PER_MS

    @property
    def is_assistant_audio(self) -> bool:
        """Whether this is the model's own speech, which alone can be truncated.

        An item that was interrupted before its first audio has none (reported: livekit/agents#6157).
        """
        parts = self.wire.get("content") or ()
        has_part = any(part["type"] == "output_audio" for part in parts)
        return self.wire.get("role") == "assistant" and has_part and bool(self.audio)

    def with_audio(self) -> dict[str, Any]:
        """The wire form with the audio in it, as `conversation.item.retrieved` carries it. GA shape UNSURE."""
        if not self.audio:
            return self.wire
        audio = base64.b64encode(self.audio).decode()
        content = [{**part, "audio": audio} if part["type"] in _AUDIO_PARTS else part for part in self.wire["content"]]
        return {**self.wire, "content": content}

    def truncate(self, audio_end_ms: int) -> None:
        """Keep the first `audio_end_ms` of the audio and drop its transcript, which nobody heard whole."""
        self.audio = self.audio[: audio_end_ms * BYTES_PER_MS]
        for part in self.wire["content"]:
            if part["type"] == "output_audio":
                part.pop("transcript", None)


class Conversation:
    """An ordered list of items. Ids need not be unique: the service accepts duplicates (recorded)."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self._items: list[ConversationItem] = []

    def __iter__(self) -> Iterator[ConversationItem]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def context(self) -> list[ConversationItem]:
        """The items that responses see."""
        return [item for item in self._items if not item.is_forgotten]

    def forget_before(self, first: ConversationItem) -> None:
        """Let responses see nothing from before this item any more: it did not fit their context."""
        for item in self._items:
            if item is first:
                return
            item.is_forgotten = True

    def find(self, item_id: str) -> ConversationItem | None:
        """The newest item with this id, or None."""
        return next((item for item in reversed(self._items) if item.id == item_id), None)

    def insert(self, item: ConversationItem, *, after: str | None = None) -> str | None:
        """Put an item in its place and return the id of the item before it.

        Args:
            after: a `previous_item_id`; None or "" appends, "root" puts the item first (recorded).

        Raises:
            ClientFault: `after` names no item.
        """
        place = self._place(after)
        self._items.insert(place, item)
        return self._items[place - 1].id if place else None

    def append(self, item: ConversationItem) -> str | None:
        """Put an item last and return the id of the item before it."""
        return self.insert(item)

    def remove(self, item: ConversationItem) -> None:
        """Take this very item out."""
        self._items = [other for other in self._items if other is not item]

    def previous_id(self, item: ConversationItem) -> str | None:
        """The id of the item before this very one, or None where it is the first or was taken out."""
        place = next((at for at, other in enumerate(self._items) if other is item), 0)
        return self._items[place - 1].id if place else None

    def previous_id_when_done(self, item: ConversationItem) -> str | None:
        """The `previous_item_id` of a generated item's `conversation.item.done`.

        The service sends null where the item before is the very first of the conversation, although it had named
        it in `.added` (recorded in every session).
        """
        place = next((at for at, other in enumerate(self._items) if other is item), 0)
        return self._items[place - 1].id if place > 1 else None

    def has_call(self, call_id: str) -> bool:
        """Whether a function call with this `call_id` is in the conversation."""
        return any(item.wire["type"] == "function_call" and item.wire.get("call_id") == call_id for item in self._items)

    def has_assistant_audio(self) -> bool:
        """Whether the assistant has spoken."""
        return any(item.wire.get("role") == "assistant" and item.audio for item in self._items)

    def _place(self, after: str | None) -> int:
        if not after:
            return len(self._items)
        if after == ROOT:
            return 0
        for place in range(len(self._items), 0, -1):
            if self._items[place - 1].id == after:
                return place
        raise errors.unknown_previous_item(after)


def item_as_created(given: Mapping[str, Any], *, item_id: str, call_id: str) -> dict[str, Any]:
    """The wire form of an item that a client creates, keys in the order of the wire.

    Messages and function calls are `completed` at once; a function's output has no status (recorded).
    `item_id` and `call_id` serve where the client chose none.
    """
    wire: dict[str, Any] = {"id": given.get("id") or item_id, "type": given["type"]}
    match given["type"]:
        case "message":
            content = [_part_as_created(part) for part in given["content"]]
            return {**wire, "status": "completed", "role": given["role"], "content": content}
        case "function_call":
            name, arguments = given["name"], given["arguments"]
            call = {"name": name, "call_id": given.get("call_id") or call_id, "arguments": arguments}
            return {**wire, "status": "completed", **call}
        case "function_call_output":
            return {**wire, "call_id": given["call_id"], "output": given["output"]}
        case _:
            rest = {key: value for key, value in given.items() if key not in ("id", "type") and value is not None}
            return {**wire, **rest}


def _part_as_created(part: Mapping[str, Any]) -> dict[str, Any]:
    """A content part as echoed: audio itself never comes back in `added` and `done`."""
    if part["type"] == "input_audio":
        return {"type": "input_audio", "transcript": part.get("transcript")}
    return {key: value for key, value in part.items() if value is not None and key != "audio"}
