"""Clients that get calls wrong, by the check that each trips."""

import asyncio

from tests.negative.clients.breaking import CUT_SHORT, SILENT, GivesUp, Negative, asks_no_more, gives_up
from tests.negative.clients.interruption import is_cancelled
from tests.negative.clients.survival import Insists

from realtime_conformance.reference.call import CallWire
from realtime_conformance.reference.conversation import Conversation


def over(wire=CallWire):
    return lambda task: wire(task.base_url, key=task.key, model=task.model)


class OffersTwice(CallWire):
    async def _post(self, offer):
        await super()._post(offer)
        return await super()._post(offer)


class HasNoEars(CallWire):
    seconds_heard = 0.0


class ListensLate(CallWire):
    """Misses the first message."""

    async def open(self):
        await super().open()
        self.has_missed = False

    async def receive(self):
        event = await super().receive()
        return event if event["type"] != "session.created" else await super().receive()


class IsPassive(CallWire):
    """Takes only a server that leaves the beginning to it."""

    async def _post(self, offer):
        answer = await super()._post(offer)
        if "a=setup:active" in answer:
            raise GivesUp
        return answer


class TakesSmallMessages(CallWire):
    async def receive(self):
        event = await super().receive()
        if len(event.get("padding", "")) > 65_536:
            raise GivesUp
        return event


class GivesUpUnlessCreated(Conversation):
    """Ends where `session.created` does not come soon after the channel."""

    async def _within_patience(self, event):
        try:
            async with asyncio.timeout(0.1):
                await self.until(event)
        except TimeoutError:
            raise GivesUp from None


class DoesNotClear(Conversation):
    async def send(self, event):
        if event["type"] == "output_audio_buffer.clear":
            raise GivesUp
        await super().send(event)


class ClearsLate(Conversation):
    async def send(self, event):
        if event["type"] == "output_audio_buffer.clear":
            await asyncio.sleep(2)
        await super().send(event)


NEGATIVES = {
    "CALL-001.offers-once": Negative(wire=over(OffersTwice)),
    "CALL-001.goes-on": Negative(asks_no_more(), wire=over(), follows=("hears",)),
    "CALL-001.hears": Negative(wire=over(HasNoEars)),
    "CALL-002.goes-on": Negative(GivesUpUnlessCreated, wire=over(ListensLate)),
    "CALL-003.goes-on": Negative(GivesUpUnlessCreated, wire=over()),
    "CALL-004.shows-answers": Negative(tell=CUT_SHORT, wire=over()),
    "CALL-004.goes-on": Negative(asks_no_more(times=1), wire=over()),
    "CALL-005.does-not-insist": Negative(client=Insists, wire=over()),
    "CALL-005.tells": Negative(tell=SILENT, wire=over()),
    "CALL-006.goes-on": Negative(wire=over(IsPassive), follows=("hears",)),
    "CALL-006.hears": Negative(wire=over(HasNoEars)),
    "CALL-007.clears": Negative(DoesNotClear, wire=over(), follows=("goes-on",)),
    "CALL-007.falls-silent": Negative(ClearsLate, wire=over()),
    "CALL-007.goes-on": Negative(gives_up(is_cancelled), wire=over()),
    "CALL-008.tells": Negative(tell=SILENT, wire=over()),
    "CALL-009.goes-on": Negative(asks_no_more(), wire=over(), follows=("hears",)),
    "CALL-009.hears": Negative(wire=over(HasNoEars)),
    "CALL-010.goes-on": Negative(wire=over(TakesSmallMessages)),
}
