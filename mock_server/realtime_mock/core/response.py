"""One response as a value that grows: what was asked for, its status, its output, its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.core.usage import Tokens, response_usage
from realtime_mock.scenario.interface import ResponseRequest


class ResponseStatus(Enum):
    """The statuses of the API."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


TRANSITIONS: dict[ResponseStatus, dict[str, ResponseStatus]] = {
    ResponseStatus.IN_PROGRESS: {
        "complete": ResponseStatus.COMPLETED,
        "cancel": ResponseStatus.CANCELLED,
        "fail": ResponseStatus.FAILED,
        "cut short": ResponseStatus.INCOMPLETE,
    },
    ResponseStatus.COMPLETED: {},
    ResponseStatus.CANCELLED: {},
    ResponseStatus.FAILED: {},
    ResponseStatus.INCOMPLETE: {},
}


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """What a response is to be: the session's settings with those of its `response.create` over them.

    `conversation_id` is None for an out-of-band response, whose items stay outside the conversation.
    `prompt` is what its input costs, `cached` the part of it that the response before had seen.
    """

    id: str
    conversation_id: str | None
    output_modalities: tuple[str, ...]
    max_output_tokens: int | str
    audio_format: Mapping[str, Any]
    voice: object
    speed: float
    metadata: Mapping[str, str] | None
    request: ResponseRequest
    prompt: Tokens
    cached: Tokens
    is_second_generation: bool

    @property
    def speaks(self) -> bool:
        """Whether messages come as audio with a transcript, not as text."""
        return "audio" in self.output_modalities


class Response:
    """The state of one response."""

    def __init__(self, plan: ResponsePlan) -> None:
        self.plan = plan
        self.status = ResponseStatus.IN_PROGRESS
        self.output: list[dict[str, Any]] = []
        self.made = Tokens()
        self._details: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """The response's id."""
        return self.plan.id

    @property
    def is_active(self) -> bool:
        """Whether it is still in progress."""
        return self.status is ResponseStatus.IN_PROGRESS

    def fire(self, trigger: str, *, reason: str | None = None, error: ApiError | None = None) -> None:
        """Move to a final status; `reason` and `error` become its `status_details`."""
        self.status = TRANSITIONS[self.status][trigger]
        if self.status is ResponseStatus.COMPLETED:
            return
        self._details = {"type": self.status.value}
        if reason is not None:
            self._details["reason"] = reason
        if error is not None:
            self._details["error"] = {"type": error.type, "code": error.code, "message": error.message}

    def snapshot(self) -> dict[str, Any]:
        """The `response` object, keys in the order of the wire."""
        plan = self.plan
        return {
            "object": "realtime.response",
            "id": plan.id,
            "status": self.status.value,
            "status_details": self._details,
            "output": list(self.output),
            "conversation_id": plan.conversation_id,
            "output_modalities": list(plan.output_modalities),
            "max_output_tokens": plan.max_output_tokens,
            "audio": {"output": {"format": dict(plan.audio_format), "voice": plan.voice}},
            "usage": None if self.is_active else self._usage(),
            "metadata": plan.metadata,
        }

    def _usage(self) -> dict[str, Any]:
        """A response that ended before it made anything costs nothing (recorded)."""
        plan = self.plan
        made_nothing = not self.output and self.status is not ResponseStatus.COMPLETED
        prompt, cached = (Tokens(), Tokens()) if made_nothing else (plan.prompt, plan.cached)
        return response_usage(prompt, self.made, cached=cached)

    def tokens_left(self) -> float:
        """How many more tokens of output it may have."""
        limit = self.plan.max_output_tokens
        return float("inf") if isinstance(limit, str) else max(limit - self.made.total, 0)
