"""Rules of sums: deltas and what they add up to, padding, tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from realtime_conformance.events import Event, at, entries, item_id, number, text
from realtime_conformance.order.fields import Stream

PADDED_LENGTH = 16

_SUMS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
    "conversation.item.input_audio_transcription": "transcript",
}


def deltas_add_up(stream: Stream) -> Iterator[tuple[int, str]]:
    """The deltas joined are what the final event says, up to outer spaces; an input transcript may come without."""
    joined: dict[tuple[str, str, int], str] = defaultdict(str)
    for place, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if kind not in _SUMS:
            continue
        key = (kind, item_id(event), number(event, "content_index"))
        if stage == "delta":
            joined[key] += text(event, "delta")
        elif stage in ("done", "completed") and (key in joined or stage == "done"):
            said = text(event, _SUMS[kind])
            if joined.pop(key, "").strip() != said.strip():
                yield place, f"the deltas of {item_id(event)} do not add up to {said!r}"


def finals_agree(stream: Stream) -> Iterator[tuple[int, str]]:
    """What the final event of a text says stands in the part, the item and the response that hold it."""
    said: dict[str, list[str]] = defaultdict(list)
    for place, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if event["type"] == "response.output_item.added":
            said.pop(item_id(event), None)
        elif kind in _SUMS and kind.startswith("response.") and stage == "done":
            said[item_id(event)].append(text(event, _SUMS[kind]))
        elif event["type"] == "response.content_part.done" and said.get(item_id(event)):
            part, wanted = at(event, "part"), said[item_id(event)][-1]
            if (text(part, "text") or text(part, "transcript")) != wanted:
                yield place, f"the content part of {item_id(event)} does not say {wanted!r}"
        elif event["type"] == "response.output_item.done":
            yield from _of_item(place, at(event, "item"), said)
        elif event["type"] == "response.done":
            for item in entries(event, "response.output"):
                yield from _of_item(place, item, said)


def _of_item(place: int, item: object, said: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    wanted = said.get(text(item, "id"))
    found = [text(part, "text") or text(part, "transcript") for part in entries(item, "content")]
    if at(item, "type") in ("function_call", "mcp_call"):
        found = [text(item, "arguments")]
    if wanted is not None and found != wanted:
        yield place, f"{text(item, 'id')} says {found}, and its final events said {wanted}"


def deltas_are_padded(stream: Stream) -> Iterator[tuple[int, str]]:
    """A delta of text shorter than 16 characters and its `obfuscation` are 16 together."""
    for place, event in enumerate(stream):
        if not isinstance(event.get("obfuscation"), str):
            continue
        length = len(text(event, "delta")) + len(event["obfuscation"])
        if length != max(PADDED_LENGTH, len(text(event, "delta"))):
            yield place, f"delta and obfuscation are {length} characters"


def usage_adds_up(stream: Stream) -> Iterator[tuple[int, str]]:
    """Totals are the sums of their parts, as far as both are told."""
    for place, event in enumerate(stream):
        usage = at(event, "response.usage")
        for key, total in _sums_of(usage):
            if number(usage, key) != total:
                yield place, f"{key} is {at(usage, key)}, its parts are {total}"


def _sums_of(usage: Event | None) -> Iterator[tuple[str, int]]:
    if at(usage, "total_tokens") is not None:
        yield "total_tokens", number(usage, "input_tokens") + number(usage, "output_tokens")
    given, made = at(usage, "input_token_details"), at(usage, "output_token_details")
    if given:
        yield "input_tokens", sum(number(given, f"{kind}_tokens") for kind in ("text", "audio", "image"))
    if made:
        yield "output_tokens", sum(number(made, f"{kind}_tokens") for kind in ("text", "audio"))
