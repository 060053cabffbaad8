"""One call in a user's test says whether an accumulator of deltas ends with what the `done` events say.

A client that shows text while it comes keeps it somewhere: per item, per response, or in one buffer. Streams in which
items interleave, responses are cancelled, and transcripts come late show whether that place is the right one.
"""

from __future__ import annotations

import base64
import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from realtime_conformance.order.beta import in_ga_names
from realtime_conformance.strategies.checks import DEFAULT_EXAMPLES, hold_over
from realtime_conformance.strategies.events import is_valid
from realtime_conformance.strategies.schemas import Dialect, Steps, rule_place
from realtime_conformance.strategies.streams import Event, Stream, event_streams

SHOWN_EVENTS = 60
"""How many events a message shows at most."""

FIELDS = ("status", "text", "transcript", "arguments", "audio")
"""What a reducer may keep of an item."""

_STEPS: Mapping[str, Steps] = {"status": ("item", "status"), "audio": ("delta",)}
"""Where an event has those of these that are not under their own name."""

Reduced = Mapping[str, Mapping[str, object]]
Reduce = Callable[[Stream], Reduced]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a reducer has to have of one item when its `done` events have come.

    `status` is that of the item, judged where it has one; `audio` the bytes of its deltas as the session's output
    format has them. What an item has not is empty.
    """

    status: str = ""
    text: str = ""
    transcript: str = ""
    arguments: str = ""
    audio: bytes = b""


class _Drawn:
    """A stream that Hypothesis does not print: the message shows it in lines."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def __repr__(self) -> str:
        return f"<{len(self.stream)} events>"


def check_reducer(
    reduce: Reduce,
    streams: st.SearchStrategy[Stream] | None = None,
    *,
    fields: Sequence[str] = FIELDS,
    inputs: bool = True,
    max_examples: int = DEFAULT_EXAMPLES,
) -> None:
    """Hold that what `reduce` makes of a stream is what the `done` events in it say.

    Items that were deleted or truncated are not judged, nor those of an id that was given twice.

    Args:
        reduce: takes the events of a session in order and returns, by the id of each item that a response made and of
            each input that was transcribed, a mapping of what it has of `status`, `text`, `transcript`, `arguments`
            and `audio` (bytes). Keys without content may be missing.
        streams: which to try, of either dialect; `event_streams()` by default.
        fields: which of these it keeps; all by default.
        inputs: whether it keeps the transcripts of what the user said.
        max_examples: how many.

    Raises:
        ValueError: one of `fields` is none.
        AssertionError: something differs; the message shows the first difference and the smallest stream.
    """
    drawn = _unprinted(event_streams() if streams is None else streams)
    unknown = [name for name in fields if name not in FIELDS]
    if unknown:
        raise ValueError(f"a reducer keeps nothing called {', '.join(unknown)}; there are {', '.join(FIELDS)}")
    hold_over(lambda each: _hold(reduce, each.stream, fields=fields, inputs=inputs), drawn, max_examples)


def expected(stream: Stream, *, inputs: bool = True) -> dict[str, Kept]:
    """What the `done` events of a stream say, by item; only of items whose last word is certain.

    Without `inputs` only of what responses made.
    """
    found: dict[str, dict[str, Any]] = {}
    stream = in_ga_names(stream)
    for event in stream:
        item_id, told = _told(event)
        if told and (inputs or event["type"].startswith("response.")):
            kept = found.setdefault(item_id, {})
            audio = kept.get("audio", b"") + told.pop("audio", b"")
            kept.update(told, audio=audio)
    uncertain = _uncertain(stream)
    return {item_id: Kept(**kept) for item_id, kept in found.items() if item_id not in uncertain}


@st.composite
def _unprinted(draw: st.DrawFn, streams: st.SearchStrategy[Stream]) -> _Drawn:
    return _Drawn(draw(streams))


def _hold(reduce: Reduce, stream: Stream, *, fields: Sequence[str], inputs: bool) -> None:
    try:
        reduced = reduce(copy.deepcopy(stream))
    except Exception as error:
        raise AssertionError(_message(stream, f"it raised {type(error).__name__}: {error}")) from error
    for item_id, kept in expected(stream, inputs=inputs).items():
        actual = reduced.get(item_id, {})
        for name in fields:
            wanted, given = getattr(kept, name), actual.get(name) or type(getattr(kept, name))()
            if wanted != given and (wanted or name != "status"):
                what = f"{name} of {item_id} is {_shortened(given)}, the done events say {_shortened(wanted)}"
                raise AssertionError(_message(stream, what, f"  its schema: {_rule(stream, item_id, name)}"))


def _told(event: Event) -> tuple[str, dict[str, Any]]:
    """What an event says for good of an item."""
    match event["type"]:
        case "response.output_item.done":
            return event["item"]["id"], {"status": event["item"].get("status") or ""}
        case "response.output_text.done":
            return event["item_id"], {"text": event["text"]}
        case "response.output_audio_transcript.done":
            return event["item_id"], {"transcript": event["transcript"]}
        case "response.function_call_arguments.done" | "response.mcp_call_arguments.done":
            return event["item_id"], {"arguments": event["arguments"]}
        case "response.output_audio.delta":
            return event["item_id"], {"audio": base64.b64decode(event["delta"])}
        case "conversation.item.input_audio_transcription.completed":
            return event["item_id"], {"transcript": event["transcript"]}
        case _:
            return "", {}


def _rule(stream: Stream, item_id: str, name: str) -> str:
    """Where the schemas describe the field of the event that has the last word."""
    for event, named in zip(reversed(stream), reversed(in_ga_names(stream)), strict=True):
        told = _told(named)
        if told[0] == item_id and name in told[1]:
            dialect: Dialect = "ga" if is_valid(event, "server") else "beta"
            return rule_place(event, _STEPS.get(name, (name,)), side="server", dialect=dialect)
    return "none"


def _uncertain(stream: Stream) -> set[str]:
    """Items that a client may well have forgotten, or that share an id."""
    changed = {
        event["item_id"]
        for event in stream
        if event["type"] in ("conversation.item.deleted", "conversation.item.truncated")
    }
    added = Counter(event["item"]["id"] for event in stream if event["type"] == "conversation.item.added")
    opened = {event["item"]["id"] for event in stream if event["type"] == "response.output_item.added"}
    closed = {event["item"]["id"] for event in stream if event["type"] == "response.output_item.done"}
    return changed | (opened - closed) | {item_id for item_id, count in added.items() if count > 1}


def _shortened(value: object) -> str:
    told = repr(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes ({value[:8].hex(' ')} ...)"
    return told if len(told) <= 80 else f"{told[:76]} ..."


def _message(stream: Stream, what: str, *more: str) -> str:
    shown = [_line(number, event) for number, event in enumerate(stream[:SHOWN_EVENTS])]
    rest = [f"  ... and {len(stream) - SHOWN_EVENTS} more"] if len(stream) > SHOWN_EVENTS else []
    return "\n".join([what, *more, "  the smallest stream:", *shown, *rest])


def _line(number: int, event: Event) -> str:
    """An event in one line: its type, its item, and what it says."""
    item_id = event.get("item_id") or (event.get("item") or {}).get("id") or (event.get("response") or {}).get("id")
    said = next((event[key] for key in ("delta", "text", "transcript", "arguments") if key in event), None)
    status = (event.get("item") or event.get("response") or {}).get("status")
    parts = [event["type"], item_id, status, None if said is None else _shortened(said)]
    return f"  {number:3} " + " ".join(part for part in parts if part)
