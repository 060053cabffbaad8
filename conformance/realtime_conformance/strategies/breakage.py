"""Streams with one rule of order broken, and no other: what a reader of streams has to notice.

For each rule of `order.RULES`, and of `order.beta.RULES`, there is a breaker: where in a stream the rule can be broken,
and how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from realtime_conformance.order import beta, violations
from realtime_conformance.order.beta import in_beta_names, in_ga_names
from realtime_conformance.order.beta import violations as beta_violations
from realtime_conformance.strategies.schemas import Dialect
from realtime_conformance.strategies.streams import Stream, Transport, conversations

Places = Callable[[Stream], Iterator[int]]
Break = Callable[[Stream, int], Stream]


@dataclass(frozen=True, slots=True)
class Breaker:
    """Breaks one rule.

    `places` are the indexes of the events at which it can, `apply` gives the broken stream. A stream that ends with
    the phrases of `shows` has such places.
    """

    places: Places
    apply: Break
    shows: tuple[str, ...]
    transport: Transport | None = None


@dataclass(frozen=True, slots=True)
class BrokenStream:
    """A stream that breaks `rule` and no other; `at` is the index of the event that was changed, lost or moved."""

    stream: Stream
    rule: str
    at: int


@st.composite
def broken_streams(draw: st.DrawFn, *, rules: Iterable[str] | None = None, dialect: Dialect = "ga") -> BrokenStream:
    """A stream in which exactly one rule of order is broken, by one change, and the name of the rule.

    Args:
        draw: given by Hypothesis.
        rules: of these names alone; of all by default.
        dialect: `ga`, or `beta`, of which fewer rules are known.

    Raises:
        ValueError: no rule has one of the names.
    """
    breakers = BREAKERS if dialect == "ga" else BETA_BREAKERS
    rule = draw(st.sampled_from(_known(rules, breakers)))
    breaker = breakers[rule]
    shown = conversations(transport=breaker.transport, dialect=dialect, max_phrases=4, shows=breaker.shows)
    stream = in_ga_names(draw(shown).events())
    # The last place is in what the stream was made to show.
    places = list(breaker.places(stream))[::-1]
    if not places:
        reject()
    at = draw(st.sampled_from(places))
    broken = breaker.apply(stream, at)
    if dialect == "beta":
        broken = in_beta_names(broken)
    found = violations(broken) if dialect == "ga" else beta_violations(broken)
    if {violation.rule for violation in found} != {rule}:
        reject()
    return BrokenStream(broken, rule, at)


def _known(rules: Iterable[str] | None, breakers: Mapping[str, Breaker]) -> Sequence[str]:
    wanted = tuple(breakers if rules is None else rules)
    unknown = [rule for rule in wanted if rule not in breakers]
    if unknown or not wanted:
        raise ValueError(f"no rule is called {', '.join(unknown) or 'nothing'}; there are {', '.join(breakers)}")
    return wanted


def _of(*types: str, having: str = "") -> Places:
    """The places of events of these types, only of those with that key if it is named."""
    return lambda stream: (
        at for at, event in enumerate(stream) if event["type"] in types and (not having or having in event)
    )


def _followed_by(first: str, second: str) -> Places:
    """The places of events of one type that one of another follows at once."""
    return lambda stream: (
        at for at, event in enumerate(stream[:-1]) if event["type"] == first and stream[at + 1]["type"] == second
    )


def _lose(stream: Stream, at: int) -> Stream:
    return [*stream[:at], *stream[at + 1 :]]


def _lose_next(stream: Stream, at: int) -> Stream:
    return _lose(stream, at + 1)


def _swap_with_next(stream: Stream, at: int) -> Stream:
    return [*stream[:at], stream[at + 1], stream[at], *stream[at + 2 :]]


def _repeat(stream: Stream, at: int) -> Stream:
    """The event again behind itself, with an id of its own."""
    return [*stream[: at + 1], {**stream[at], "event_id": "event_again"}, *stream[at + 1 :]]


def _with(stream: Stream, at: int, **fields: Any) -> Stream:
    return [*stream[:at], {**stream[at], **fields}, *stream[at + 1 :]]


def _share_an_id(stream: Stream, at: int) -> Stream:
    return _with(stream, at, event_id=stream[at - 1]["event_id"])


def _greet_late(stream: Stream, at: int) -> Stream:
    """What came first comes behind the event at `at`."""
    return [*stream[1 : at + 1], stream[0], *stream[at + 1 :]]


def _overlap(stream: Stream, at: int) -> Stream:
    """A second response is created and done in the middle of one."""
    created = stream[at]
    other = {**created["response"], "id": "resp_again"}
    done = {**created, "type": "response.done", "event_id": "event_again_2", "response": other}
    return [
        *stream[: at + 1],
        {**created, "event_id": "event_again_1", "response": other},
        done,
        *stream[at + 1 :],
    ]


def _of_the_conversation(stream: Stream) -> Iterator[int]:
    for at in _of("response.created")(stream):
        if stream[at]["response"]["conversation_id"] is not None:
            yield at


def _saying_something(stream: Stream) -> Iterator[int]:
    deltas = ("response.output_text", "response.output_audio_transcript", "response.function_call_arguments")
    for at in _of(*(f"{kind}.delta" for kind in deltas))(stream):
        if stream[at]["delta"].strip():
            yield at


def _unpad(stream: Stream, at: int) -> Stream:
    return _with(stream, at, obfuscation=stream[at]["obfuscation"] + "x")


def _add_late(stream: Stream, at: int) -> Stream:
    """Something is said in an item that is done."""
    done = stream[at]
    delta = {
        "type": "response.output_text.delta",
        "event_id": "event_again",
        "response_id": done["response_id"],
        "item_id": done["item"]["id"],
        "output_index": done["output_index"],
        "content_index": 0,
        "delta": "late",
    }
    return [*stream[: at + 1], delta, *stream[at + 1 :]]


def _written_parts(stream: Stream) -> Iterator[int]:
    for at in _of("response.content_part.done")(stream):
        if stream[at]["part"]["type"] == "text":
            yield at


def _misquote(stream: Stream, at: int) -> Stream:
    part = stream[at]["part"]
    return _with(stream, at, part={**part, "text": part["text"] + " or so"})


def _done_of(stream: Stream, at: int) -> int | None:
    """Where the response is done whose playback the event at `at` is about."""
    done = _of("response.done")(stream)
    return next((place for place in done if stream[place]["response"]["id"] == stream[at]["response_id"]), None)


def _played_out(stream: Stream) -> Iterator[int]:
    for at in _of("output_audio_buffer.stopped")(stream):
        if _done_of(stream, at) is not None:
            yield at


def _stop_early(stream: Stream, at: int) -> Stream:
    """Playback stops before its response is done."""
    done = _done_of(stream, at) or 0
    return [*stream[:done], stream[at], *_lose(stream, at)[done:]]


def _billed(stream: Stream) -> Iterator[int]:
    for at in _of("response.done")(stream):
        if stream[at]["response"].get("usage"):
            yield at


def _miscount(stream: Stream, at: int) -> Stream:
    response = stream[at]["response"]
    usage = {**response["usage"], "total_tokens": response["usage"]["total_tokens"] + 1}
    return _with(stream, at, response={**response, "usage": usage})


def _later(stream: Stream) -> Iterator[int]:
    return iter(range(1, len(stream)))


def _given(stream: Stream) -> Iterator[int]:
    """Items of the client, or spoken ones: added and done by turns, and by no response."""
    for at in _followed_by("conversation.item.added", "conversation.item.done")(stream):
        if stream[at - 1]["type"] != "response.output_item.added":
            yield at


def _written(stream: Stream) -> Iterator[int]:
    """Items that did not come out of a spoken turn."""
    for at in _given(stream):
        if stream[at - 1]["type"] != "input_audio_buffer.committed":
            yield at


_A_TURN = ("a written turn",)

BREAKERS: dict[str, Breaker] = {
    "ids-are-unique": Breaker(_later, _share_an_id, ()),
    "session-comes-first": Breaker(_later, _greet_late, ()),
    "responses-open-and-close-once": Breaker(_of("response.done"), _repeat, _A_TURN),
    "one-default-response-at-a-time": Breaker(_of_the_conversation, _overlap, _A_TURN),
    "items-open-in-pairs": Breaker(
        _followed_by("response.output_item.added", "conversation.item.added"), _lose_next, _A_TURN
    ),
    "items-close-in-pairs": Breaker(
        _followed_by("conversation.item.done", "response.output_item.done"), _swap_with_next, _A_TURN
    ),
    "given-items-are-done-at-once": Breaker(_written, _lose_next, _A_TURN),
    "every-item-is-closed": Breaker(_of("response.content_part.done"), _lose, _A_TURN),
    "content-comes-within-its-item": Breaker(_of("response.output_item.done"), _add_late, _A_TURN),
    "audio-closes-before-its-transcript": Breaker(
        _followed_by("response.output_audio.done", "response.output_audio_transcript.done"),
        _swap_with_next,
        ("an answer in speech",),
    ),
    "turns-are-contiguous": Breaker(
        _followed_by("input_audio_buffer.speech_stopped", "input_audio_buffer.committed"),
        _lose_next,
        ("a spoken turn",),
    ),
    "transcripts-end-once": Breaker(
        _of(
            "conversation.item.input_audio_transcription.completed",
            "conversation.item.input_audio_transcription.failed",
        ),
        _repeat,
        ("a spoken turn transcribed live",),
    ),
    "deltas-add-up": Breaker(_saying_something, _lose, ("an answer in text",)),
    "finals-agree": Breaker(_written_parts, _misquote, ("an answer in text",)),
    "deltas-are-padded": Breaker(
        _of("response.output_text.delta", "response.output_audio_transcript.delta", having="obfuscation"),
        _unpad,
        ("an answer in text",),
    ),
    "usage-adds-up": Breaker(_billed, _miscount, _A_TURN),
    "playback-is-framed": Breaker(
        _of("output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared"),
        _repeat,
        ("an answer in speech",),
        transport="webrtc",
    ),
    "playback-follows-its-response": Breaker(_played_out, _stop_early, ("an answer in speech",), transport="webrtc"),
    "mcp-takes-its-steps": Breaker(
        _of("response.mcp_call.in_progress", "mcp_list_tools.in_progress"), _lose, ("a tool of an MCP server",)
    ),
}
"""How each rule of `order.RULES` is broken."""

_OWN = {"limits-come-before-the-first-item": Breaker(_of("rate_limits.updated"), _lose, _A_TURN)}

BETA_BREAKERS: Mapping[str, Breaker] = {name: (BREAKERS | _OWN)[name] for name in beta.RULES}
"""How each rule of `order.beta.RULES` is broken; places and changes are those of events in GA's names."""
