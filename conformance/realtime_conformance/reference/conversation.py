"""A conversation over one connection: what its user does, and what becomes of what the server says."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from realtime_conformance.reference.answer import Answer
from realtime_conformance.reference.wire import Closed, Event, Wire

PATIENCE = 2.0
"""Seconds that the acknowledgement of a session may take, before the conversation goes on without it."""

LONGEST_ANSWER = 60.0
CHUNK = 4_800
"""Bytes of 24 kHz audio in one append: 100 ms."""

TEN_TIMES = 0.01
"""Seconds between appends."""

_ACTIVE = "conversation_already_has_active_response"
_NOT_ACTIVE = "response_cancel_not_active"

Tell = Callable[[str, Mapping[str, Any]], None]
"""Tells the user something: which kind of thing, and what."""


class Conversation:
    """One session over one wire.

    Args:
        wire: is open.
        tell: how the user is told of what happens.
    """

    TRIES: ClassVar = 4
    """How often a response is asked for that is refused."""

    ANSWER: ClassVar = Answer
    """What an answer is kept as."""

    BACKOFF: ClassVar = 0.05
    """Seconds before it is asked for again; twice as much each time."""

    def __init__(self, wire: Wire, tell: Tell) -> None:
        self.wire = wire
        self.tell = tell
        self.answers: dict[str, Answer] = {}
        self.active: str | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.created = asyncio.Event()
        self.updated = asyncio.Event()
        self._asked: tuple[str, asyncio.Future[Answer]] | None = None
        self._update_id = ""
        self._next_answer: asyncio.Future[Answer] | None = None
        self._numbers = itertools.count(1)
        self._listener: asyncio.Task[None] | None = None

    # What the user does

    async def begin(self, session: Mapping[str, Any]) -> None:
        """Wait for the session, and configure it."""
        self._listener = asyncio.create_task(self._listen())
        await self._within_patience(self.created)
        self._update_id = self._event_id()
        await self.send({"type": "session.update", "event_id": self._update_id, "session": dict(session)})
        await self._within_patience(self.updated)

    async def write(self, text: str) -> None:
        """Add a message of the user's."""
        content = [{"type": "input_text", "text": text}]
        await self.add({"type": "message", "role": "user", "content": content})

    async def add(self, item: Mapping[str, Any]) -> None:
        """Add an item of any kind."""
        await self.send({"type": "conversation.item.create", "item": dict(item)})

    async def speak(self, pcm: bytes) -> None:
        """Say something: by the microphone of a call, else in appends."""
        if self.wire.carries_audio:
            await self._either(asyncio.ensure_future(self.wire.speak(pcm)))
            return
        for start in range(0, len(pcm), CHUNK):
            audio = base64.b64encode(pcm[start : start + CHUNK]).decode()
            await self.send({"type": "input_audio_buffer.append", "audio": audio})
            await asyncio.sleep(TEN_TIMES)

    async def ask(self) -> Answer | None:
        """Ask for an answer, again where that is refused, and give it once it has begun; None where there is none."""
        refusal = ""
        for number in range(self.TRIES):
            await self.until(self.free)
            event_id = self._event_id()
            asked: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self._asked = (event_id, asked)
            await self.send({"type": "response.create", "event_id": event_id})
            try:
                return await self._first(asked)
            except RefusedError as error:
                refusal = str(error)
            answer = self.answers.get(self.active or "")
            if answer is not None:
                # The server was faster: this is the answer.
                return answer
            await asyncio.sleep(self.BACKOFF * 2**number)
        self.tell("error", {"message": refusal})
        return None

    async def next_answer(self) -> Answer | None:
        """The answer that the server begins by itself, as when its user has spoken."""
        self._next_answer = asyncio.get_running_loop().create_future()
        return await self._first(self._next_answer)

    async def finished(self, answer: Answer) -> None:
        """Wait for the end of an answer, on a call also for that of its playback."""
        await self.until(answer.done)
        if self.wire.carries_audio and answer.is_spoken and answer.failure is None:
            await self.until(answer.played_out)

    async def interrupt(self, answer: Answer) -> None:
        """Stop an answer: for the server, and for the user's ears."""
        stopped = answer.stop(asyncio.get_running_loop().time())
        if self.active == answer.id:
            await self.cancel()
        if self.wire.carries_audio:
            await self.send({"type": "output_audio_buffer.clear"})
        # An item that is still being made may not be cut yet.
        await self.until(answer.done)
        if stopped is not None and not self.wire.carries_audio:
            await self.truncate(*stopped)

    async def cancel(self) -> None:
        """Ask the server to stop making its answer."""
        await self.send({"type": "response.cancel"})

    async def truncate(self, item_id: str, played_ms: int) -> None:
        """Tell the server how much of an item was heard."""
        event = {"type": "conversation.item.truncate", "item_id": item_id, "content_index": 0}
        await self.send({**event, "audio_end_ms": played_ms})

    async def hang_up(self) -> None:
        """End it."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self.wire.close()

    @property
    def seconds_heard(self) -> float:
        """How much the user was given to hear."""
        return self.wire.seconds_heard + sum(answer.seconds for answer in self.answers.values())

    async def send(self, event: Event) -> None:
        """Send an event."""
        await self.wire.send(event)

    # What the server says

    async def _listen(self) -> None:
        while True:
            await self.take(await self.wire.receive())

    async def take(self, event: Event) -> None:
        """Act on an event of the server's. What is not known here is none of this client's business."""
        name = self.ON.get(event.get("type", ""))
        if name is not None:
            await getattr(self, name)(event)

    async def on_session_created(self, _event: Event) -> None:
        """The session exists."""
        self.created.set()

    async def on_session_updated(self, _event: Event) -> None:
        """The session is what it was asked to be."""
        self.updated.set()

    async def on_response_created(self, event: Event) -> None:
        """An answer begins: the one that was asked for, or one of the server's own."""
        answer: Answer = self.ANSWER(event["response"]["id"])
        self.answers[answer.id] = answer
        self.active = answer.id
        self.free.clear()
        for waiting in (self._asked[1] if self._asked else None, self._next_answer):
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)

    async def on_text(self, event: Event) -> None:
        """A piece of what is said, to be read."""
        if answer := self.answers.get(event.get("response_id", "")):
            answer.read(event)

    async def on_audio(self, event: Event) -> None:
        """A piece of what is said, to be heard."""
        if answer := self.answers.get(event.get("response_id", "")):
            answer.hear(event, asyncio.get_running_loop().time())

    async def on_response_done(self, event: Event) -> None:
        """An answer is over. One that was over before, or that nobody knows, changes nothing."""
        response = event.get("response") or {}
        answer = self.answers.get(response.get("id", ""))
        if answer is None or answer.done.is_set():
            return
        answer.end(response)
        if self.active == answer.id:
            self.active = None
            self.free.set()
        if answer.failure is not None and not answer.muted:
            self.tell("error", {"message": answer.failure})

    async def on_playback(self, event: Event) -> None:
        """A call plays an answer, or has come to its end."""
        if answer := self.answers.get(event.get("response_id", "")):
            answer.begun.set()
            if event["type"] != "output_audio_buffer.started":
                answer.played_out.set()

    async def on_speech_started(self, _event: Event) -> None:
        """The user talks: what is being played to them stops."""
        now = asyncio.get_running_loop().time()
        for answer in self.answers.values():
            if self.wire.carries_audio or not answer.is_heard(now):
                continue
            stopped = answer.stop(now)
            if stopped is not None:
                await self.truncate(*stopped)

    async def on_transcript(self, event: Event) -> None:
        """What the user said, in writing."""
        self.tell("user", {"text": event.get("transcript", "")})

    async def on_error(self, event: Event) -> None:
        """Something was refused, or went wrong."""
        error = event.get("error") or {}
        if self._refuses_what_was_asked(error):
            return
        if error.get("code") != _NOT_ACTIVE:
            self.tell("error", {"message": error.get("message") or "an error without a message"})
        if error.get("event_id") == self._update_id:
            self.updated.set()

    ON: ClassVar[dict[str, Any]] = {
        "session.created": "on_session_created",
        "session.updated": "on_session_updated",
        "response.created": "on_response_created",
        "response.output_text.delta": "on_text",
        "response.output_audio_transcript.delta": "on_text",
        "response.output_audio.delta": "on_audio",
        "response.done": "on_response_done",
        "output_audio_buffer.started": "on_playback",
        "output_audio_buffer.stopped": "on_playback",
        "output_audio_buffer.cleared": "on_playback",
        "input_audio_buffer.speech_started": "on_speech_started",
        "conversation.item.input_audio_transcription.completed": "on_transcript",
        "error": "on_error",
    }

    def _refuses_what_was_asked(self, error: Mapping[str, Any]) -> bool:
        """Whether an error is the answer to the newest `response.create`; it may not say so."""
        if self._asked is None or self._asked[1].done():
            return False
        event_id, asked = self._asked
        if error.get("event_id") == event_id or (error.get("event_id") is None and error.get("code") == _ACTIVE):
            asked.set_exception(RefusedError(error.get("message") or "the response was refused"))
            return True
        return False

    def _event_id(self) -> str:
        return f"event_reference_{next(self._numbers)}"

    async def _within_patience(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.until(event)
        except TimeoutError:
            return

    async def until(self, event: asyncio.Event) -> None:
        """Wait for something, as long as an answer may take.

        Raises:
            Closed: the connection is over.
        """
        async with asyncio.timeout(LONGEST_ANSWER):
            await self._either(asyncio.ensure_future(event.wait()))

    async def _first(self, answer: asyncio.Future[Answer]) -> Answer:
        async with asyncio.timeout(LONGEST_ANSWER):
            await self._either(answer)
        return answer.result()

    async def _either(self, awaited: asyncio.Future[Any]) -> None:
        """Wait for something, or for the end of the connection.

        Raises:
            Closed: that came first.
        """
        listener = self._listener
        if listener is None:
            raise Closed("nobody listens")
        try:
            await asyncio.wait((awaited, listener), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not awaited.done():
                awaited.cancel()
        if awaited.cancelled() or not awaited.done():
            # It never ends but by what went wrong: the connection, or this client.
            await listener


class RefusedError(Exception):
    """A response that was asked for and refused."""
