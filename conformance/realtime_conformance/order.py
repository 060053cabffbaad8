"""The rules that a stream of server events obeys, each as a function over the stream.

All of them hold in the recorded GA sessions. They judge events in the order in which one channel carried them.
A rule yields the violations it finds; a stream that was cut off is judged only for what it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Event = Mapping[str, Any]
Stream = Sequence[Event]

PADDED_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Violation:
    """Event number `at` (from 0) breaks `rule`."""

    rule: str
    at: int
    detail: str


Rule = Callable[[Stream], Iterator[tuple[int, str]]]


def violations(stream: Stream) -> list[Violation]:
    """Everything that is wrong with the order and the sums of a stream."""
    return [Violation(name, at, detail) for name, rule in RULES.items() for at, detail in rule(stream)]


def _ids_are_unique(stream: Stream) -> Iterator[tuple[int, str]]:
    """No two events share an `event_id`."""
    seen: set[object] = set()
    for at, event in enumerate(stream):
        event_id = event.get("event_id")
        if event_id is not None and event_id in seen:
            yield at, f"event_id {event_id} was used before"
        seen.add(event_id)


def _session_comes_first(stream: Stream) -> Iterator[tuple[int, str]]:
    """`session.created` is the first event or, on a sideband, absent."""
    for at, event in enumerate(stream):
        if event["type"] == "session.created" and at > 0:
            yield at, "session.created is not the first event"


def _responses_open_and_close_once(stream: Stream) -> Iterator[tuple[int, str]]:
    """`response.created` comes before, `response.done` after everything else of a response."""
    state: dict[str, str] = {}
    for at, event in enumerate(stream):
        if not event["type"].startswith("response."):
            continue
        response_id = _response_id(event)
        if response_id is None:
            continue
        before = state.get(response_id, "unknown")
        if event["type"] == "response.created":
            if before != "unknown":
                yield at, f"{response_id} was created before"
            state[response_id] = "open"
        elif before != "open":
            yield at, f"{event['type']} while {response_id} is {before}"
        if event["type"] == "response.done":
            state[response_id] = "done"


def _one_default_response_at_a_time(stream: Stream) -> Iterator[tuple[int, str]]:
    """At most one response of the default conversation is active."""
    active: str | None = None
    for at, event in enumerate(stream):
        response = event.get("response")
        if response is None or response.get("conversation_id") is None:
            continue
        if event["type"] == "response.created":
            if active is not None:
                yield at, f"{response['id']} was created while {active} was active"
            active = response["id"]
        elif event["type"] == "response.done" and active == response["id"]:
            active = None


def _items_open_in_pairs(stream: Stream) -> Iterator[tuple[int, str]]:
    """`response.output_item.added` is followed at once by `conversation.item.added` of that item."""
    default = _default_responses(stream)
    for at, event in enumerate(stream):
        if event["type"] == "response.output_item.added" and event["response_id"] in default:
            yield from _followed_by(stream, at, "conversation.item.added")


def _items_close_in_pairs(stream: Stream) -> Iterator[tuple[int, str]]:
    """A generated item's `conversation.item.done` is followed at once by its `response.output_item.done`.

    An MCP call that had to be approved has had the latter before, and is done once its result is known.
    """
    generated = _generated_items(stream)
    closed: set[str] = set()
    for at, event in enumerate(stream):
        if event["type"] == "response.output_item.done":
            closed.add(_item_id(event))
        elif event["type"] == "conversation.item.done" and event["item"]["id"] in generated:
            approved = event["item"]["type"] == "mcp_call" and _item_id(event) in closed
            # A client may give an item an id that a generated one has.
            given = at > 0 and _is_given(stream, at - 1) and _item_id(stream[at - 1]) == _item_id(event)
            if not approved and not given:
                yield from _followed_by(stream, at, "response.output_item.done")


def _given_items_are_done_at_once(stream: Stream) -> Iterator[tuple[int, str]]:
    """An item that no response made is added and done at once, with equal content."""
    for at, event in enumerate(stream):
        if not _is_given(stream, at):
            continue
        if event["item"]["type"] == "mcp_list_tools" or at + 1 == len(stream):
            continue
        after = stream[at + 1]
        if after["type"] != "conversation.item.done" or after["item"] != event["item"]:
            yield at, f"conversation.item.added of {event['item']['id']} is not followed by an equal done"


def _every_item_is_closed(stream: Stream) -> Iterator[tuple[int, str]]:
    """When a response is done, each of its items and content parts has had its `done`."""
    opened: dict[tuple[str, str, str], int] = {}
    for at, event in enumerate(stream):
        match event["type"].rsplit(".", 1):
            case ["response.output_item" | "response.content_part" as kind, "added"]:
                opened[(event["response_id"], kind, _item_id(event))] = at
            case ["response.output_item" | "response.content_part" as kind, "done"]:
                if opened.pop((event["response_id"], kind, _item_id(event)), None) is None:
                    yield at, f"{event['type']} of {_item_id(event)} which was not open"
            case ["response", "done"]:
                for key in [key for key in opened if key[0] == event["response"]["id"]]:
                    yield opened.pop(key), f"{key[1]} of {key[2]} never had its done"


def _audio_closes_before_its_transcript(stream: Stream) -> Iterator[tuple[int, str]]:
    """Of one item's events, `output_audio.done` is followed at once by `output_audio_transcript.done`."""
    by_item: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for at, event in enumerate(stream):
        if event["type"].startswith("response.") and "item_id" in event:
            by_item[event["item_id"]].append((at, event))
    for events in by_item.values():
        for (at, event), (_, after) in pairwise(events):
            is_done = event["type"] == "response.output_audio.done"
            if is_done and after["type"] != "response.output_audio_transcript.done":
                yield at, f"response.output_audio.done is followed by {after['type']}"


