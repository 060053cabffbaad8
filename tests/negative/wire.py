"""Servers whose streams break a rule of every stream, by the check that each trips."""

import math
import struct

from tests.negative.breaking import Negative, become, change, drop, late, lose, repeat

from realtime_conformance.server_cases.asking import TEXT
from realtime_conformance.targets.virtual import VirtualTarget

SOCKET, CALL = VirtualTarget(), VirtualTarget(as_call=True)
MCP = {"type": "mcp", "server_label": "library", "server_url": "https://mcp.example/mcp", "require_approval": "never"}
TONE = b"".join(struct.pack("<h", int(9_000 * math.sin(at / 8))) for at in range(24_000))
SILENCE = bytes(48_000)


async def writes(server):
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        await session.respond()
        await session.rest()


async def speaks(server):
    async with server.session(output_modalities=["audio"]) as session:
        await session.write("Say hello.")
        await session.respond()
        await session.rest(within=10.0)


async def listens(server):
    async with server.session(audio={"input": {"transcription": {"model": "gpt-realtime-whisper"}}}) as session:
        await session.speak(SILENCE + TONE + SILENCE)
        await session.until("response.done")
        await session.rest(within=2.0)


async def uses_mcp(server):
    async with server.session(**TEXT, tools=[MCP]) as session:
        await session.until("mcp_list_tools.completed")
        await session.until("conversation.item.done")
        await session.respond(tool_choice={"type": "mcp", "server_label": "library"})


ITEM_ADDED, ITEM_DONE = "response.output_item.added", "response.output_item.done"
DELTA, PART_DONE = "response.output_text.delta", "response.content_part.done"
TRANSCRIPT = "conversation.item.input_audio_transcription.completed"
RATES = {"type": "rate_limits.updated", "event_id": "x", "rate_limits": []}
LATE = {"type": DELTA, "event_id": "x", "output_index": 0, "content_index": 0, "delta": "x", "obfuscation": "x" * 15}


def again(kind):
    """An event comes again, under an id of its own."""
    return Negative(repeat(kind, event_id="event_again"))


def said_late(event):
    named = {"response_id": event["response_id"], "item_id": event["item"]["id"]}
    return [event, {**LATE, **named}]


def reopened(event):
    """A second response begins and ends within one."""
    other = {**event["response"], "id": "resp_again"}
    done = {"type": "response.done", "event_id": "y", "response": {**other, "usage": None}}
    return [event, {**event, "event_id": "x", "response": other}, done]


def by_assistant(event):
    return event["item"]["role"] == "assistant"


def broken(breakage, *follows, scene=writes, target=SOCKET):
    """What happens, against which target, and how that is broken."""
    return scene, target, Negative(breakage, follows=tuple(f"WIRE-002.{slug}" for slug in follows))


NEGATIVES = {
    "WIRE-001.schema": broken(lose("response.output_text.done", "text"), "deltas-add-up", "finals-agree"),
    "WIRE-002.ids-are-unique": broken(change(DELTA, event_id="event_same")),
    "WIRE-002.session-comes-first": broken(become("session.created", lambda event: [RATES, event])),
    "WIRE-002.responses-open-and-close-once": broken(repeat("response.done", event_id="x")),
    "WIRE-002.one-default-response-at-a-time": broken(become("response.created", reopened)),
    "WIRE-002.items-open-in-pairs": broken(
        late("conversation.item.added", after="response.content_part.added", where=by_assistant),
        # Apart from its pair it looks like an item of the client.
        "given-items-are-done-at-once",
    ),
    "WIRE-002.items-close-in-pairs": broken(late("conversation.item.done", after=ITEM_DONE, where=by_assistant)),
    "WIRE-002.given-items-are-done-at-once": broken(change("conversation.item.added", item__content=[], nth=1)),
    "WIRE-002.every-item-is-closed": broken(drop(PART_DONE)),
    "WIRE-002.content-comes-within-its-item": broken(become(ITEM_DONE, said_late)),
    "WIRE-002.audio-closes-before-its-transcript": broken(
        late("response.output_audio.done", after="response.output_audio_transcript.done"), scene=speaks
    ),
    "WIRE-002.turns-are-contiguous": broken(drop("input_audio_buffer.committed"), scene=listens),
    "WIRE-002.transcripts-end-once": broken(repeat(TRANSCRIPT, event_id="x"), scene=listens),
    "WIRE-002.deltas-add-up": broken(change(DELTA, nth=1, delta="x", obfuscation="x" * 15)),
    "WIRE-002.finals-agree": broken(change("response.done", response__output__0__content=[])),
    "WIRE-002.deltas-are-padded": broken(change(DELTA, obfuscation="x")),
    "WIRE-002.usage-adds-up": broken(change("response.done", response__usage__total_tokens=1)),
    "WIRE-002.playback-is-framed": broken(
        repeat("output_audio_buffer.started", event_id="x"), scene=speaks, target=CALL
    ),
    "WIRE-002.playback-follows-its-response": broken(
        late("response.content_part.added", after="output_audio_buffer.started"), scene=speaks, target=CALL
    ),
    "WIRE-002.mcp-takes-its-steps": broken(drop("response.mcp_call.in_progress"), scene=uses_mcp),
}
