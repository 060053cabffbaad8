"""The rules that a stream of server events obeys, each as a function over the stream.

All of them hold in the recorded GA sessions. They judge events in the order in which one channel carried them.
A rule yields the violations it finds; a stream that was cut off is judged only for what it holds. No rule raises,
whatever the events hold besides their type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime_conformance.order import items, mcp, responses, sessions, speech, sums
from realtime_conformance.order.fields import Rule, Stream

__all__ = ["RULES", "Violation", "violations"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Event number `at` (from 0) breaks `rule`."""

    rule: str
    at: int
    detail: str


def violations(stream: Stream) -> list[Violation]:
    """Everything that is wrong with the order and the sums of a stream."""
    return [Violation(name, at, detail) for name, rule in RULES.items() for at, detail in rule(stream)]


RULES: Mapping[str, Rule] = {
    "ids-are-unique": sessions.ids_are_unique,
    "session-comes-first": sessions.session_comes_first,
    "responses-open-and-close-once": responses.responses_open_and_close_once,
    "one-default-response-at-a-time": responses.one_default_response_at_a_time,
    "items-open-in-pairs": items.items_open_in_pairs,
    "items-close-in-pairs": items.items_close_in_pairs,
    "given-items-are-done-at-once": items.given_items_are_done_at_once,
    "every-item-is-closed": items.every_item_is_closed,
    "content-comes-within-its-item": items.content_comes_within_its_item,
    "audio-closes-before-its-transcript": speech.audio_closes_before_its_transcript,
    "turns-are-contiguous": speech.turns_are_contiguous,
    "transcripts-end-once": speech.transcripts_end_once,
    "deltas-add-up": sums.deltas_add_up,
    "finals-agree": sums.finals_agree,
    "deltas-are-padded": sums.deltas_are_padded,
    "usage-adds-up": sums.usage_adds_up,
    "playback-is-framed": speech.playback_is_framed,
    "playback-follows-its-response": speech.playback_follows_its_response,
    "mcp-takes-its-steps": mcp.mcp_takes_its_steps,
}
"""Every rule by its name, which is the slug of its check."""
