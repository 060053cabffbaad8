"""Clients that do not survive what happens, by the check that each trips."""

import asyncio

from tests.negative.clients.breaking import (
    SILENT,
    Negative,
    gives_up,
)

from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client

KNOWN = set(Conversation.ON) | {
    "conversation.item.added",
    "conversation.item.done",
    "rate_limits.updated",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
}


def is_unknown(event):
    return event["type"] not in KNOWN


def is_failed(event):
    return event["type"] == "response.done" and event["response"]["status"] != "completed"


def is_grown(event):
    return event["type"] == "session.updated" and "custom_voice_id" in event["session"]


def is_of_nothing(event):
    return event.get("item_id") in ("item_1", "item_2", "item_3", "item_4")


def is_done(event):
    item = event.get("item", {})
    return event["type"] == "conversation.item.done" and item.get("role") == "assistant"


class ReadsEverything(Conversation):
    """Takes whatever has a delta for a piece of the answer."""

    async def take(self, event):
        if event["type"] == "response.thoughts.delta":
            event = {**event, "type": "response.output_text.delta", "item_id": "item_thought"}
        await super().take(event)


class KnowsEveryKey(Conversation):
    """Forgets an answer whose end has a key that it does not know."""

    async def on_response_done(self, event):
        if "carbon" in event["response"]:
            self.answers[event["response"]["id"]].texts.clear()
        await super().on_response_done(event)


class ReadsTheReason(Conversation):
    async def on_response_done(self, event):
        if event["response"]["status"] == "failed":
            event["response"]["status_details"]["error"]["message"].strip()
        await super().on_response_done(event)


class ReadsTheOutput(Conversation):
    async def on_response_done(self, event):
        for item in event["response"]["output"]:
            item["id"].strip()
        await super().on_response_done(event)


class HidesWhatFailed(Client):
    def show_text(self, answer):
        if answer.failure is None:
            super().show_text(answer)


class AsksOnlyOnce(Conversation):
    TRIES = 1


class AsksForEver(Conversation):
    TRIES = 30
    BACKOFF = 0


class ShowsEachTry(Conversation):
    """Shows an answer once for each time it was asked for."""

    refusals = 0

    async def on_error(self, event):
        self.refusals += 1
        await super().on_error(event)

    async def on_response_done(self, event):
        await super().on_response_done(event)
        for _ in range(self.refusals):
            self.tell("answer", {"text": self.answers[event["response"]["id"]].text})
        self.refusals = 0


class KeepsOneFlag(Conversation):
    """Takes any `response.done` for the end of what is active."""

    TRIES = 12
    BACKOFF = 0.1

    async def ask(self):
        self.BACKOFF = 0.1
        return await super().ask()

    async def on_response_done(self, event):
        await super().on_response_done(event)
        if answer := self.answers.get(self.active or ""):
            self.active = None
            self.free.set()
            answer.done.set()


class StopsListeningEarly(Conversation):
    """Hears nothing more of an item that says it is done."""

    async def take(self, event):
        if event["type"] == "response.output_audio.done":
            for answer in self.answers.values():
                answer.muted = True
        await super().take(event)


class ReadsWhatItHears(Conversation):
    """Shows a piece of text only where sound has come before it."""

    async def on_text(self, event):
        if self.answers[event["response_id"]].speech:
            await super().on_text(event)


class ShowsOneMessage(Client):
    def show_text(self, answer):
        first = next(iter(answer.texts.values()), "")
        self.tell("answer", {"text": first})


class HearsOneMessage(Conversation):
    async def on_audio(self, event):
        answer = self.answers[event["response_id"]]
        if event["item_id"] in answer.speech or not answer.speech:
            await super().on_audio(event)


class Insists(Client):
    """Connects again whatever the reason of the loss is."""

    async def perform(self):
        for _ in range(5):
            await super().perform()
            await asyncio.sleep(0.02)


NEGATIVES = {
    "SURV-001.goes-on": Negative(gives_up(is_unknown)),
    "SURV-001.shows-answers": Negative(ReadsEverything),
    "SURV-002.goes-on": Negative(gives_up("input_audio_buffer.dtmf_event_received")),
    "SURV-003.goes-on": Negative(gives_up(is_of_nothing)),
    "SURV-004.goes-on": Negative(gives_up(is_grown)),
    "SURV-004.shows-answers": Negative(KnowsEveryKey),
    "SURV-005.goes-on": Negative(gives_up(is_failed)),
    "SURV-005.tells": Negative(tell=SILENT),
    "SURV-006.goes-on": Negative(gives_up(is_failed)),
    "SURV-006.shows-what-came": Negative(client=HidesWhatFailed),
    "SURV-006.tells": Negative(tell=SILENT),
    "SURV-007.goes-on": Negative(ReadsTheReason, follows=("tells-each", "LIFE-001.in-order")),
    "SURV-007.tells-each": Negative(tell=SILENT),
    "SURV-008.goes-on": Negative(ReadsTheOutput, follows=("LIFE-001.in-order",)),
    "SURV-009.goes-on": Negative(gives_up("error")),
    "SURV-009.tells": Negative(tell=SILENT),
    "SURV-010.goes-on": Negative(gives_up("error"), follows=("asks-again",)),
    "SURV-010.asks-again": Negative(AsksOnlyOnce),
    "SURV-010.shows-each-answer-once": Negative(ShowsEachTry),
    "SURV-011.gives-up": Negative(AsksForEver),
    "SURV-011.tells": Negative(tell=SILENT),
    "SURV-012.goes-on": Negative(gives_up("error")),
    "SURV-013.goes-on": Negative(gives_up("error")),
    "SURV-014.waits-for-its-own-end": Negative(KeepsOneFlag, follows=("SENT-001.one-response-at-a-time",)),
    "SURV-014.goes-on": Negative(gives_up("response.done", count=2), follows=("waits-for-its-own-end",)),
    "SURV-015.lets-hear-all": Negative(StopsListeningEarly),
    "SURV-016.shows-answers": Negative(ReadsWhatItHears),
    "SURV-017.shows-both": Negative(client=ShowsOneMessage),
    "SURV-017.lets-hear-both": Negative(HearsOneMessage),
    "SURV-018.goes-on": Negative(gives_up(is_done)),
    "SURV-019.does-not-insist": Negative(client=Insists),
    "SURV-019.tells": Negative(tell=SILENT),
    "SURV-020.does-not-insist": Negative(client=Insists),
    "SURV-020.tells": Negative(tell=SILENT),
}
