"""The lifecycle of a response: its items and parts, its text or speech, its end."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.events import (
    Event,
    at,
    distinct,
    entries,
    item_id,
    joined,
    kinds,
    of_type,
    picked,
    response_id,
    text,
)
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import LONG, TEXT

STEPS = (
    "response.output_item.added",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_item.done",
)

ENDS = (
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
)


@case("RESP-001", "A text response goes through its steps")
async def text_response(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        events = await session.respond()
    created, done = at(events[0], "response"), at(events[-1], "response")
    checks.equal("created-in-progress", at(created, "status"), "in_progress")
    checks.equal("created-is-empty", at(created, "output"), [])
    checks.equal("completed", at(done, "status"), "completed")
    checks.equal("same-response", at(done, "id"), at(created, "id"))
    checks.equal("item-and-part-open-and-close", kinds(of_type(events, *STEPS)), list(STEPS))
    said = joined(events, "response.output_text")
    whole = [text(event, "text") for event in of_type(events, "response.output_text.done")]
    checks.equal("deltas-are-the-text", whole, [said])
    texts = [text(part, "text") for item in entries(done, "output") for part in entries(item, "content")]
    checks.equal("done-has-the-text", texts, whole)


@case("RESP-003", "An item of a response grows from nothing to its whole content")
async def growing_item(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        events = await session.respond()
    first = {kind: next(iter(of_type(events, kind)), {}) for kind in kinds(events)}
    added, done = (first.get(f"response.output_item.{step}") for step in ("added", "done"))
    begun = {"item.status": "in_progress", "item.content": []}
    checks.equal("item-begins-empty", picked(added, *begun), begun)
    in_conversation = [item_id(event) for event in of_type(events, "conversation.item.added", "conversation.item.done")]
    checks.equal("item-is-in-the-conversation", in_conversation, [at(added, "item.id")] * 2)
    checks.equal("kept-status", at(first.get("conversation.item.added"), "item.status"), "in_progress")
    part = first.get("response.content_part.added")
    checks.equal("part-begins-empty", at(part, "part"), {"type": "text", "text": ""})
    said = text(first.get("response.output_text.done"), "text")
    checks.equal("part-ends-whole", at(first.get("response.content_part.done"), "part.text"), said)
    checks.equal("item-ends-whole", at(done, "item.content"), [{"type": "output_text", "text": said}])
    checks.equal("item-ends-completed", at(done, "item.status"), "completed")
    checks.equal("conversation-has-it", at(first.get("conversation.item.done"), "item"), at(done, "item"))
    checks.equal("response-has-it", at(events[-1], "response.output"), [at(done, "item")])
    checks.equal("ends-in-order", *_in_order(events, "response.output_text.done", *ENDS))


@case("RESP-004", "Each event of a response says where it belongs")
async def places(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        events = await session.respond()
    own = [event for event in events if event["type"].startswith("response.")]
    checks.equal("response", distinct(map(response_id, own)), [response_id(events[0])])
    inner = own[1:-1]
    item = at(events[-1], "response.output.0.id")
    checks.equal("item", distinct(map(item_id, inner)), [item])
    checks.equal("output-index", distinct(at(event, "output_index") for event in inner), [0])
    content = [event for event in inner if not event["type"].startswith("response.output_item.")]
    checks.equal("content-index", distinct(at(event, "content_index") for event in content), [0])
    deltas = of_type(events, "response.output_text.delta")
    empty = [event for event in deltas if not text(event, "delta")]
    checks.empty("no-empty-deltas", empty)


@case("RESP-005", "A response tells how it was made")
async def made_with(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.update(max_output_tokens=900)
        await session.write("Say hello.")
        events = await session.respond(metadata={"topic": "greeting", "turn": "1"})
    created, done = at(events[0], "response"), at(events[-1], "response")
    checks.equal("object", at(created, "object"), "realtime.response")
    checks.equal("modalities", at(done, "output_modalities"), ["text"])
    checks.equal("max-output-tokens", at(done, "max_output_tokens"), 900)
    checks.equal("metadata", [at(one, "metadata") for one in (created, done)], [{"topic": "greeting", "turn": "1"}] * 2)
    conversation = at(done, "conversation_id")
    checks.that("conversation", bool(conversation), expected="the id of the conversation", actual=conversation)
    checks.equal("no-details", at(done, "status_details"), None)
    checks.equal("usage-comes-last", at(created, "usage"), None)
    audio = at(done, "audio.output")
    checks.that("voice", bool(at(audio, "voice")), expected="the voice and format of its audio", actual=audio)
    keys = (
        "status_details",
        "output",
        "conversation_id",
        "output_modalities",
        "max_output_tokens",
        "usage",
        "metadata",
    )
    checks.has("keys", done, keys)


@case("RESP-006", "One turn follows another")
async def several_turns(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        turns = []
        for question in ("Say one.", "Say two.", "Say three."):
            await session.write(question)
            turns.append(await session.respond())
    checks.equal("all-complete", [at(turn[-1], "response.status") for turn in turns], ["completed"] * 3)
    ids = distinct(response_id(turn[0]) for turn in turns)
    checks.that("ids-differ", len(ids) == 3, expected="three ids", actual=ids)
    conversations = distinct(at(turn[-1], "response.conversation_id") for turn in turns)
    checks.that("one-conversation", len(conversations) == 1, expected="one id", actual=conversations)
    items = distinct(at(turn[-1], "response.output.0.id") for turn in turns)
    checks.that("items-differ", len(items) == 3, expected="three ids", actual=items)


@case("RESP-007", "A spoken response goes through its steps", needs=["audio"])
async def spoken_response(server: Server, checks: Checks) -> None:
    async with server.session(output_modalities=["audio"]) as session:
        await session.write("Say hello.")
        events = await session.respond()
        on_a_call = session.connection.has_microphone
    checks.equal("completed", at(events[-1], "response.status"), "completed")
    checks.equal("item-and-part-open-and-close", kinds(of_type(events, *STEPS)), list(STEPS))
    part = at(of_type(events, "response.content_part.added"), "0.part.type")
    checks.equal("part-is-audio", part, "audio")
    whole = [text(event, "transcript") for event in of_type(events, "response.output_audio_transcript.done")]
    checks.equal("deltas-are-the-transcript", whole, [joined(events, "response.output_audio_transcript")])
    content = [part for item in entries(events[-1], "response.output") for part in entries(item, "content")]
    said = [picked(part, "type", "transcript") for part in content]
    checks.equal("done-has-the-transcript", said, [{"type": "output_audio", "transcript": one} for one in whole])
    checks.empty("done-has-no-audio", [part for part in content if text(part, "audio")])
    deltas = of_type(events, "response.output_audio.delta")
    checks.equal("audio-is-events-on-a-websocket-only", bool(deltas), not on_a_call)
    broken = [event for event in deltas if not _is_audio(text(event, "delta"))]
    checks.empty("audio-is-whole-samples", broken)
    ends = [event["type"] for event in events if event["type"].startswith("response.output_audio.")]
    checks.equal("audio-is-done-after-its-deltas", [ends.count(ends[-1]) if ends else 0, *ends[-1:]], [1, _AUDIO_DONE])
    checks.equal("ends-in-order", *_in_order(events, _AUDIO_DONE, "response.output_audio_transcript.done", *ENDS))
    checks.empty("no-text", of_type(events, "response.output_text.delta", "response.output_text.done"))


def _in_order(events: Iterable[Event], *wanted: str) -> tuple[list[str], list[str]]:
    """The types among `wanted` in the order in which they first came, and in the order that they should have."""
    came = list(dict.fromkeys(kinds(of_type(events, *wanted))))
    return came, [kind for kind in wanted if kind in came]


_AUDIO_DONE = "response.output_audio.done"


def _is_audio(encoded: str) -> bool:
    """Whether this is base64 of one 16-bit sample or more, and of no half ones."""
    try:
        pcm = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return bool(pcm) and len(pcm) % 2 == 0


@case("RESP-008", "A response may have settings of its own", needs=["audio"])
async def own_settings(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT, instructions="Be brief.") as session:
        await session.write("Say hello.")
        spoken = await session.respond(
            output_modalities=["audio"], max_output_tokens=800, instructions="Answer in one word."
        )
        await session.write("Say it again.")
        written = await session.respond()
        now = await session.update()
    own = {"output_modalities": ["audio"], "max_output_tokens": 800}
    checks.equal("its-own-are-used", picked(at(spoken[-1], "response"), *own), own)
    checks.equal("it-speaks", len(of_type(spoken, "response.output_audio_transcript.done")), 1)
    sessions = {"output_modalities": ["text"], "max_output_tokens": "inf"}
    checks.equal("the-next-has-the-sessions", picked(at(written[-1], "response"), *sessions), sessions)
    checks.equal("the-next-writes", len(of_type(written, "response.output_text.done")), 1)
    checks.equal("session-keeps-its-own", at(now, "instructions"), "Be brief.")


@case("RESP-009", "A response ends where its tokens end")
async def limited(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write(LONG)
        events = await session.respond(max_output_tokens=12)
    done = at(events[-1], "response")
    checks.equal("incomplete", at(done, "status"), "incomplete")
    checks.equal("details", picked(at(done, "status_details"), "type", "reason"), _CUT)
    checks.equal("limit-shown", at(done, "max_output_tokens"), 12)
    opened, closed = of_type(events, *STEPS[:2]), of_type(events, *STEPS[2:])
    checks.equal("item-and-part-close", len(closed), len(opened))
    last = [at(item, "status") for item in entries(done, "output")][-1:]
    # A model that reasons may have spent its tokens before it said anything.
    checks.one_of("item-is-incomplete", last, [["incomplete"], []])
    spent = at(done, "usage.output_tokens")
    checks.that("within-the-limit", spent is not None and spent <= 12, expected="at most 12 tokens", actual=spent)


_CUT = {"type": "incomplete", "reason": "max_output_tokens"}

CASES = (
    text_response,
    growing_item,
    places,
    made_with,
    several_turns,
    spoken_response,
    own_settings,
    limited,
)
