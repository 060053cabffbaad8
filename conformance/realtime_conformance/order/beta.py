"""The rules that a stream of server events of the beta obeys: those of GA for what both have, and one of its own.

They hold in the one recorded session of the beta (WebRTC, February 2025). What the beta has not is not judged: padded
deltas, the `done` of items, tools of MCP servers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_conformance import order
from realtime_conformance.events import response_id
from realtime_conformance.order import Violation, speech
from realtime_conformance.order.fields import Rule, Stream
from realtime_mock.dialects.beta import RENAMED

_GA_NAMES = {beta: ga for ga, beta in RENAMED.items()} | {"transcription_session.created": "session.created"}


def violations(stream: Stream) -> list[Violation]:
    """Everything that is wrong with the order and the sums of a stream of the beta."""
    return [Violation(name, at, detail) for name, rule in RULES.items() for at, detail in rule(stream)]


def in_ga_names(stream: Stream) -> list[dict[str, Any]]:
    """The events of the beta under the types that GA gives them; all else is as it was."""
    return [{**event, "type": _GA_NAMES.get(event["type"], event["type"])} for event in stream]


def in_beta_names(stream: Stream) -> list[dict[str, Any]]:
    """The inverse of `in_ga_names`, for the events of a conversation."""
    return [{**event, "type": RENAMED.get(event["type"], event["type"])} for event in stream]


def _of_both(rule: Rule) -> Rule:
    """A rule of GA for a stream of the beta."""

    def judge(stream: Stream) -> Iterator[tuple[int, str]]:
        for at, detail in rule(in_ga_names(stream)):
            yield at, _told(detail)

    return judge


def _told(detail: str) -> str:
    for ga, beta in RENAMED.items():
        detail = detail.replace(ga, beta)
    return detail


def _turns_are_contiguous(stream: Stream) -> Iterator[tuple[int, str]]:
    """`speech_stopped`, `committed`, `created` follow one another and name the same item."""
    return speech.turns_are_contiguous(stream, ("input_audio_buffer.committed", "conversation.item.added"))


def _limits_come_before_the_first_item(stream: Stream) -> Iterator[tuple[int, str]]:
    """`rate_limits.updated` stands right before the first item of a response, and nowhere else."""
    begun: set[str] = set()
    for at, event in enumerate(stream):
        before = stream[at - 1]["type"] if at else ""
        named = response_id(event)
        is_first = event["type"] == "response.output_item.added" and named not in begun
        if is_first:
            begun.add(named)
        if is_first and at and before != "rate_limits.updated":
            yield at, f"the first item of {named} comes without rate_limits.updated"
        if before == "rate_limits.updated" and not is_first:
            yield at - 1, f"rate_limits.updated is followed by {event['type']}"


_SHARED = (
    "ids-are-unique",
    "session-comes-first",
    "responses-open-and-close-once",
    "one-default-response-at-a-time",
    "items-open-in-pairs",
    "every-item-is-closed",
    "content-comes-within-its-item",
    "audio-closes-before-its-transcript",
    "transcripts-end-once",
    "deltas-add-up",
    "finals-agree",
    "usage-adds-up",
    "playback-is-framed",
    "playback-follows-its-response",
)

RULES: Mapping[str, Rule] = {
    **{name: _of_both(order.RULES[name]) for name in _SHARED},
    "turns-are-contiguous": _of_both(_turns_are_contiguous),
    "limits-come-before-the-first-item": _limits_come_before_the_first_item,
}
