"""The rules of order: they hold in the recordings, and each of them can fail."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_conformance.order import RULES, violations
from realtime_conformance.strategies.events import event_types

RECORDINGS = Path(__file__).parents[3] / "shared" / "reference" / "recordings"
TOOL = {"type": "function", "name": "look", "parameters": {"type": "object"}}
MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example", "require_approval": "never"}


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recorded sessions are not here")
def test_every_recorded_session_obeys_every_rule():
    files = sorted(RECORDINGS.glob("pydantic-ai__*.json"))
    assert files
    for file in files:
        entries = [entry for entry in json.loads(file.read_text()) if entry["direction"] == "received"]
        assert violations([entry["data"] for entry in entries]) == [], file.name


@pytest.fixture
def stream(opened, tone, silence):
    """A whole call: a text turn, a spoken turn with transcription, a function call, an MCP call."""
    session = opened(call=True)
    transcription = {"input": {"transcription": {"model": "whisper-1"}}}
    session.send("session.update", session={"type": "realtime", "audio": transcription})
    session.say("Hello")
    session.send("response.create")
    session.run()
    session.listen(silence(0.5) + tone(1) + silence(0.5))
    session.run()
    session.send("response.create", response={"tools": [TOOL], "tool_choice": "required"})
    session.run()
    session.send("session.update", session={"type": "realtime", "tools": [MCP]})
    session.run()
    session.send("response.create", response={"tool_choice": {"type": "mcp", "server_label": "docs"}})
    session.run()
    return copy.deepcopy(session.sent)


def index(stream, event_type):
    return next(at for at, event in enumerate(stream) if event["type"] == event_type)


def swap(event_type):
    def mutate(stream):
        at = index(stream, event_type)
        stream[at], stream[at + 1] = stream[at + 1], stream[at]

    return mutate


def drop(event_type):
    return lambda stream: stream.pop(index(stream, event_type))


def repeat(event_type):
    return lambda stream: stream.insert(
        index(stream, event_type), {**stream[index(stream, event_type)], "event_id": "x"}
    )


def change(event_type, key, value):
    def mutate(stream):
        stream[index(stream, event_type)][key] = value

    return mutate


def spoil_usage(stream):
    stream[index(stream, "response.done")]["response"]["usage"]["total_tokens"] += 1


def move(event_type, *, before):
    def mutate(stream):
        stream.insert(index(stream, before), stream.pop(index(stream, event_type)))

    return mutate


def misquote(stream):
    stream[index(stream, "response.done")]["response"]["output"][0]["content"][0]["transcript"] += " or so"


def overlap(stream):
    created = [at for at, event in enumerate(stream) if event["type"] == "response.created"]
    stream.insert(created[0] + 1, stream.pop(created[1]))


BROKEN = {
    "ids-are-unique": lambda stream: stream.append(stream[-1]),
    "session-comes-first": swap("session.created"),
    "responses-open-and-close-once": repeat("response.created"),
    "one-default-response-at-a-time": overlap,
    "items-open-in-pairs": drop("conversation.item.added"),
    "items-close-in-pairs": swap("response.output_item.done"),
    "given-items-are-done-at-once": drop("conversation.item.done"),
    "every-item-is-closed": drop("response.content_part.done"),
    "content-comes-within-its-item": move(
        "response.output_audio_transcript.delta", before="response.output_item.added"
    ),
    "audio-closes-before-its-transcript": swap("response.output_audio.done"),
    "turns-are-contiguous": drop("input_audio_buffer.committed"),
    "transcripts-end-once": repeat("conversation.item.input_audio_transcription.completed"),
    "deltas-add-up": drop("response.function_call_arguments.delta"),
    "finals-agree": misquote,
    "deltas-are-padded": change("response.output_audio_transcript.delta", "obfuscation", "x" * 40),
    "usage-adds-up": spoil_usage,
    "playback-is-framed": repeat("output_audio_buffer.started"),
    "playback-follows-its-response": move("output_audio_buffer.stopped", before="response.output_audio.done"),
    "mcp-takes-its-steps": drop("response.mcp_call.in_progress"),
}


def test_the_unbroken_stream_obeys_every_rule(stream):
    assert violations(stream) == []


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_fail(stream, rule):
    if rule == "items-open-in-pairs":
        stream = stream[index(stream, "response.created") :]
    BROKEN[rule](stream)
    assert rule in {violation.rule for violation in violations(stream)}


NAMES = st.sampled_from(
    [
        "event_id",
        "item_id",
        "response_id",
        "content_index",
        "delta",
        "obfuscation",
        "item",
        "response",
        "id",
        "type",
        "content",
        "output",
        "part",
        "text",
        "transcript",
        "arguments",
        "usage",
        "total_tokens",
        "input_token_details",
        "conversation_id",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
EVENTS = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(sorted(event_types("server"))),
    st.dictionaries(NAMES, JSON, max_size=6),
)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.lists(EVENTS, max_size=8))
def test_no_rule_raises_whatever_a_server_sends(stream):
    assert isinstance(violations(stream), list)
