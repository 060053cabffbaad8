"""The side streams of a session: what the service sends whenever it is ready."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from realtime_mock.replay.claims import Id, claims
from realtime_mock.replay.progress import AUDIO_DELTA, RATE_LIMITS, TRANSCRIPTION, is_delta
from realtime_mock.replay.recording import Event, at, text_at
from realtime_mock.replay.renaming import Renaming

ABSENT = "nothing"
"""What stands in a difference for what is not there."""

Found = tuple[str, object, object]
"""A difference: where, what was recorded, what the mock sent."""

_FINAL = (f"{TRANSCRIPTION}completed", f"{TRANSCRIPTION}failed")


@dataclass(slots=True)
class Streams:
    """What one side sent in its side streams.

    `sums` holds what the deltas of one type and item add up to, `finals` the last transcription event of each item.
    """

    sums: dict[tuple[str, str], str] = field(default_factory=dict)
    finals: dict[str, Event] = field(default_factory=dict)
    limits: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Take one event that is not of the main line."""
        if event["type"] == RATE_LIMITS:
            self.limits.append(event)
        elif event["type"] in _FINAL:
            self.finals[event["item_id"]] = event
        elif is_delta(event):
            key = (event["type"], event["item_id"])
            self.sums[key] = self.sums.get(key, "") + (text_at(event, "delta") or "")


def stream_differences(recorded: Streams, sent: Streams, renaming: Renaming) -> Iterator[Found]:
    """Everything that is recorded and that the mock did not send so; it may have sent more."""
    for (event_type, item_id), total in recorded.sums.items():
        ours = sent.sums.get((event_type, renaming.of(item_id)))
        if ours is None or not _begins_with(ours, total, event_type=event_type):
            yield f"the sum of {event_type} of {item_id}", total, ABSENT if ours is None else ours
    for item_id, final in recorded.finals.items():
        yield from _final_differences(final, sent.finals.get(renaming.of(item_id)))
    for number, (theirs, mine) in enumerate(zip_longest(map(_names, recorded.limits), map(_names, sent.limits))):
        if theirs is not None and theirs != mine:
            yield f"{RATE_LIMITS} number {number + 1}", theirs, ABSENT if mine is None else mine


def _begins_with(sent: str, recorded: str, *, event_type: str) -> bool:
    """A recording may end in the middle of a text; where it does not, the `done` event holds the whole.

    The deltas of a transcription may begin with a space (recorded in five of six).
    """
    if event_type == AUDIO_DELTA:
        return bool(sent) or not recorded
    if event_type.startswith(TRANSCRIPTION):
        return sent.strip().startswith(recorded.strip())
    return sent.startswith(recorded)


def _final_differences(recorded: Event, sent: Event | None) -> Iterator[Found]:
    where = f"{recorded['type']} of {recorded['item_id']}"
    if sent is None:
        yield where, recorded["type"], ABSENT
        return
    theirs, ours = claims(recorded), claims(sent)
    for path, value in theirs.items():
        if not isinstance(value, Id) and ours.get(path, ABSENT) != value:
            yield f"{path} in {where}", value, ours.get(path, ABSENT)


def _names(limits: Event) -> list[object]:
    return [at(limit, "name") for limit in limits["rate_limits"]]
