"""Clients that send what a client never sends, or do not end as they should, by the check that each trips."""

import asyncio
import base64
import struct
from pathlib import Path

from tests.negative.clients.breaking import Negative, also_sends, changes
from tests.negative.clients.interruption import DoesNotWait
from tests.negative.clients.tools import RunsTheFirst

from realtime_conformance.client.subject import QUESTION
from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client
from realtime_conformance.reference.websocket import WebSocketWire


def append(audio):
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()}


FLOATS = struct.pack("<200f", *(0.5 if number % 2 else -0.25 for number in range(200)))


class SendsBytes(Conversation):
    async def begin(self, session):
        await self.wire._socket.send_bytes(b"\x00\x01")
        await super().begin(session)


class AsksForTheBeta(WebSocketWire):
    def __init__(self, url, *, key, model):
        super().__init__(url, key=key, model=model)
        self._headers = {**self._headers, "OpenAI-Beta": "realtime=v1"}


class SendsAnother(Conversation):
    """Sends an event of its own a little after `response.created`."""

    async def on_response_created(self, event):
        await super().on_response_created(event)
        if len(self.answers) == 1:
            # Long enough that it knows of the response.
            await asyncio.sleep(0.1)
            await self.send({"type": "response.create"})


class AsksTwiceAtOnce(Conversation):
    async def ask(self):
        asking = asyncio.ensure_future(super().ask())
        await asyncio.sleep(0.1)
        await self.send({"type": "response.create"})
        return await asking


class TruncatesTooLate(Conversation):
    async def truncate(self, item_id, played_ms):
        came = next(answer.speech[item_id] for answer in self.answers.values() if item_id in answer.speech)
        await super().truncate(item_id, int(came * 1000) + 60_000)


class TruncatesAnother(Conversation):
    async def truncate(self, item_id, played_ms):
        await super().truncate("item_of_another_day", played_ms)


class TruncatesSilence(Conversation):
    item_id = ""

    async def take(self, event):
        if event["type"] == "response.output_item.added" and not self.item_id:
            self.item_id = event["item"]["id"]
        await super().take(event)

    async def interrupt(self, answer):
        await super().interrupt(answer)
        await self.truncate(self.item_id, 0)


class ChangesItsVoice(Client):
    async def turn(self, conversation, text):
        answer = await super().turn(conversation, text)
        session = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}
        await conversation.send({"type": "session.update", "session": session})
        return answer


class SendsAnotherOutput(Client):
    call_id = "call_of_another_day"

    async def run_calls(self, conversation, answer):
        await super().run_calls(conversation, answer)
        output = {"type": "function_call_output", "call_id": self.call_id, "output": self.task.function_output}
        await conversation.add(output)


class SendsTheOutputAgain(SendsAnotherOutput):
    call_id = "call_0001"


class SpeaksAFile(Client):
    async def speak(self, conversation):
        await conversation.send(append(Path(QUESTION).read_bytes()[:44]))
        await super().speak(conversation)


class Hangs(Client):
    async def perform(self):
        await super().perform()
        await asyncio.Event().wait()


class Dies(Client):
    async def perform(self):
        await super().perform()
        raise RuntimeError("after all")


class Vanishes(Conversation):
    async def hang_up(self):
        self.wire._socket._response.connection.transport.abort()
        await asyncio.sleep(0.1)
        await super().hang_up()


FLAT = changes("session.update", lambda event: {**event, "session": {**event["session"], "temperature": 0.8}})
UNTYPED = changes(
    "session.update", lambda event: {**event, "session": {"instructions": event["session"]["instructions"]}}
)
WRONG = changes("response.create", lambda event: {**event, "response": {"output_modalities": "text"}})

NEGATIVES = {
    "SENT-001.an-event": Negative(SendsBytes, case="CONV-001"),
    "SENT-001.known-event": Negative(also_sends({"type": "conversation.restart"}), case="CONV-001"),
    # An update that is refused sets no instructions.
    "SENT-001.known-keys": Negative(FLAT, case="CONV-002", follows=("instructions", "before-first-answer")),
    "SENT-001.session-type": Negative(UNTYPED, case="CONV-002", follows=("instructions", "before-first-answer")),
    "SENT-001.valid-values": Negative(WRONG, case="SURV-011"),
    "SENT-001.no-beta": Negative(
        wire=lambda task: AsksForTheBeta(task.url, key=task.key, model=task.model),
        case="CONV-005",
        follows=("asks-once", "goes-on"),
    ),
    "SENT-001.one-response-at-a-time": Negative(SendsAnother, case="CONV-005", follows=("asks-once",)),
    "SENT-001.create-after-cancelled": Negative(DoesNotWait, case="BARGE-002", follows=("waits-for-its-end",)),
    "SENT-001.create-after-answered-create": Negative(AsksTwiceAtOnce, case="CONV-005", follows=("asks-once",)),
    "SENT-001.cancel-of-a-response": Negative(also_sends({"type": "response.cancel"}), case="CONV-001"),
    "SENT-001.truncate-within-audio": Negative(TruncatesTooLate, case="BARGE-003", follows=("at-what-was-heard",)),
    "SENT-001.truncate-known-item": Negative(TruncatesAnother, case="BARGE-003", follows=("truncates",)),
    "SENT-001.truncate-spoken-item": Negative(TruncatesSilence, case="BARGE-006"),
    "SENT-001.voice-before-audio": Negative(client=ChangesItsVoice, case="CONV-004"),
    "SENT-001.output-of-a-call": Negative(client=SendsAnotherOutput, case="TOOLS-001", follows=("sends-output",)),
    "SENT-001.output-once": Negative(client=SendsTheOutputAgain, case="TOOLS-001", follows=("sends-output",)),
    "SENT-001.create-after-all-outputs": Negative(client=RunsTheFirst, case="TOOLS-002", follows=("runs-every-call",)),
    "SENT-001.commit-of-audio": Negative(also_sends({"type": "input_audio_buffer.commit"}), case="CONV-001"),
    "SENT-001.bare-audio": Negative(client=SpeaksAFile, case="SPEAK-001"),
    "SENT-001.integer-audio": Negative(also_sends(append(FLOATS)), case="CONV-001"),
    "SENT-001.whole-samples": Negative(also_sends(append(b"\0\0\0")), case="CONV-001"),
    "SENT-001.not-refused": Negative(
        also_sends({"type": "conversation.item.delete", "item_id": "item_of_another_day"}), case="CONV-001"
    ),
    "LIFE-001.in-time": Negative(client=Hangs, case="CONV-001", scale=0.1),
    "LIFE-001.in-order": Negative(client=Dies, case="CONV-001"),
    "LIFE-001.hangs-up": Negative(Vanishes, case="CONV-001"),
}
