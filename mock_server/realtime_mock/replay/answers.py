"""What a recording shows of the model: its answers as turns of a script, and what it wrote of the user's speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.replay.progress import TRANSCRIPTION, is_response, is_transcription
from realtime_mock.replay.recording import SESSION, Event, Frame, Recording, at, text_at
from realtime_mock.scenario.model import Call, Fail, McpCall, McpError, McpListing, McpTool, Say, Step, Transcript, Turn

NEVER = 1e9
"""Seconds until something that is not to happen."""

_MS_PER_TOKEN = 50
"""Speech per audio token of the assistant (documented)."""

_TEXT_DELTAS = (
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.function_call_arguments.delta",
    "response.mcp_call_arguments.delta",
)


@dataclass(slots=True)
class _Item:
    """One output item as it was recorded.

    `added`, `began` and `ended` are the numbers of the frames that open it, that bring the first of its text, and
    that begin its end.
    """

    wire: dict[str, Any]
    added: int
    began: int | None = None
    ended: int | None = None
    text: str = ""
    is_spoken: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it came to its own end."""
        return self.ended is not None and self.wire.get("status") != "incomplete"


@dataclass(frozen=True, slots=True)
class RecordedItem:
    """The numbers of the frames that open an item, that bring the first of its text, and that begin its end."""

    id: str
    added: int
    began: int | None
    ended: int | None


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One response: its turn, the length of its audio, and its spoken texts.

    `spoken` maps each text to the milliseconds of it that a truncation proves. `created` and `done` are the numbers
    of the frames that begin and end it; `items` are those of its steps that make items, in their order.
    """

    turn: Turn
    audio_ms: int = 0
    spoken: dict[str, int] = field(default_factory=dict)
    created: int = 0
    done: int | None = None
    items: tuple[RecordedItem, ...] = ()


def recorded_answers(recording: Recording) -> list[RecordedAnswer]:
    """The responses of a recording, in the order of their beginnings."""
    frames: dict[str, list[Frame]] = {}
    for frame in recording.received:
        response_id = _response_id(frame.event)
        if response_id is not None:
            frames.setdefault(response_id, []).append(frame)
    proven = {
        frame.event["item_id"]: int(frame.event["audio_end_ms"])
        for frame in recording.received
        if frame.type == "conversation.item.truncated"
    }
    return [_answer(of_response, proven) for of_response in frames.values()]


def recorded_transcripts(recording: Recording) -> Iterator[Transcript]:
    """What was written of each spoken turn, in the order of the turns: nothing ever where nothing was to be."""
    for item_id, is_wanted in spoken_turns(recording):
        yield _transcript(recording, item_id) if is_wanted else Transcript(never=True)


def spoken_turns(recording: Recording) -> Iterator[tuple[str, bool]]:
    """The id of each spoken turn, in order, and whether it was to be transcribed."""
    setting: object = None
    begun: set[str] = set()
    for frame in recording.received:
        if frame.type in SESSION:
            setting = at(frame.event, "session.audio.input.transcription")
        elif frame.type in ("input_audio_buffer.speech_started", "input_audio_buffer.committed"):
            item_id = frame.event["item_id"]
            if item_id in begun or (setting is None and frame.type.endswith("speech_started")):
                continue
            begun.add(item_id)
            yield item_id, setting is not None


def recorded_mcp_listing(recording: Recording, server_label: str) -> McpListing:
    """The tools that a server of this label lists; none where the recording shows no listing."""
    for frame in recording.received:
        is_done = frame.type == "conversation.item.done"
        if is_done and at(frame.event, "item.server_label") == server_label and "tools" in frame.event["item"]:
            return McpListing(tuple(_mcp_tool(tool) for tool in frame.event["item"]["tools"]))
    return McpListing()


def _response_id(event: Event) -> str | None:
    if not is_response(event):
        return None
    return text_at(event, "response_id") or text_at(event, "response.id")


def _answer(frames: list[Frame], proven: dict[str, int]) -> RecordedAnswer:
    items = _items(frames)
    end = next((frame for frame in frames if frame.type == "response.done"), None)
    done: Event = end.event["response"] if end is not None else {}
    steps = [_step(item, items[at + 1] if at + 1 < len(items) else None) for at, item in enumerate(items)]
    tokens = at(done, "usage.output_token_details.audio_tokens")
    audio_ms = tokens * _MS_PER_TOKEN if isinstance(tokens, int) else 0
    turn = Turn((*[step for step in steps if step is not None], *_ending(done)))
    spoken = {item.text: proven.get(item.wire["id"], 0) for item in items if item.is_spoken}
    return RecordedAnswer(
        turn,
        audio_ms=audio_ms,
        spoken=spoken,
        created=frames[0].number,
        done=None if end is None else end.number,
        items=tuple(
            RecordedItem(item.wire["id"], item.added, item.began, item.ended)
            for item, step in zip(items, steps, strict=True)
            if step is not None
        ),
    )


def _items(frames: list[Frame]) -> list[_Item]:
    items: dict[str, _Item] = {}
    for frame in frames:
        event = frame.event
        if frame.type == "response.output_item.added":
            items[event["item"]["id"]] = _Item(dict(event["item"]), added=frame.number)
            continue
        item = items.get(text_at(event, "item_id") or text_at(event, "item.id") or "")
        if item is None:
            continue
        if frame.type in _TEXT_DELTAS:
            item.text += event["delta"]
            item.began = frame.number if item.began is None else item.began
        elif frame.type == "response.content_part.added":
            item.is_spoken = event["part"]["type"] == "audio"
        elif frame.type.endswith(".done"):
            item.ended = frame.number if item.ended is None else item.ended
            item.wire |= event.get("item") or {}
    return list(items.values())


def _step(item: _Item, following: _Item | None) -> Step | None:
    """The step that makes an item. One that was cut stays open, for whatever ended its response."""
    closes_late = not item.is_whole
    if following is not None and item.ended is not None:
        closes_late = item.ended > following.added
    match item.wire["type"]:
        case "message":
            return Say(item.text, phase=item.wire.get("phase"), closes_late=closes_late)
        case "function_call":
            name, call_id = str(item.wire.get("name")), item.wire.get("call_id")
            return Call(name, item.text, call_id=call_id, closes_late=closes_late)
        case "mcp_call":
            return _mcp_call(item)
        case _:
            return None


def _mcp_call(item: _Item) -> McpCall:
    wire = item.wire
    error = None
    if wire.get("error") is not None:
        error = McpError(str(at(wire, "error.type")), str(at(wire, "error.message")), at(wire, "error.code"))
    return McpCall(
        str(wire.get("server_label")), str(wire.get("name")), item.text, output=wire.get("output") or "", error=error
    )


def _mcp_tool(tool: object) -> McpTool:
    schema, annotations = at(tool, "input_schema") or {}, at(tool, "annotations")
    return McpTool(str(at(tool, "name")), schema, at(tool, "description"), annotations)


def _ending(response: Event) -> list[Step]:
    """What ends a response that does not complete. One that is cancelled, or never ends, waits."""
    reason = at(response, "status_details.reason")
    match response.get("status"):
        case "completed":
            return []
        case "failed":
            return [Fail(error=_error(at(response, "status_details.error")), reason=reason)]
        case "incomplete":
            return [Fail(status="incomplete", reason=reason)]
        case _:
            return [Fail(after=NEVER)]


def _transcript(recording: Recording, item_id: str) -> Transcript:
    written = ""
    for frame in recording.received:
        if not is_transcription(frame.event) or frame.event.get("item_id") != item_id:
            continue
        match frame.type.removeprefix(TRANSCRIPTION):
            case "completed":
                return Transcript(frame.event["transcript"])
            case "failed":
                return Transcript(error=_error(frame.event["error"]))
            case "delta":
                written += text_at(frame.event, "delta") or ""
            case _:
                pass
    return Transcript(written.strip()) if written else Transcript(never=True)


def _error(error: object) -> ApiError:
    message, kind = at(error, "message") or "", at(error, "type") or ""
    return ApiError(message, code=at(error, "code"), param=at(error, "param"), type=kind)