def _turns_are_contiguous(stream: Stream) -> Iterator[tuple[int, str]]:
    """`speech_stopped`, `committed`, `added`, `done` follow one another and name the same item."""
    wanted = ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    for at, event in enumerate(stream):
        if event["type"] != "input_audio_buffer.speech_stopped":
            continue
        after = stream[at + 1 : at + 1 + len(wanted)]
        named = {_item_id(other) for other in after} | {event["item_id"]}
        if [other["type"] for other in after] != wanted[: len(after)] or len(named) > 1:
            yield at, f"speech_stopped is followed by {[other['type'] for other in after]}"


_SUMS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
    "conversation.item.input_audio_transcription": "transcript",
}


def _deltas_add_up(stream: Stream) -> Iterator[tuple[int, str]]:
    """The deltas joined are what the final event says, up to outer spaces; an input transcript may come without."""
    joined: dict[tuple[str, str], str] = defaultdict(str)
    for at, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if kind not in _SUMS:
            continue
        key = (kind, event["item_id"])
        if stage == "delta":
            joined[key] += event.get("delta") or ""
        elif stage in ("done", "completed") and (key in joined or stage == "done"):
            said = event[_SUMS[kind]]
            if joined.pop(key, "").strip() != said.strip():
                yield at, f"the deltas of {event['item_id']} do not add up to {said!r}"


def _deltas_are_padded(stream: Stream) -> Iterator[tuple[int, str]]:
    """A delta of text shorter than 16 characters and its `obfuscation` are 16 together."""
    for at, event in enumerate(stream):
        if "obfuscation" not in event:
            continue
        length = len(event["delta"]) + len(event["obfuscation"])
        if length != max(PADDED_LENGTH, len(event["delta"])):
            yield at, f"delta and obfuscation are {length} characters"


def _usage_adds_up(stream: Stream) -> Iterator[tuple[int, str]]:
    """Totals are the sums of their parts."""
    for at, event in enumerate(stream):
        usage = (event.get("response") or {}).get("usage")
        if not usage:
            continue
        given, made = usage["input_token_details"], usage["output_token_details"]
        sums = {
            "total_tokens": usage["input_tokens"] + usage["output_tokens"],
            "input_tokens": given["text_tokens"] + given["audio_tokens"] + given.get("image_tokens", 0),
            "output_tokens": made["text_tokens"] + made["audio_tokens"],
        }
        for key, total in sums.items():
            if usage[key] != total:
                yield at, f"{key} is {usage[key]}, its parts are {total}"


