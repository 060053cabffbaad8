"""Streams show all that a server does, in an order that holds; the same conversation gives the same events."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from realtime_conformance.order import beta, violations
from realtime_conformance.strategies import Conversation, conversations, event_streams
from realtime_conformance.strategies.events import is_valid
from realtime_conformance.strategies.schemas import event_types
from realtime_conformance.strategies.scripts import PHRASES
from realtime_mock.scenario.model import Call, Fail, Say, Turn

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)

NEVER = {
    "conversation.created": "GA does not send it",
    "conversation.item.created": "GA does not send it",
    "input_audio_buffer.dtmf_event_received": "of telephone calls",
}
"""Events that no stream holds, and why."""


def kinds(stream):
    return Counter(event["type"] for event in stream)


@settings(SETTINGS, max_examples=150)
@given(conversations())
def test_a_stream_obeys_every_rule_and_comes_again(conversation):
    stream = conversation.events()
    assert violations(stream) == []
    assert stream[0]["type"] == "session.created"
    assert conversation.events() == stream


def done(stream):
    return [event for event in stream if event["type"] == "response.done"]


def overlaps(stream):
    """Two items of a response are open at once."""
    open_items = set()
    for event in stream:
        match event["type"]:
            case "response.output_item.added":
                open_items.add(event["item"]["id"])
            case "response.output_item.done":
                open_items.discard(event["item"]["id"])
        if len(open_items) > 1:
            return True
    return False


def runs_out_of_band(stream):
    created = [event["response"] for event in stream if event["type"] == "response.created"]
    return any(response["conversation_id"] is None for response in created)


def transcribes_while_answering(stream):
    active = 0
    for event in stream:
        active += {"response.created": 1, "response.done": -1}.get(event["type"], 0)
        if active and event["type"] == "conversation.item.input_audio_transcription.completed":
            return True
    return False


def ends(status):
    return lambda stream: any(event["response"]["status"] == status for event in done(stream))


def sends(kind):
    return lambda stream: kind in kinds(stream)


SHOWN = {
    "items that overlap": overlaps,
    "responses out of band": runs_out_of_band,
    "transcripts amid an answer": transcribes_while_answering,
    "interruptions": ends("cancelled"),
    "failures": ends("failed"),
    "answers cut short": ends("incomplete"),
    "responses of three items": lambda stream: max(len(event["response"]["output"]) for event in done(stream)) > 2,
}


@pytest.fixture(scope="module")
def drawn():
    """400 streams."""
    streams = []

    @settings(SETTINGS, max_examples=400)
    @given(event_streams())
    def draw(stream):
        streams.append(stream)

    draw()
    return streams


@pytest.mark.parametrize("name", SHOWN)
def test_streams_show_it(drawn, name):
    assert any(SHOWN[name](stream) for stream in drawn if done(stream))


def test_every_event_type_that_a_session_can_send_is_in_some_stream(drawn):
    seen = {kind for stream in drawn for kind in kinds(stream)}
    assert set(event_types("server")) - seen == set(NEVER)


def test_the_smallest_stream_with_a_response_has_one_and_nothing_else():
    smallest = find(event_streams(), sends("response.done"), settings=SETTINGS)
    assert kinds(smallest)["response.created"] == 1
    assert kinds(smallest)["error"] == 0


@pytest.mark.parametrize("transport", ["websocket", "webrtc"])
def test_a_stream_is_of_the_transport_asked_for(transport):
    @settings(SETTINGS, max_examples=40)
    @given(event_streams(transport=transport))
    def holds(stream):
        found = {"response.output_audio.delta", "output_audio_buffer.started"} & set(kinds(stream))
        assert found <= {"response.output_audio.delta" if transport == "websocket" else "output_audio_buffer.started"}

    holds()


def test_a_conversation_can_be_written_by_hand():
    turns = (Turn([Say("One."), Call("look")]), Turn([Say("Two."), Fail(status="incomplete", reason="content_filter")]))
    stream = Conversation((*PHRASES["a written turn"], *PHRASES["a cancelled answer"]), turns=turns).events()
    assert [event["response"]["status"] for event in done(stream)] == ["completed", "cancelled"]


@settings(SETTINGS, max_examples=100)
@given(conversations(dialect="beta"))
def test_a_stream_of_the_beta_obeys_every_rule_of_the_beta_and_comes_again(conversation):
    stream = conversation.events()
    assert beta.violations(stream) == []
    assert all(is_valid(event, "server", "beta") for event in stream)
    assert conversation.events() == stream


NEVER_IN_BETA = {
    "conversation.created": "the mock does not send it",
    "transcription_session.created": "of transcription sessions",
    "transcription_session.updated": "of transcription sessions",
}


def test_every_event_type_of_the_beta_is_in_some_stream():
    seen = set()

    @settings(SETTINGS, max_examples=300)
    @given(event_streams(dialect="beta"))
    def draw(stream):
        seen.update(kinds(stream))

    draw()
    assert set(event_types("server", "beta")) - seen == set(NEVER_IN_BETA)


def test_a_conversation_is_the_same_in_both_dialects():
    script = PHRASES["a written turn"]
    said = {
        dialect: [event.get("response", {}).get("id") for event in done(Conversation(script, dialect=dialect).events())]
        for dialect in ("ga", "beta")
    }
    assert said["ga"] == said["beta"] != []
