"""A scenario as frozen values: rules whose patterns pick turns, turns made of steps.

A turn that holds a `Say`, `Call`, `McpCall` or `Fail` is an answer: it waits for the next response, because
the service generates nothing until a client or the voice detector asks. Any other turn is
performed at once when its event arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime_mock.api_error import ApiError


@dataclass(frozen=True, slots=True)
class Say:
    """The assistant says `text`: an audio or a text part, as the response's modalities ask.

    `phase` is that of a gpt-realtime-2.x message, None where the rest of the turn tells it. With `closes_late` the
    item's `done` events wait for the content of the next item, or for the end of the response; None is the model's
    habit. `hesitates` is how many seconds the item stays empty once it is open. `transcript` tells where the
    transcript comes: a little `ahead` of its audio, as the service sends it, or whole before (`early`) or after it
    (`late`). `sound` is what is heard: a `voice`, or `markers`, a tone for each word.
    """

    text: str
    after: float = 0.0
    phase: str | None = None
    closes_late: bool | None = None
    hesitates: float = 0.0
    transcript: str = "ahead"
    sound: str = "voice"


@dataclass(frozen=True, slots=True)
class Call:
    """The assistant calls a function. `arguments` is the JSON text, kept to the letter; `closes_late` as of `Say`."""

    name: str
    arguments: str
    call_id: str | None = None
    after: float = 0.0
    closes_late: bool | None = None


@dataclass(frozen=True, slots=True)
class McpError:
    """Why an MCP call failed: a `protocol_error` or `http_error` with a code, or a `tool_execution_error`."""

    type: str
    message: str
    code: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The `error` of an `mcp_call` item."""
        code = {} if self.code is None else {"code": self.code}
        return {"type": self.type, **code, "message": self.message}


@dataclass(frozen=True, slots=True)
class McpCall:
    """The service calls a tool of an MCP server, once the client approves where that is required.

    `arguments` is the JSON text, kept to the letter. The call takes `takes` seconds (None: the mock's own short
    while) and ends with `output`, or with `error`.
    """

    server_label: str
    name: str
    arguments: str = "{}"
    output: str = ""
    error: McpError | None = None
    takes: float | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Fail:
    """The response ends `failed` with `error`, or `incomplete` with `reason`."""

    status: str = "failed"
    error: ApiError | None = None
    reason: str | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Emit:
    """Send this server event, its placeholders filled in (and its `event_id`, where it has none).

    `invalid` tells that it breaks its schema on purpose.
    """

    event: Mapping[str, Any]
    after: float = 0.0
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Let `seconds` pass."""

    seconds: float

    @property
    def after(self) -> float:
        """A wait is nothing but its delay."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Error:
    """Send an `error` event. As the first step of a turn it refuses the client's event."""

    error: ApiError
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Close:
    """End the session: a WebSocket closes with this code and reason, a call hangs up."""

    code: int = 1000
    reason: str = ""
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Proceed:
    """In a turn that happens `instead`: now the session does what it would have done.

    `changes` are merged into an event of the session's, as RFC 7396 merges; a client's event stays as it is.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Respond:
    """The session starts a response by itself, as the voice detector does; not while another is active."""

    after: float = 0.0


Step = Say | Call | McpCall | Fail | Emit | Wait | Error | Close | Proceed | Respond


@dataclass(frozen=True, slots=True)
class Turn:
    """Steps performed one after the other.

    `instead` and `cause` come from the rule that picked the turn: whether it replaces what the session does by
    itself, and the event that the rule matched.
    """

    steps: tuple[Step, ...]
    instead: bool = False
    cause: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def is_answer(self) -> bool:
        """Whether the turn needs a response to be performed in."""
        return any(isinstance(step, Say | Call | McpCall | Fail) for step in self.steps)

    @property
    def refusal(self) -> ApiError | None:
        """The error that refuses the client's event, where the turn opens with one."""
        match self.steps:
            case (Error(error, after=0), *_):
                return error
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Rule:
    """Events that contain `on` take `turns` in order; the last repeats unless `once`.

    `on` matches client events, or the session's own where it has the type of a server event. With `nth` it matches
    that one of the events that contain it, counted from 1. With `instead` the turn replaces what the session does:
    a client's event is not taken, an event of the session's does not leave, until the turn lets it `Proceed`.
    """

    on: Mapping[str, Any]
    turns: tuple[Turn, ...]
    once: bool = False
    nth: int | None = None
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the service writes of one spoken turn.

    Without `text` it writes that there was speech. `after` is seconds from the commit to the transcript, None for
    the usual latency; with an `error` the transcription fails, with `never` nothing comes at all.
    """

    text: str | None = None
    after: float | None = None
    error: ApiError | None = None
    never: bool = False


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool that an MCP server lists; `input_schema` is the JSON Schema of its arguments."""

    name: str
    input_schema: Mapping[str, Any]
    description: str | None = None
    annotations: Mapping[str, Any] | None = None

    @property
    def is_read_only(self) -> bool:
        """Whether the server says so (`readOnlyHint` of the MCP specification)."""
        return bool((self.annotations or {}).get("readOnlyHint"))

    def as_json(self) -> dict[str, Any]:
        """An entry of an `mcp_list_tools` item."""
        optional = {"description": self.description, "annotations": self.annotations}
        known = {key: value for key, value in optional.items() if value is not None}
        return {"name": self.name, "input_schema": dict(self.input_schema), **known}


@dataclass(frozen=True, slots=True)
class McpListing:
    """How an MCP server answers when it is asked for its tools: with `tools`, or None where listing fails.

    `after` is how many seconds it takes, None for the mock's own short while.
    """

    tools: tuple[McpTool, ...] | None = ()
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named list of rules; the first rule whose pattern is contained in the event wins."""

    name: str
    rules: tuple[Rule, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    mcp: Mapping[str, McpListing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """All that an answer may depend on: what the response sees and what it was asked for.

    `items` are the items in the response's view, oldest first, in the wire's shape.
    `heard` maps the id of a spoken user item to its length in seconds.
    `tool_choice_named` tells whether this very `response.create` carried a `tool_choice`,
    `instructions_named` whether it carried `instructions` of its own.
    `mcp_tools` maps the label of an MCP server to those of its tools that the response may call.
    """

    items: tuple[Mapping[str, Any], ...] = ()
    heard: Mapping[str, float] = field(default_factory=dict)
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

    def on_event(self, event: Mapping[str, Any]) -> Turn | None:
        """The turn that a client event takes, or None where no rule matches it.

        Called once for each valid client event. For an automatic response of the voice
        detector the session asks with `{"type": "response.create"}`.
        """
        ...

    def on_server_event(self, event: Mapping[str, Any]) -> Turn | None:
        """The turn that an event of the session's own takes, before it leaves; not asked for scripted events."""
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
