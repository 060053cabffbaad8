"""Broken servers: a target whose answers are changed on their way to the suite.

Each breakage is a function over what the server says. It is applied where all targets are alike, so the same broken
server exists on the core, over a WebSocket and over WebRTC.
"""

import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from realtime_conformance.targets.base import Answer, Connection, Message, Opening, Request, Silence, Target

Event = dict[str, Any]
Change = Callable[[Event], Iterable[Event]]
Breakage = Callable[[], Change]
"""Makes, for each connection, what an event becomes: none, itself, another, or several."""

Where = Callable[[Event], bool]


@dataclass(frozen=True)
class Negative:
    """A broken server that trips one check and, because of that, those that follow from it (slugs of the same case).

    `events` breaks what comes over connections, `sent` what the server gets of what is sent to it, `answers` what comes
    over HTTP.
    """

    events: Breakage | None = None
    answers: Callable[[Request, Answer], Answer] | None = None
    follows: tuple[str, ...] = ()
    sent: Breakage | None = None


def become(kind: str, made: Change, *, where: Where = lambda _event: True, nth: int | None = None) -> Breakage:
    """Events of this type become what `made` makes of a copy of each; only the `nth` of a connection where it is given.

    `where` says which of them are meant and counted.
    """

    def new() -> Change:
        met = 0

        def changed(event: Event) -> Iterable[Event]:
            nonlocal met
            if event.get("type") != kind or not where(event):
                return [event]
            met += 1
            return made(json.loads(json.dumps(event))) if nth in (None, met) else [event]

        return changed

    return new


def change(kind: str, *, where: Where = lambda _event: True, nth: int | None = None, **values: Any) -> Breakage:
    """Events of this type have a value at a place, `response__status="failed"`; a function is given the old one."""

    def made(event: Event) -> list[Event]:
        for place, value in values.items():
            *path, last = (int(key) if key.isdigit() else key for key in place.split("__"))
            parent: Any = event
            for key in path:
                parent = parent[key]
            old = parent[last] if isinstance(last, int) else parent.get(last)
            parent[last] = value(old) if callable(value) else value
        return [event]

    return become(kind, made, where=where, nth=nth)


def lose(kind: str, place: str, *, where: Where = lambda _event: True, nth: int | None = None) -> Breakage:
    """Events of this type lack the key at a place."""

    def made(event: Event) -> list[Event]:
        *path, last = (int(key) if key.isdigit() else key for key in place.split("__"))
        parent: Any = event
        for key in path:
            parent = parent[key]
        parent.pop(last, None)
        return [event]

    return become(kind, made, where=where, nth=nth)


def drop(*kinds: str, where: Where = lambda _event: True) -> Breakage:
    """Events of these types never come."""
    return lambda: lambda event: [] if event.get("type") in kinds and where(event) else [event]


def repeat(kind: str, **fields: Any) -> Breakage:
    """Events of this type come twice, the second time with these fields."""
    return become(kind, lambda event: [event, {**event, **fields}])


def follow(kind: str, *made: Event, where: Where = lambda _event: True, nth: int | None = None) -> Breakage:
    """These events come behind events of this type."""
    return become(kind, lambda event: [event, *made], where=where, nth=nth)


def late(kind: str, *, after: str, where: Where = lambda _event: True, behind: Where = lambda _event: True) -> Breakage:
    """Events of this type come only after the next event of another type; `behind` says which of those."""

    def new() -> Change:
        held: list[Event] = []

        def delayed(event: Event) -> list[Event]:
            if event["type"] == kind and where(event):
                held.append(event)
                return []
            if event["type"] == after and held and behind(event):
                came = [event, *held]
                held.clear()
                return came
            return [event]

        return delayed

    return new


def every(*breakages: Breakage) -> Breakage:
    """All of these: what one makes of an event goes through the next."""

    def new() -> Change:
        changes = [breakage() for breakage in breakages]

        def changed(event: Event) -> Iterable[Event]:
            came = [event]
            for one in changes:
                came = [after for before in came for after in one(before)]
            return came

        return changed

    return new


@dataclass(frozen=True)
class BrokenTarget:
    """A target with a breakage."""

    target: Target
    negative: Negative

    @property
    def name(self) -> str:
        return f"broken {self.target.name}"

    @property
    def capabilities(self) -> frozenset[str]:
        return self.target.capabilities

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[Connection]:
        async with self.target.connect(opening) as connection:
            yield BrokenConnection(connection, self.negative)

    async def request(self, request: Request) -> Answer:
        answer = await self.target.request(request)
        return answer if self.negative.answers is None else self.negative.answers(request, answer)


class BrokenConnection:
    """A connection whose events are changed as they come and go."""

    def __init__(self, connection: Connection, negative: Negative) -> None:
        self._connection = connection
        self._changed = _made(negative.events)
        self._sent = _made(negative.sent)
        self._waiting: deque[Event] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def send(self, message: Message) -> None:
        for event in self._sent(json.loads(message)) if _is_event(message) else ():
            await self._connection.send(json.dumps(event))
        if not _is_event(message):
            await self._connection.send(message)

    async def receive(self, within: float) -> Message:
        until = self._connection.now() + within
        while not self._waiting:
            left = until - self._connection.now()
            if left < 0:
                raise Silence(f"nothing came within {within:g} s")
            self._waiting += self._changed(json.loads(await self._connection.receive(left)))
        return json.dumps(self._waiting.popleft())


def _made(breakage: Breakage | None) -> Change:
    return (lambda event: [event]) if breakage is None else breakage()


def _is_event(message: Message) -> bool:
    try:
        return isinstance(json.loads(message), dict)
    except ValueError:
        return False
