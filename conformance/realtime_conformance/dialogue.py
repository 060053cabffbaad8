"""A conversation with a server over one connection: what cases speak through.

It sends and reads events, writes both down in the transcript, and stops a case with `Unreached` where what it waits for
does not come.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.checks import Unreached
from realtime_conformance.events import at, of_type
from realtime_conformance.targets.base import Connection, Ended, Message, Silence
from realtime_conformance.transcript import Event, Passage, Transcript

FOLLOWER = "input_audio_buffer.clear"
CHUNK = 4_800
"""Bytes of 24 kHz audio in one append: 100 ms."""


@dataclass(slots=True)
class Dialogue:
    """One connection, with everything that came over it so far in `events`.

    `patience` is how many seconds an answer may take, `lull` how many seconds without any event count as the end of
    what comes. `confirms_items` is whether the server tells of the items that it is given, as far as is known.
    """

    connection: Connection
    transcript: Transcript
    channel: str
    patience: float
    lull: float
    events: list[Event] = field(default_factory=list)
    confirms_items: bool = True

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

    async def after(
        self,
        start: int,
        *kinds: str,
        where: Callable[[Event], bool] = lambda _event: True,
        within: float | None = None,
    ) -> Event:
        """The first event of these types among those from number `start` on, which may have come already.

        Raises:
            Unreached: it did not come, or an `error` came before it.
        """
        came = [event for event in self.events[start:] if event["type"] in kinds and where(event)]
        return came[0] if came else await self.until(*kinds, where=where, within=within)

    async def rest(self, *, within: float | None = None) -> list[Event]:
        """What comes until nothing has come for a lull."""
        came: list[Event] = []
        while True:
            try:
                came.append(await self.next(within=self.lull if within is None else within))
            except Silence:
                return came

    async def ends(self) -> bool:
        """Whether the other side ends the connection, before it is silent for as long as an answer may take."""
        try:
            while True:
                await self.next()
        except Ended:
            return True
        except Silence:
            return False

    async def refusal(self, event: Event) -> Event:
        """Send a wrong event and give the `error` object that answers it; an empty one where no error does.

        The event gets an `event_id` where it has none, so that an error that comes late is not taken for another's. An
        `input_audio_buffer.clear` goes behind it: once that is answered, what was sent before it has been read. A
        server that does not know that event has a while.
        """
        named = {"event_id": f"wrong_{self.transcript.newest + 1}", **event}
        await self.send_wrong(named)
        await self.send(FOLLOWER)
        start = len(self.events)
        with suppress(Silence):
            while not self.events[start:] or self.events[-1]["type"] != "input_audio_buffer.cleared":
                await self.next(within=self.patience / 4)
        errors = _about(named, self.events[start:]) or _about(named, await self.rest())
        return _object(errors[0], "error") if errors else {}

    async def update(self, **session: Any) -> Event:
        """Change the session and give what it is then."""
        await self.send("session.update", session={"type": "realtime", **session})
        updated = await self.until("session.updated")
        return _object(updated, "session")

    async def write(self, text: str, **fields: Any) -> Event:
        """Add a user message and give its item as it was done, or as far as the server tells of it.

        Where it does not confirm the item, the cases that are about it say so, and the others go on.
        """
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content, **fields}
        await self.send("conversation.item.create", item=item)
        try:
            item = await self._confirmed()
        except Silence:
            self.confirms_items = False
        return item

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
        await self.append(pcm)

    async def append(self, audio: bytes) -> None:
        """Send audio as events, in the format that the session takes."""
        for start in range(0, len(audio), CHUNK):
            await self.send("input_audio_buffer.append", audio=base64.b64encode(audio[start : start + CHUNK]).decode())

    async def _confirmed(self) -> Event:
        """The item that a server confirms, as it was done; as it was added, where it goes no further."""
        within = self.patience / 2 if self.confirms_items else self.lull
        added = await self.until("conversation.item.added", "conversation.item.done", within=within)
        if added["type"] == "conversation.item.added":
            try:
                added = await self.until("conversation.item.done", within=within)
            except Silence:
                self.confirms_items = False
        return _object(added, "item")

    async def _send(self, event: object, *, is_wrong: bool = False) -> None:
        self._note("sent", event, is_wrong=is_wrong)
        await self.connection.send(json.dumps(event))

    def _note(self, direction: Any, data: object, *, is_wrong: bool = False) -> None:
        self.transcript.note(Passage(self.connection.now(), self.channel, direction, data, is_wrong))


def _about(event: Event, came: list[Event]) -> list[Event]:
    """The errors among what came that may answer an event: they name it, or nothing, not even what followed it."""
    errors = [error for error in of_type(came, "error") if at(error, "error.event_id") in (event["event_id"], None)]
    told = [(error, str(at(error, "error.message"))) for error in errors]
    return [error for error, words in told if FOLLOWER not in words or str(event.get("type")) in words]


def _object(event: Event, key: str) -> Event:
    found = event.get(key)
    return dict(found) if isinstance(found, dict) else {}


def _parsed(message: Message) -> Event | None:
    try:
        value = json.loads(message)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("type"), str) else None
