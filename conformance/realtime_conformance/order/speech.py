"""Rules of what is spoken: the user's turns and their transcripts, the assistant's audio and its playback."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from realtime_conformance.events import Event, item_id, number, response_id, text
from realtime_conformance.order.fields import Stream

_TRANSCRIPTION = "conversation.item.input_audio_transcription"


def audio_closes_before_its_transcript(stream: Stream) -> Iterator[tuple[int, str]]:
    """Of one item's events, `output_audio.done` is followed at once by `output_audio_transcript.done`."""
    by_item: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for place, event in enumerate(stream):
        if event["type"].startswith("response.") and text(event, "item_id"):
            by_item[item_id(event)].append((place, event))
    for events in by_item.values():
        for (place, event), (_, after) in pairwise(events):
            is_done = event["type"] == "response.output_audio.done"
            if is_done and after["type"] != "response.output_audio_transcript.done":
                yield place, f"response.output_audio.done is followed by {after['type']}"


_TURN = ("input_audio_buffer.committed", "conversation.item.added", "conversation.item.done")


def turns_are_contiguous(stream: Stream, wanted: Sequence[str] = _TURN) -> Iterator[tuple[int, str]]:
    """`speech_stopped`, `committed`, `added`, `done` follow one another and name the same item."""
    for place, event in enumerate(stream):
        if event["type"] != "input_audio_buffer.speech_stopped":
            continue
        after = stream[place + 1 : place + 1 + len(wanted)]
        named = {item_id(other) for other in after} | {item_id(event)}
        if [other["type"] for other in after] != list(wanted[: len(after)]) or len(named) > 1:
            yield place, f"speech_stopped is followed by {[other['type'] for other in after]}"


def transcripts_end_once(stream: Stream) -> Iterator[tuple[int, str]]:
    """What is written of a user's audio ends once, completed or failed, and nothing is added to it afterwards."""
    ended: set[tuple[str, int]] = set()
    for place, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if kind != _TRANSCRIPTION:
            continue
        key = (item_id(event), number(event, "content_index"))
        if key in ended:
            yield place, f"{event['type']} of {key[0]} after its end"
        if stage in ("completed", "failed"):
            ended.add(key)


def playback_is_framed(stream: Stream) -> Iterator[tuple[int, str]]:
    """A response's playback starts once, and stops or is cleared at most once."""
    heard: Counter[tuple[str, str]] = Counter()
    for place, event in enumerate(stream):
        kind, _, stage = event["type"].rpartition(".")
        if kind != "output_audio_buffer":
            continue
        stage = "over" if stage in ("stopped", "cleared") else stage
        heard[(response_id(event), stage)] += 1
        if heard[(response_id(event), stage)] > 1:
            yield place, f"a second {event['type']} of {response_id(event)}"


_PLAYBACK_NEEDS = {
    "output_audio_buffer.started": "response.content_part.added",
    "output_audio_buffer.stopped": "response.done",
}
"""What must have come of a response before an event of its playback."""


def playback_follows_its_response(stream: Stream) -> Iterator[tuple[int, str]]:
    """Playback starts after a content part was added, and stops by itself only after `response.done`.

    Of a response that began before the stream did, nothing is said.
    """
    seen: set[tuple[str, str]] = set()
    for place, event in enumerate(stream):
        named = response_id(event)
        needed = _PLAYBACK_NEEDS.get(event["type"])
        if needed and ("response.created", named) in seen and (needed, named) not in seen:
            yield place, f"{event['type']} of {named} before its {needed}"
        seen.add((event["type"], named))
