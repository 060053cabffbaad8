"""What a session asks of its script, and what it tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime_mock.scenario.model import McpListing, McpTool, Transcript, Turn

Situation = Mapping[str, object]
"""What a rule's conditions are about: `session`, and as far as there is such a thing the user's newest text
(`user_text`), the newest turn where it was spoken (`speech`: its number `turn` and its `seconds`), what was heard of
its words (`heard`: `Heard.as_json`), and the outputs of functions that came last (`function_output`: a list of `name`,
`call_id`, `output`)."""


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """All that an answer may depend on: what the response sees and what it was asked for.

    `items` are the items in the response's view, oldest first, in the wire's shape.
    `heard` maps the id of a spoken user item to its length in seconds, `words` that of one in which a known phrase was
    heard to the phrase.
    `tool_choice_named` tells whether this very `response.create` carried a `tool_choice`,
    `instructions_named` whether it carried `instructions` of its own.
    `mcp_tools` maps the label of an MCP server to those of its tools that the response may call.
    """

    items: tuple[Mapping[str, Any], ...] = ()
    heard: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: object = "auto"
    tool_choice_named: bool = False
    instructions: str = ""
    output_modalities: tuple[str, ...] = ("audio",)
    metadata: Mapping[str, str] | None = None
    instructions_named: bool = False
    mcp_tools: Mapping[str, tuple[McpTool, ...]] = field(default_factory=dict)


class Script(Protocol):
    """Decides what happens: one script serves one session and remembers what it has played."""

    def on_event(self, event: Mapping[str, Any], situation: Callable[[], Situation]) -> Turn | None:
        """The turn that a client event takes, or None where no rule matches it.

        Called once for each valid client event. For an automatic response of the voice
        detector the session asks with `{"type": "response.create"}`. `situation` is only worked out where it is asked
        for; an item that the event brings is in it.
        """
        ...

    def on_server_event(self, event: Mapping[str, Any], situation: Callable[[], Situation]) -> Turn | None:
        """The turn that an event of the session's own takes, before it leaves; not asked for scripted events."""
        ...

    def heeds(self, event_type: str) -> bool:
        """Whether an event of the session's own of this type can take a turn at all."""
        ...

    def near_miss(self, event: Mapping[str, Any], situation: Callable[[], Situation]) -> str | None:
        """Why no rule took a response that the default assistant now answers; None where no rule was meant to."""
        ...

    def transcript(self) -> Transcript | None:
        """What the user says in the next spoken turn, or None where no script says it."""
        ...

    def mcp_listing(self, server: Mapping[str, Any]) -> McpListing:
        """What an MCP server lists; `server` is the `mcp` tool of the session or the response."""
        ...

    def answer(self, request: ResponseRequest) -> Turn:
        """What the assistant says where no rule has said it."""
        ...
