"""Clients that get an ordinary conversation wrong, by the check that each trips."""

import asyncio

from tests.negative.clients.breaking import (
    CUT_SHORT,
    HALF_HEARD,
    SILENT,
    AsksTwice,
    Negative,
    asks_no_more,
    changes,
    gives_up,
    impatient,
)

from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client


def item_text(change):
    def changed(event):
        event["item"]["content"][0]["text"] = change(event["item"]["content"][0]["text"])
        return event

    return changes("conversation.item.create", changed)


def without(key):
    def changed(event):
        return {**event, "session": {name: value for name, value in event["session"].items() if name != key}}

    return changes("session.update", changed)


class ConfiguresLate(Client):
    async def turn(self, conversation, text):
        answer = await super().turn(conversation, text)
        await conversation.send({"type": "session.update", "session": self.task.session})
        await conversation._within_patience(conversation.updated)
        return answer


class BeginsUntold(Conversation):
    async def begin(self, session):
        self._listener = asyncio.create_task(self._listen())
        await self._within_patience(self.created)


class AsksOnceTooOften(Client):
    asked = False

    async def turn(self, conversation, text):
        answer = await super().turn(conversation, text)
        if not self.asked:
            self.asked = True
            await self.show(conversation, await conversation.ask())
        return answer


class ConnectsForEachText(Client):
    async def perform(self):
        for text in self.task.texts:
            await self.once(lambda conversation, text=text: self.turn(conversation, text))
        self.tell("heard", {"seconds": self.seconds_heard})


class WritesBackwards(Client):
    async def converse(self, conversation):
        for text in reversed(self.task.texts):
            await self.turn(conversation, text)


class ShowsBackwards(Client):
    async def converse(self, conversation):
        shown = []
        tell, self.tell = self.tell, lambda kind, what: shown.append((kind, what))
        await super().converse(conversation)
        self.tell = tell
        for kind, what in reversed(shown):
            tell(kind, what)


def ascii_only(text):
    return text.encode("ascii", "ignore").decode()


NEGATIVES = {
    "CONV-001.writes": Negative(item_text(str.upper)),
    "CONV-001.asks-once": Negative(client=AsksTwice),
    "CONV-001.shows-answer": Negative(tell=CUT_SHORT),
    "CONV-001.lets-hear-answer": Negative(tell=HALF_HEARD),
    # What is never told is not told in time.
    "CONV-002.instructions": Negative(without("instructions"), follows=("before-first-answer",)),
    "CONV-002.before-first-answer": Negative(BeginsUntold, ConfiguresLate),
    "CONV-003.asks-for-writing": Negative(without("output_modalities")),
    "CONV-003.shows-answer": Negative(tell=CUT_SHORT),
    "CONV-004.one-session": Negative(client=ConnectsForEachText),
    "CONV-004.writes-in-order": Negative(client=WritesBackwards),
    "CONV-004.asks-once-for-each": Negative(client=AsksOnceTooOften),
    "CONV-004.shows-answers-in-order": Negative(client=ShowsBackwards),
    "CONV-005.asks-once": Negative(client=AsksTwice),
    "CONV-005.goes-on": Negative(asks_no_more(), follows=("asks-once",)),
    "CONV-006.goes-on": Negative(impatient()),
    "CONV-007.goes-on": Negative(impatient()),
    "CONV-008.goes-on": Negative(impatient()),
    "CONV-009.goes-on": Negative(impatient()),
    "CONV-010.goes-on-or-gives-up": Negative(gives_up("error"), tell=SILENT, follows=("tells",)),
    "CONV-010.tells": Negative(tell=SILENT),
    # What is quoted in the answer is what was written.
    "CONV-011.writes": Negative(item_text(ascii_only), follows=("shows-answer",)),
    "CONV-011.shows-answer": Negative(tell=CUT_SHORT),
}
