"""The output items of one response: how each is opened, grows and is closed.

Whatever ends an item, its `done` events come in the recorded order. Several may be open at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from realtime_mock.core import usage
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.effects import Effect, SendEvent
from realtime_mock.core.mcp_call import LiveCall
from realtime_mock.core.response import Response
from realtime_mock.core.stage import Stage


@dataclass(slots=True)
class OpenItem:
    """The output item being made: how much of it has been sent.

    `part` is its content part's type, once added; `call` is the MCP call, once its arguments are whole.
    """

    item: ConversationItem
    index: int
    part: str | None = None
    sent: str = ""
    call: LiveCall | None = None


class OutputItems:
    """All items of one response, and those of them that are open. `made` keeps their order."""

    def __init__(self, stage: Stage, response: Response) -> None:
        self._stage = stage
        self._response = response
        self.made: list[ConversationItem] = []
        self._open: list[OpenItem] = []

    def unsettled(self) -> int:
        """Tokens in items that are still open."""
        return sum(_cost(opened).total for opened in self._open)

    def begin(self, wire: dict[str, Any]) -> OpenItem:
        """Open an item with this wire form, its id aside."""
        item = ConversationItem({"id": self._stage.ids.item(), **wire})
        opened = OpenItem(item, index=len(self.made))
        self.made.append(item)
        self._open.append(opened)
        return opened

    def added(self, opened: OpenItem) -> Iterator[Effect]:
        """Announce an item, and put it into the conversation unless the response is out of band."""
        yield self._event(
            "response.output_item.added",
            response_id=self._response.id,
            output_index=opened.index,
            item=copy_of(opened.item.wire),
        )
        if self._response.plan.conversation_id is not None:
            previous = self._stage.conversation.append(opened.item)
            yield self._event("conversation.item.added", previous_item_id=previous, item=copy_of(opened.item.wire))

    def close(self, status: str) -> Iterator[Effect]:
        """Send the `done` events of the open items. The newest one ends with `status`; those before it are whole."""
        while self._open:
            opened = self._open.pop(0)
            yield from self._item_done(opened, "completed" if self._open else status)

    def mcp_arguments_done(self, opened: OpenItem) -> SendEvent:
        """Settle the arguments of an MCP call as they were sent."""
        opened.item.wire["arguments"] = opened.sent
        return self.item_event("response.mcp_call_arguments.done", opened, arguments=opened.sent)

    def deltas(self, event_type: str, opened: OpenItem, **fields: Any) -> Callable[[str], SendEvent]:
        """What makes the deltas of this item's text; the item remembers what was sent."""
        delta = self._stage.events.deltas(event_type, **self._place(opened), **fields)

        def sent(piece: str) -> SendEvent:
            opened.sent += piece
            return delta(piece)

        return sent

    def item_event(self, event_type: str, opened: OpenItem, **fields: Any) -> SendEvent:
        """Any event of this item, which begins with its place in the response."""
        return self._event(event_type, **self._place(opened), **fields)

    def _item_done(self, opened: OpenItem, status: str) -> Iterator[Effect]:
        yield from self._content_done(opened)
        if "status" in opened.item.wire:
            opened.item.wire["status"] = status
        wire = copy_of(opened.item.wire)
        self._response.output.append(wire)
        awaits_approval = opened.call is not None and opened.call.is_asked
        if self._response.plan.conversation_id is not None and not awaits_approval:
            previous = self._stage.conversation.previous_id_when_done(opened.item)
            yield self._event("conversation.item.done", previous_item_id=previous, item=wire)
        yield self._event(
            "response.output_item.done", response_id=self._response.id, output_index=opened.index, item=wire
        )

    def _content_done(self, opened: OpenItem) -> Iterator[Effect]:
        wire = opened.item.wire
        if wire["type"] == "function_call":
            wire["arguments"] = opened.sent
            done = {"call_id": wire["call_id"], "name": wire["name"], "arguments": opened.sent}
            yield self.item_event("response.function_call_arguments.done", opened, **done)
        elif wire["type"] == "mcp_call":
            yield from opened.call.abandon() if opened.call else [self.mcp_arguments_done(opened)]
        elif opened.part == "audio":
            wire["content"] = [{"type": "output_audio", "transcript": opened.sent}]
            yield self.item_event("response.output_audio.done", opened, content_index=0)
            yield self.item_event(
                "response.output_audio_transcript.done", opened, content_index=0, transcript=opened.sent
            )
            part = {"type": "audio", "transcript": opened.sent}
            yield self.item_event("response.content_part.done", opened, content_index=0, part=part)
        elif opened.part == "text":
            wire["content"] = [{"type": "output_text", "text": opened.sent}]
            yield self.item_event("response.output_text.done", opened, content_index=0, text=opened.sent)
            part = {"type": "text", "text": opened.sent}
            yield self.item_event("response.content_part.done", opened, content_index=0, part=part)
        self._response.made += _cost(opened)

    def _place(self, opened: OpenItem) -> dict[str, Any]:
        return {"response_id": self._response.id, "item_id": opened.item.id, "output_index": opened.index}

    def _event(self, event_type: str, /, **fields: Any) -> SendEvent:
        return self._stage.events.make(event_type, **fields)


def _cost(opened: OpenItem) -> usage.Tokens:
    """What has been made of an item."""
    audio = usage.speech_tokens(opened.item.audio_ms, by_assistant=True)
    return usage.Tokens(text=usage.text_tokens(opened.sent), audio=audio)


def copy_of(wire: dict[str, Any]) -> dict[str, Any]:
    """An item as it is now; later changes do not reach events already sent."""
    if "content" not in wire:
        return dict(wire)
    return {**wire, "content": [dict(part) for part in wire["content"]]}
