"""Scripts are valid events, sound and time; played, their phrases do what they are named after."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from realtime_conformance.strategies import Conversation, Hear, Send, Wait, client_scripts
from realtime_conformance.strategies import vocabulary as words
from realtime_conformance.strategies.client_view import ClientView
from realtime_conformance.strategies.events import event_types, is_valid
from realtime_conformance.strategies.scripts import PHRASES, play

SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Listener:
    """A server that answers nothing and writes down what comes."""

    def __init__(self):
        self.sent = []
        self.came = []

    def receive(self, event):
        self.came.append(event)

    def hear(self, pcm):
        self.came.append(len(pcm))

    def wait(self, seconds):
        self.came.append(seconds)


@settings(SETTINGS, max_examples=150)
@given(client_scripts())
def test_every_event_of_a_script_is_valid(script):
    for step in script:
        assert not isinstance(step, Send) or is_valid(step.event, "client"), step


def test_scripts_hold_every_client_event_but_the_audio_that_a_microphone_makes():
    seen = set()

    @settings(SETTINGS, max_examples=300)
    @given(client_scripts())
    def draw(script):
        seen.update(step.event["type"] if isinstance(step, Send) else type(step).__name__ for step in script)

    draw()
    assert seen == {*event_types("client"), "Hear", "Wait"} - {"input_audio_buffer.append"}


def test_a_script_is_a_value():
    script = find(client_scripts(), lambda script: len(script) > 4, settings=SETTINGS)
    first, second = Listener(), Listener()
    play(script, first)
    play(script, second)
    assert first.came == second.came


def test_sound_takes_its_time():
    server = Listener()
    play((Hear("0.5 s of silence"), Wait(2.0)), server)
    assert server.came == [4800, 0.1] * 5 + [2.0]


def test_placeholders_are_the_ids_that_the_server_told():
    server = Listener()
    server.sent = [
        {"type": "conversation.item.added", "previous_item_id": None, "item": {"id": "a", "type": "message"}}
    ]
    delete = {"type": "conversation.item.delete", "item_id": "$item"}
    play((Send(delete),), server)
    assert server.came == [{**delete, "item_id": "a"}]


def test_a_placeholder_counts_from_the_newest_id():
    view = ClientView()
    view.known["$call"] = ["call_1", "call_2", "call_3"]
    assert [view.fill("$call", which) for which in range(4)] == ["call_3", "call_2", "call_1", "call_3"]


def test_a_sound_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no sound is called 'thunder'; there are nothing, half a sample"):
        words.pcm("thunder")


SIGNS = {
    "a written turn": "response.done",
    "an answer in text": "response.output_text.done",
    "an answer in speech": "response.output_audio_transcript.done",
    "a tool and its output": "response.function_call_arguments.done",
    "a spoken turn": "conversation.item.input_audio_transcription.completed",
    "a spoken turn transcribed live": "conversation.item.input_audio_transcription.delta",
    "a spoken turn of two speakers": "conversation.item.input_audio_transcription.segment",
    "a turn of push to talk": "input_audio_buffer.committed",
    "a barge-in": "input_audio_buffer.speech_started",
    "a cancelled answer": "response.done",
    "an answer cut where it was heard": "conversation.item.truncated",
    "an answer out of band": "response.output_text.done",
    "a tool of an MCP server": "response.mcp_call.completed",
    "a tool that asks first": "response.mcp_call.completed",
    "nobody says anything": "input_audio_buffer.timeout_triggered",
    "an item looked up and deleted": "conversation.item.deleted",
    "an MCP server that is away": "mcp_list_tools.failed",
    "an answer that is not to be heard": "output_audio_buffer.cleared",
}


@pytest.mark.parametrize("name", PHRASES)
def test_a_phrase_does_what_it_is_named_after(name):
    kinds = Counter(event["type"] for event in Conversation(PHRASES[name], transport="webrtc").events())
    assert kinds[SIGNS[name]] > 0


@pytest.mark.parametrize("name", ["a barge-in", "a cancelled answer"])
@pytest.mark.parametrize("transport", ["websocket", "webrtc"])
def test_an_interruption_interrupts(name, transport):
    stream = Conversation(PHRASES[name], transport=transport).events()
    statuses = [event["response"]["status"] for event in stream if event["type"] == "response.done"]
    assert statuses[0] == "cancelled"
