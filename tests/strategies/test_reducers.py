"""A reducer that keeps everything passes; each fault seeded into a copy of it is found within 200 streams."""

from __future__ import annotations

import base64
from collections import defaultdict

import pytest

from realtime_conformance.order.beta import in_ga_names
from realtime_conformance.strategies import check_reducer, event_streams
from realtime_conformance.strategies.reducers import expected
from realtime_conformance.strategies.scripts import PHRASES
from realtime_conformance.strategies.streams import Conversation

KINDS = {
    "response.output_text": "text",
    "response.output_audio_transcript": "transcript",
    "conversation.item.input_audio_transcription": "transcript",
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
}


class Reducer:
    """Joins deltas by item; what is done is as the event says that ends it. Subclasses have one fault each."""

    def __init__(self) -> None:
        self.items = defaultdict(lambda: defaultdict(str))

    @classmethod
    def reduce(cls, stream):
        reducer = cls()
        for event in stream:
            reducer.take(event)
        return reducer.items

    def take(self, event):
        kind, _, stage = event["type"].rpartition(".")
        if event["type"] == "response.output_audio.delta":
            self.hear(event["item_id"], base64.b64decode(event["delta"]))
        elif kind in KINDS and stage == "delta":
            self.join(event["item_id"], KINDS[kind], event["delta"])
        elif kind in KINDS and stage in ("done", "completed"):
            self.settle(event["item_id"], KINDS[kind], event[KINDS[kind]])
        elif event["type"] == "response.output_item.done":
            self.close(event["item"])

    def hear(self, item_id, audio):
        self.items[item_id]["audio"] = (self.items[item_id]["audio"] or b"") + audio

    def join(self, item_id, name, delta):
        self.items[item_id][name] += delta

    def settle(self, item_id, name, said):
        self.items[item_id][name] = said

    def close(self, item):
        self.items[item["id"]]["status"] = item.get("status", "")


class DropsTheLastDelta(Reducer):
    """Believes the deltas alone, and has one of them still in its hand."""

    def __init__(self) -> None:
        super().__init__()
        self.held = {}

    def join(self, item_id, name, delta):
        super().join(item_id, name, self.held.pop((item_id, name), ""))
        self.held[item_id, name] = delta

    def settle(self, item_id, name, said):
        """The deltas have said it."""


class MixesTwoItems(Reducer):
    """Takes every delta for the newest item's."""

    newest = ""

    def take(self, event):
        if event["type"] == "response.output_item.added":
            self.newest = event["item"]["id"]
        if event["type"].startswith("response.") and event["type"].endswith(".delta"):
            event = {**event, "item_id": self.newest}
        super().take(event)

    def settle(self, item_id, name, said):
        """The deltas have said it."""


class IgnoresACancel(Reducer):
    """Takes what was begun for complete."""

    def close(self, item):
        self.items[item["id"]]["status"] = "completed"


class KeepsItsBufferOverACancel(Reducer):
    """Has one buffer, which only a completed response empties."""

    buffer = ""

    def join(self, item_id, name, delta):
        self.buffer += delta
        self.items[item_id][name] = self.buffer

    def settle(self, item_id, name, said):
        if self.buffer == said:
            self.buffer = ""


class CountsTwiceAfterDone(Reducer):
    """Adds what the last event says to what it has."""

    def settle(self, item_id, name, said):
        self.items[item_id][name] += said


class LosesAudioBetweenItems(Reducer):
    """Has one player, which plays on."""

    def hear(self, item_id, audio):
        first = next((key for key, kept in self.items.items() if kept["audio"]), item_id)
        super().hear(first, audio)


class Raises(Reducer):
    def join(self, item_id, name, delta):
        assert item_id in self.items or name != "arguments"
        super().join(item_id, name, delta)


FAULTS = [
    DropsTheLastDelta,
    MixesTwoItems,
    IgnoresACancel,
    KeepsItsBufferOverACancel,
    CountsTwiceAfterDone,
    LosesAudioBetweenItems,
    Raises,
]


def test_a_reducer_without_a_fault_passes():
    check_reducer(Reducer.reduce)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_seeded_fault_is_found(fault):
    with pytest.raises(AssertionError, match="the smallest stream"):
        check_reducer(fault.reduce)


class BetaReducer(Reducer):
    """Knows the names of the beta."""

    def take(self, event):
        super().take(in_ga_names([event])[0])


def test_a_reducer_of_the_beta_is_held_to_its_done_events():
    check_reducer(BetaReducer.reduce, event_streams(dialect="beta"), max_examples=60)
    with pytest.raises(AssertionError, match=r"the done events say .*\n  its schema: schemas/beta/server/response\."):
        check_reducer(Reducer.reduce, event_streams(dialect="beta"), fields=["text", "transcript"], max_examples=60)


def test_the_message_shows_the_first_difference_and_the_stream():
    with pytest.raises(AssertionError) as caught:
        check_reducer(IgnoresACancel.reduce)
    told = str(caught.value).splitlines()
    assert told[0].startswith("status of item_")
    assert told[0].endswith("is 'completed', the done events say 'incomplete'")
    assert told[1] == "  its schema: schemas/ga/components/server/item.json#/$defs/assistant_message/properties/status"
    assert told[3].split() == ["0", "session.created"]
    assert any("response.output_item.done" in line and "incomplete" in line for line in told)


def test_what_the_done_events_say_of_a_turn():
    stream = Conversation(PHRASES["an answer in speech"]).events()
    [kept] = expected(stream).values()
    [done] = [event for event in stream if event["type"] == "response.output_audio_transcript.done"]
    assert (kept.status, kept.transcript, kept.text) == ("completed", done["transcript"], "")
    assert len(kept.audio) == 240 * len(kept.transcript)


def test_what_was_deleted_is_not_judged():
    stream = Conversation(PHRASES["an answer in speech"]).events()
    [item_id] = expected(stream)
    assert expected([*stream, {"type": "conversation.item.deleted", "item_id": item_id}]) == {}


def test_a_reducer_may_keep_less():
    def texts(stream):
        done = [event for event in stream if event["type"] == "response.output_text.done"]
        return {event["item_id"]: {"text": event["text"]} for event in done}

    check_reducer(texts, fields=["text"], inputs=False, max_examples=60)
    with pytest.raises(AssertionError, match=r"^status of item_"):
        check_reducer(texts, max_examples=60)


def test_a_field_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="nothing called words; there are status, text"):
        check_reducer(Reducer.reduce, fields=["words"])
