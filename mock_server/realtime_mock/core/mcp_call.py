"""One call of an MCP tool, from its finished arguments to its result.

The events of the call itself name no response, so they may come after the response that made it: that is what
happens when the client is asked first. `core.mcp` says which of this is UNSURE.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from realtime_mock.core.agenda import Beat, Pause
from realtime_mock.core.conversation import Conversation, ConversationItem
from realtime_mock.core.effects import SendEvent
from realtime_mock.core.events import EventFactory
from realtime_mock.scenario.model import McpCall, McpError


class CallState(Enum):
    """Where a call stands."""

    READY = "ready"
    ASKED = "asked"
    RUNNING = "running"
    ENDED = "ended"


TRANSITIONS: dict[CallState, dict[str, CallState]] = {
    CallState.READY: {"ask": CallState.ASKED, "run": CallState.RUNNING},
    CallState.ASKED: {"run": CallState.RUNNING, "end": CallState.ENDED},
    CallState.RUNNING: {"end": CallState.ENDED},
    CallState.ENDED: {},
}


@dataclass(slots=True)
class LiveCall:
    """A call whose arguments are whole. `item` is its `mcp_call`; `seconds` is how long the call takes.

    `conversation` is None for a call of an out-of-band response.
    """

    step: McpCall
    item: ConversationItem
    output_index: int
    seconds: float
    events: EventFactory
    conversation: Conversation | None
    state: CallState = CallState.READY

    @property
    def is_asked(self) -> bool:
        """Whether the call waits for the client."""
        return self.state is CallState.ASKED

    def ask(self) -> None:
        """Wait for the client's approval."""
        self._fire("ask")

    def run(self) -> Generator[Beat, None, None]:
        """Make the call: in progress, then completed or failed."""
        self._fire("run")
        yield self._event("response.mcp_call.in_progress")
        yield Pause(self.seconds)
        yield self._end(self.step.error)

    def abandon(self) -> Iterator[SendEvent]:
        """End a call under way, because its response ends."""
        if self.state is CallState.RUNNING:
            yield self._end(not_made("The response ended before the call did."))

    def answered(self, request_id: str, *, approve: bool, reason: str | None) -> Generator[Beat, None, None]:
        """What follows the client's answer: the call, or its failure; then the item with its result."""
        self.item.wire["approval_request_id"] = request_id
        if approve:
            yield from self.run()
        else:
            yield self._end(not_made(f"The call was refused: {reason}" if reason else "The call was refused."))
        if self.conversation is not None:
            previous = self.conversation.previous_id(self.item)
            yield self.events.make("conversation.item.done", previous_item_id=previous, item=dict(self.item.wire))

    def _end(self, error: McpError | None) -> SendEvent:
        self._fire("end")
        result: dict[str, Any] = {"output": self.step.output} if error is None else {"error": error.as_json()}
        self.item.wire.update(result)
        return self._event("response.mcp_call.completed" if error is None else "response.mcp_call.failed")

    def _fire(self, trigger: str) -> None:
        self.state = TRANSITIONS[self.state][trigger]

    def _event(self, event_type: str) -> SendEvent:
        return self.events.make(event_type, output_index=self.output_index, item_id=self.item.id)


def not_made(message: str) -> McpError:
    """The error of a call that never reached the server, or whose answer nobody waited for. UNSURE."""
    return McpError("tool_execution_error", message)
