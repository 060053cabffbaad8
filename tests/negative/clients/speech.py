"""Clients that get spoken turns wrong, by the check that each trips."""

from dataclasses import replace

from tests.negative.clients.breaking import CUT_SHORT, GivesUp, Negative, gives_up, untold

from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client

A_SECOND = 48_000


class SpeaksOnceMore(Client):
    async def speak(self, conversation):
        await super().speak(conversation)
        self.task = replace(self.task, turns=1)
        await super().speak(conversation)


class SaysNothing(Client):
    async def speak(self, conversation):
        raise GivesUp


class SaysHalf(Client):
    """Has nothing more to say after the first turn."""

    async def speak(self, conversation):
        self.task = replace(self.task, turns=1)
        await super().speak(conversation)


class AsksBesides(Client):
    """Asks for an answer although the server answers by itself."""

    async def speak(self, conversation):
        await super().speak(conversation)
        await self.show(conversation, await conversation.ask())


class BeginsLate(Conversation):
    """Does not hear the beginning of what its user says."""

    async def speak(self, pcm):
        await super().speak(pcm[A_SECOND * 2 // 5 :])


NEGATIVES = {
    "SPEAK-001.is-heard": Negative(client=SpeaksOnceMore),
    "SPEAK-001.shows-answer": Negative(tell=CUT_SHORT),
    "SPEAK-001.goes-on": Negative(client=SaysNothing, follows=("is-heard",)),
    "SPEAK-001.leaves-turns-to-the-server": Negative(client=AsksBesides),
    "SPEAK-002.arrives-whole": Negative(BeginsLate),
    "SPEAK-002.goes-on": Negative(client=SaysNothing, follows=("arrives-whole",)),
    "SPEAK-003.are-heard": Negative(client=SpeaksOnceMore),
    "SPEAK-003.shows-answers": Negative(tell=CUT_SHORT),
    "SPEAK-003.goes-on": Negative(client=SaysHalf, follows=("are-heard",)),
    "SPEAK-004.goes-on": Negative(gives_up("conversation.item.input_audio_transcription.failed")),
    "SPEAK-004.shows-what-was-said": Negative(tell=untold("user")),
}
