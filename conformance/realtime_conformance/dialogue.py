"""A conversation with a server over one connection: what cases speak through.

It sends and reads events, writes both down in the transcript, and stops a case with `Unreached` where what it waits for
does not come.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.checks import Unreached
from realtime_conformance.events import at, of_type
from realtime_conformance.targets.base import Connection, Message, Silence
from realtime_conformance.transcript import Event, Passage, Transcript

CHUNK = 4_800
"""Bytes of 24 kHz audio in one append: 100 ms."""


@dataclass(slots=True)
class Dialogue:
    """One connection, with everything that came over it so far in `events`.

    `patience` is how many seconds an answer may take, `lull` how many seconds without any event count as the end of
    what comes.
    """

    connection: Connection
    transcript: Transcript
    channel: str
    patience: float
    lull: float
    events: list[Event] = field(default_factory=list)

    async def send(self, kind: str, **fields: Any) -> None:
        """Send an event that the protocol allows."""
        await self._send({"type": kind, **fields})

    async def send_wrong(self, event: object) -> None:
        """Send an event that the protocol does not allow, or not now."""
        await self._send(event, is_wrong=True)

    async def send_message(self, message: Message) -> None:
        """Send what is no event: broken JSON, or bytes."""
        self._note("sent", repr(message[:200]), is_wrong=True)
        await self.connection.send(message)

    async def next(self, *, within: float | None = None) -> Event:
        """The next event.

        Raises:
            Silence: none came.
            Ended: the connection is over.
            Unreached: the message is no event.
        """
        message = await self.connection.receive(self.patience if within is None else within)
        event = _parsed(message)
        self._note("received", message if event is None else event)
        if event is None:
            raise Unreached(f"a message came that is no event: {message[:200]!r}")
        self.events.append(event)
        return event

    async def until(
        self, *kinds: str, where: Callable[[Event], bool] = lambda _event: True, within: float | None = None
    ) -> Event:
        """Read up to an event of one of these types and give it.

        Raises:
            Unreached: it did not come, or an `error` came first.
        """
        wanted = " or ".join(kinds)
        while True:
            try:
                event = await self.next(within=within)
            except Silence as silence:
                raise Silence(f"no {wanted} came: {silence}") from None
            if event["type"] in kinds and where(event):
                return event
            if event["type"] == "error" and "error" not in kinds:
                raise Unreached(f"an error came before {wanted}: {event.get('error')}")

    async def rest(self, *, within: float | None = None) -> list[Event]:
        """What comes until nothing has come for a lull."""
        came: list[Event] = []
        while True:
            try:
                came.append(await self.next(within=self.lull if within is None else within))
            except Silence:
                return came

    async def refusal(self, event: Event) -> Event:
        """Send a wrong event and give the `error` object that answers it; an empty one where no error does.

        The event gets an `event_id` where it has none, so that an error that comes late is not taken for another's. An
        `input_audio_buffer.clear` goes behind it: once that is answered, what was sent before it has been read.

        Raises:
            Unreached: the server is silent altogether.
        """
        named = {"event_id": f"wrong_{self.transcript.newest + 1}", **event}
        await self.send_wrong(named)
        await self.send("input_audio_buffer.clear")
        came = [await self.next()]
        while came[-1]["type"] != "input_audio_buffer.cleared":
            came.append(await self.next())
        errors = _about(named, came) or _about(named, await self.rest())
        return _object(errors[0], "error") if errors else {}

    async def update(self, **session: Any) -> Event:
        """Change the session and give what it is then."""
        await self.send("session.update", session={"type": "realtime", **session})
        updated = await self.until("session.updated")
        return _object(updated, "session")

    async def write(self, text: str, **fields: Any) -> Event:
        """Add a user message and give its item as it was done."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content, **fields}
        await self.send("conversation.item.create", item=item)
        done = await self.until("conversation.item.done")
        return _object(done, "item")

    async def respond(self, **response: Any) -> list[Event]:
        """Ask for a response and give its events, from `response.created` to `response.done`."""
        fields = {"response": response} if response else {}
        await self.send("response.create", **fields)
        created = await self.until("response.created")
        start = len(self.events) - 1
        await self.until("response.done", where=lambda event: at(event, "response.id") == at(created, "response.id"))
        return self.events[start:]

    async def speak(self, pcm: bytes) -> None:
        """Let the user say this (24 kHz, 16-bit, mono): by the microphone where there is one, else as events."""
        if self.connection.has_microphone:
            await self.connection.speak(pcm)
            return
        for start in range(0, len(pcm), CHUNK):
            await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm[start : start + CHUNK]).decode())

    async def _send(self, event: object, *, is_wrong: bool = False) -> None:
        self._note("sent", event, is_wrong=is_wrong)
        await self.connection.send(json.dumps(event))

    def _note(self, direction: Any, data: object, *, is_wrong: bool = False) -> None:
        self.transcript.note(Passage(self.connection.now(), self.channel, direction, data, is_wrong))


def _about(event: Event, came: list[Event]) -> list[Event]:
    """The errors among what came that may answer an event: they name it, or none."""
    return [error for error in of_type(came, "error") if at(error, "error.event_id") in (event["event_id"], None)]


def _object(event: Event, key: str) -> Event:
    found = event.get(key)
    return dict(found) if isinstance(found, dict) else {}


def _parsed(message: Message) -> Event | None:
    try:
        value = json.loads(message)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("type"), str) else None
