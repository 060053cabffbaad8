"""Broken clients: the reference client with one thing wrong, run in the loop of the suite.

A breakage is a class: of a conversation, of the client that holds it, or around its wire. Those that are made here are
common; a module of an area has its own.
"""

import asyncio
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from realtime_conformance.client.program import Line, Outcome
from realtime_conformance.reference.conversation import Conversation
from realtime_conformance.reference.exercises import Client, Task
from realtime_conformance.reference.websocket import WebSocketWire

Event = dict[str, Any]


class GivesUp(Exception):
    """A client ends here, in order and without a word."""


@dataclass(frozen=True)
class Negative:
    """A broken client that trips one check and, because of that, those that follow from it.

    `follows` are slugs of the same case, and whole ids of passive checks. `case` is where a passive check is tripped.
    `scale` makes those quick that would wait for the end of their case's time.
    """

    conversation: type[Conversation] = Conversation
    client: type[Client] = Client
    wire: Callable[[Task], Any] | None = None
    tell: Callable[[Callable[..., None]], Callable[..., None]] = lambda tell: tell
    follows: tuple[str, ...] = ()
    case: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class InProcess:
    """Runs a client as a process would be run, and in no process of its own."""

    negative: Negative = Negative()

    async def run(self, environment, *, within):
        lines: list[Line] = []
        clock = asyncio.get_running_loop().time

        def write(kind, what):
            lines.append(Line(clock(), json.dumps({"report": kind, **what})))

        status, errors = await self._ended(Task.of(environment), write, within)
        return Outcome(status, clock(), tuple(lines), errors)

    async def _ended(self, task, write, within):
        negative, tell = self.negative, self.negative.tell(write)
        client = negative.client(task, lambda: self._wire(task), tell, negative.conversation)
        try:
            await asyncio.wait_for(client.perform(), within)
        except GivesUp:
            tell("heard", {"seconds": client.seconds_heard})
        except TimeoutError:
            return None, ""
        except Exception:  # noqa: BLE001 - a program that dies of anything has died
            return 1, traceback.format_exc()
        return 0, ""

    def _wire(self, task):
        if self.negative.wire is not None:
            return self.negative.wire(task)
        return WebSocketWire(task.url, key=task.key, model=task.model)


# What is sent


def never_sends(kind: str) -> type[Conversation]:
    """Events of this type are not sent."""

    class Broken(Conversation):
        async def send(self, event):
            if event["type"] != kind:
                await super().send(event)

    return Broken


def changes(kind: str, change: Callable[[Event], Event]) -> type[Conversation]:
    """Events of this type are sent as something else."""

    class Broken(Conversation):
        async def send(self, event):
            await super().send(change(json.loads(json.dumps(event))) if event["type"] == kind else event)

    return Broken


def also_sends(*events: Event, at: str = "session.updated") -> type[Conversation]:
    """These are sent besides, once, when an event of some type has come."""

    class Broken(Conversation):
        has_sent = False

        async def take(self, event):
            await super().take(event)
            if event["type"] == at and not self.has_sent:
                self.has_sent = True
                for extra in events:
                    await self.send(extra)

    return Broken


# What is done with what comes


def gives_up(is_too_much: Callable[[Event], bool] | str, *, count: int = 1) -> type[Conversation]:
    """The client ends when such an event has come, for the `count`th time."""

    def matches(event):
        return event["type"] == is_too_much if isinstance(is_too_much, str) else is_too_much(event)

    class Broken(Conversation):
        seen = 0

        async def take(self, event):
            await super().take(event)
            self.seen += matches(event)
            if self.seen >= count:
                raise GivesUp

        async def send(self, event):
            if self.seen >= count:
                raise GivesUp
            await super().send(event)

    return Broken


def asks_no_more(*, times: int = 0) -> type[Conversation]:
    """The client ends where it would ask for an answer once more."""

    class Broken(Conversation):
        asked = 0

        async def ask(self):
            if self.asked == times:
                raise GivesUp
            self.asked += 1
            return await super().ask()

    return Broken


def crashes(is_too_much: Callable[[Event], bool]) -> type[Conversation]:
    """The client dies of such an event, before it acts on it."""

    class Broken(Conversation):
        async def take(self, event):
            if is_too_much(event):
                raise KeyError(event["type"])
            await super().take(event)

    return Broken


def impatient(*, seconds: float = 0.05) -> type[Conversation]:
    """The client ends where its session is not there, or not acknowledged, in so many seconds."""

    class Broken(Conversation):
        async def _within_patience(self, event):
            try:
                async with asyncio.timeout(seconds):
                    await self.until(event)
            except TimeoutError:
                raise GivesUp from None

    return Broken


# What the user is told


def untold(*kinds: str):
    """Nothing of these kinds is told."""
    return lambda tell: lambda kind, what: None if kind in kinds else tell(kind, what)


def told_otherwise(kind: str, change: Callable[[dict[str, Any]], dict[str, Any]]):
    """What is told of this kind is told otherwise."""
    return lambda tell: lambda told, what: tell(told, {**what, **change(dict(what))} if told == kind else what)


CUT_SHORT = told_otherwise("answer", lambda what: {"text": what["text"][:-1]})
HALF_HEARD = told_otherwise("heard", lambda what: {"seconds": what["seconds"] / 2})
SILENT = untold("error", "closed")


# What the client does of itself


class AsksTwice(Client):
    """Asks for another answer when it has one, and shows both."""

    async def turn(self, conversation, text):
        answer = await super().turn(conversation, text)
        await self.show(conversation, await conversation.ask())
        return answer