def _playback_is_framed(stream: Stream) -> Iterator[tuple[int, str]]:
    """A response's playback starts once, and stops or is cleared at most once."""
    heard: Counter[tuple[str, str]] = Counter()
    for at, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if kind != "output_audio_buffer":
            continue
        stage = "over" if stage in ("stopped", "cleared") else stage
        heard[(event["response_id"], stage)] += 1
        if heard[(event["response_id"], stage)] > 1:
            yield at, f"a second {event['type']} of {event['response_id']}"


_MCP_NEEDS = {
    "mcp_list_tools.in_progress": "conversation.item.added",
    "mcp_list_tools.completed": "mcp_list_tools.in_progress",
    "mcp_list_tools.failed": "mcp_list_tools.in_progress",
    "response.mcp_call.in_progress": "response.mcp_call_arguments.done",
    "response.mcp_call.completed": "response.mcp_call.in_progress",
    "response.mcp_call.failed": "response.mcp_call_arguments.done",
}
"""What must have come before. A call that is refused fails without having been in progress (UNSURE)."""


def _mcp_takes_its_steps(stream: Stream) -> Iterator[tuple[int, str]]:
    """Tools of an MCP server are listed and called in steps; each step comes once, and there is one end."""
    seen: set[tuple[str, str]] = set()
    for at, event in enumerate(stream):
        step, item_id = event["type"], _item_id(event)
        if step in _MCP_NEEDS:
            if (_MCP_NEEDS[step], item_id) not in seen:
                yield at, f"{step} of {item_id} without {_MCP_NEEDS[step]}"
            same = {step, step.replace("failed", "completed"), step.replace("completed", "failed")}
            if any((one, item_id) in seen for one in same):
                yield at, f"{step} of {item_id} after that or another end"
        seen.add((step, item_id))


RULES: Mapping[str, Rule] = {
    "ids-are-unique": _ids_are_unique,
    "session-comes-first": _session_comes_first,
    "responses-open-and-close-once": _responses_open_and_close_once,
    "one-default-response-at-a-time": _one_default_response_at_a_time,
    "items-open-in-pairs": _items_open_in_pairs,
    "items-close-in-pairs": _items_close_in_pairs,
    "given-items-are-done-at-once": _given_items_are_done_at_once,
    "every-item-is-closed": _every_item_is_closed,
    "audio-closes-before-its-transcript": _audio_closes_before_its_transcript,
    "turns-are-contiguous": _turns_are_contiguous,
    "deltas-add-up": _deltas_add_up,
    "deltas-are-padded": _deltas_are_padded,
    "usage-adds-up": _usage_adds_up,
    "playback-is-framed": _playback_is_framed,
    "mcp-takes-its-steps": _mcp_takes_its_steps,
}


def _followed_by(stream: Stream, at: int, wanted: str) -> Iterator[tuple[int, str]]:
    if at + 1 == len(stream):
        return
    after = stream[at + 1]
    if after["type"] != wanted or _item_id(after) != _item_id(stream[at]):
        yield at, f"{stream[at]['type']} of {_item_id(stream[at])} is followed by {after['type']}"


def _item_id(event: Event) -> str:
    return str(event["item_id"] if "item_id" in event else (event.get("item") or {}).get("id"))


def _response_id(event: Event) -> str | None:
    response = event.get("response")
    return response["id"] if response else event.get("response_id")


def _default_responses(stream: Stream) -> set[str]:
    created = (event["response"] for event in stream if event["type"] == "response.created")
    return {response["id"] for response in created if response.get("conversation_id") is not None}


def _is_given(stream: Stream, at: int) -> bool:
    """Whether this event adds an item that no response made."""
    if stream[at]["type"] != "conversation.item.added":
        return False
    before = stream[at - 1] if at else {"type": ""}
    return before["type"] != "response.output_item.added" or _item_id(before) != _item_id(stream[at])


def _generated_items(stream: Stream) -> set[str]:
    return {event["item"]["id"] for event in stream if event["type"] == "response.output_item.added"}
