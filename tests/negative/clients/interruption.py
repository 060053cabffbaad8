"""Clients that get interruptions wrong, by the check that each trips."""

import asyncio

from tests.negative.clients.breaking import GivesUp, Negative, gives_up, never_sends

from realtime_conformance.reference.answer import Answer
from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client


def is_cancelled(event):
    return event["type"] == "response.done" and event["response"]["status"] == "cancelled"


class PlaysOn(Answer):
    """Plays all that came and comes, though its user has stopped it."""

    def stop(self, now):
        stopped = super().stop(now)
        self.muted, self.played = False, None
        return stopped


class PlaysOnBesides(Conversation):
    ANSWER = PlaysOn


class DoesNotCancel(Conversation):
    """Stops what its user hears, and leaves the server alone."""

    async def interrupt(self, answer):
        answer.stop(asyncio.get_running_loop().time())
        raise GivesUp


class StopsItself(Conversation):
    """Stops what its user hears, and waits for the server's own end."""

    async def interrupt(self, answer):
        answer.stop(asyncio.get_running_loop().time())


class DoesNotWait(Conversation):
    """Takes an answer for over when it has cancelled it."""

    BACKOFF = 0.2

    async def interrupt(self, answer):
        answer.stop(asyncio.get_running_loop().time())
        await self.cancel()
        # Long enough that the two do not cross.
        await asyncio.sleep(0.1)
        self.active = None
        self.free.set()
        answer.done.set()


class TruncatesWhatCame(Conversation):
    """Takes all that came for heard."""

    async def truncate(self, item_id, played_ms):
        came = next(answer.speech[item_id] for answer in self.answers.values() if item_id in answer.speech)
        await super().truncate(item_id, int(came * 1000))


class SaysNothing(Client):
    """Does not let its user talk over an answer."""

    async def stop(self, conversation, answer):
        raise GivesUp


NO_TRUNCATION = never_sends("conversation.item.truncate")

NEGATIVES = {
    "BARGE-001.cancels": Negative(DoesNotCancel, follows=("falls-silent", "goes-on")),
    "BARGE-001.falls-silent": Negative(PlaysOnBesides),
    "BARGE-001.goes-on": Negative(gives_up(is_cancelled)),
    "BARGE-002.waits-for-its-end": Negative(DoesNotWait, follows=("SENT-001.create-after-cancelled",)),
    "BARGE-002.falls-silent": Negative(PlaysOnBesides),
    "BARGE-002.goes-on": Negative(gives_up(is_cancelled), follows=("waits-for-its-end",)),
    "BARGE-003.truncates": Negative(NO_TRUNCATION, follows=("at-what-was-heard",)),
    "BARGE-003.at-what-was-heard": Negative(TruncatesWhatCame),
    "BARGE-003.goes-on": Negative(gives_up("conversation.item.truncated")),
    "BARGE-004.truncates": Negative(NO_TRUNCATION, follows=("at-what-was-heard",)),
    "BARGE-004.at-what-was-heard": Negative(TruncatesWhatCame),
    "BARGE-004.goes-on": Negative(gives_up("conversation.item.truncated")),
    "BARGE-005.goes-on": Negative(gives_up("error")),
    "BARGE-006.cancels": Negative(StopsItself),
    "BARGE-006.goes-on": Negative(gives_up(is_cancelled)),
    "BARGE-007.goes-on": Negative(gives_up("error")),
    "BARGE-008.lets-the-server-hear": Negative(client=SaysNothing, follows=("falls-silent", "goes-on")),
    "BARGE-008.falls-silent": Negative(PlaysOnBesides),
    "BARGE-008.goes-on": Negative(gives_up(is_cancelled)),
    "BARGE-009.truncates": Negative(NO_TRUNCATION, follows=("at-what-was-heard",)),
    "BARGE-009.at-what-was-heard": Negative(TruncatesWhatCame),
}
