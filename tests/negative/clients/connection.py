"""Clients that get lost and refused connections wrong, by the check that each trips."""

from tests.negative.clients.breaking import SILENT, GivesUp, Negative

from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client
from realtime_conformance.reference.websocket import WebSocketWire
from realtime_conformance.reference.wire import Closed, Refused


class RunsHalfACall(Conversation):
    async def take(self, event):
        await super().take(event)
        if event["type"] == "response.function_call_arguments.delta":
            self.tell("call", {"name": "delete_everything", "arguments": event["delta"]})


class StaysAway(Client):
    """Does not connect again."""

    async def converse_on_and_on(self):
        await self.once(lambda conversation: self.go_on(conversation, list(self.task.texts)))


class ConnectsOnceMore(Client):
    async def converse_on_and_on(self):
        await super().converse_on_and_on()
        await self.connected(lambda conversation: conversation._within_patience(conversation.updated))


class GivesUpElsewhere(Client):
    """Has nothing more to say once it is connected again, for the `after`th time."""

    after = 1
    connections = 0

    async def connected(self, exercise):
        self.connections += 1
        await super().connected(exercise if self.connections <= self.after else self.give_up)

    async def give_up(self, conversation):
        raise GivesUp


class GivesUpElsewhereLater(GivesUpElsewhere):
    after = 3


class RemembersOldItems(Client):
    """Asks the new session for an item of the old one."""

    items: tuple[str, ...] = ()

    async def go_on(self, conversation, left):
        for item_id in self.items[:1]:
            await conversation.send({"type": "conversation.item.retrieve", "item_id": item_id})
        take = conversation.take

        async def taken(event):
            await take(event)
            if event["type"] == "conversation.item.added":
                self.items += (event["item"]["id"],)

        conversation.take = taken
        await super().go_on(conversation, left)


class RestoresBackwards(Client):
    async def go_on(self, conversation, left):
        self.history.reverse()
        await super().go_on(conversation, left)


class LosesHeart(Client):
    """Connects again once, and no more."""

    losses = 0

    async def connected(self, exercise):
        try:
            await super().connected(exercise)
        except Closed as reason:
            self.losses += 1
            self.tell("closed", {"reason": str(reason)})
            if self.losses == 2:
                raise GivesUp from None
            raise


class TakesRefusalForGood(Client):
    async def connected(self, exercise):
        try:
            await super().connected(exercise)
        except Refused:
            raise GivesUp from None


class DoesNotListen(Client):
    """Takes every refusal for one that passes, at once."""

    async def connected(self, exercise):
        try:
            await super().connected(exercise)
        except Refused as reason:
            raise Refused(str(reason), status=503) from None


class Storms(Client):
    """Connects again at once."""

    async def converse_on_and_on(self):
        for _ in range(12):
            await self.once(lambda conversation: self.go_on(conversation, list(self.task.texts)))


class NeverPings(WebSocketWire):
    heartbeat = None


def never_pings(task):
    return NeverPings(task.url, key=task.key, model=task.model)


TOLD_NOTHING = Negative(tell=SILENT)

NEGATIVES = {
    "RECON-001.tells": TOLD_NOTHING,
    "RECON-002.tells": TOLD_NOTHING,
    "RECON-003.tells": TOLD_NOTHING,
    "RECON-004.tells": TOLD_NOTHING,
    "RECON-005.runs-no-half-call": Negative(RunsHalfACall),
    "RECON-005.tells": TOLD_NOTHING,
    "RECON-006.tells": TOLD_NOTHING,
    "RECON-007.connects-again": Negative(client=ConnectsOnceMore),
    "RECON-007.goes-on": Negative(client=GivesUpElsewhere),
    "RECON-007.names-nothing-of-the-old-session": Negative(client=RemembersOldItems, follows=("SENT-001.not-refused",)),
    "RECON-008.restores-in-order": Negative(client=RestoresBackwards),
    "RECON-009.goes-on": Negative(client=StaysAway),
    "RECON-010.connects-each-time": Negative(client=LosesHeart, follows=("goes-on",)),
    "RECON-010.goes-on": Negative(client=GivesUpElsewhereLater),
    "RECON-011.goes-on": Negative(client=TakesRefusalForGood, follows=("waits-as-long-as-it-is-told",)),
    "RECON-011.waits-as-long-as-it-is-told": Negative(client=DoesNotListen),
    "RECON-012.does-not-insist": Negative(client=DoesNotListen),
    "RECON-012.tells": TOLD_NOTHING,
    "RECON-013.does-not-storm": Negative(client=Storms),
    "RECON-013.tells": TOLD_NOTHING,
    "RECON-014.goes-on": Negative(wire=never_pings, follows=("LIFE-001.in-time",), scale=0.1),
    "RECON-015.tells": TOLD_NOTHING,
}
