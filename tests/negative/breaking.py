"""Broken servers: a target whose answers are changed on their way to the suite.

Each breakage is a function over what the server says. It is applied where all targets are alike, so the same broken
server exists on the core, over a WebSocket and over WebRTC.
"""

import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from realtime_conformance.events import at
from realtime_conformance.targets.base import (
    Answer,
    Connection,
    Ended,
    Message,
    Opening,
    Request,
    Silence,
    Sound,
    Target,
)

Event = dict[str, Any]
Change = Callable[[Event], Iterable[Event]]
Breakage = Callable[[], Change]
"""Makes, for each connection, what an event becomes: none, itself, another, or several."""

Where = Callable[[Event], bool]


@dataclass(frozen=True)
class Negative:
    """A broken server that trips one check and, because of that, those that follow from it (slugs of the same case).

    `events` breaks what comes over connections, `sent` what the server gets of what is sent to it, `answers` what comes
    over HTTP, `ended` how connections end, `heard` what a call's user hears. `opening` and `request` break how the
    server is asked for connections and over HTTP, `attach` how one is attached to a call; `replies` is what it says at
    once to an event. `connection` breaks anything else of a connection.
    """

    events: Breakage | None = None
    answers: Callable[[Request, Answer], Answer] | None = None
    follows: tuple[str, ...] = ()
    sent: Breakage | None = None
    ended: Callable[[Ended], Ended] | None = None
    heard: Callable[[Sequence[Sound]], Sequence[Sound]] | None = None
    replies: Callable[[Event], Iterable[Event]] = lambda _event: ()
    opening: Callable[[Opening], Opening] | None = None
    request: Callable[[Request], Request] | None = None
    connection: Callable[[Connection], Connection] | None = None
    attach: Callable[[Target, str, Opening], AbstractAsyncContextManager[Any]] | None = None


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


def add(extra: Event, *, after: str, nth: int | None = None) -> Breakage:
    """An event too many, with an id of its own, comes behind events of another type."""
    return become(after, lambda event: [event, {"event_id": f"{event['event_id']}x", **extra}], nth=nth)


def deaf_to(setting: str) -> Breakage:
    """A server that passes over a setting of `turn_detection` and acts as if it were on."""
    place = f"session__audio__input__turn_detection__{setting}"
    return change("session.update", where=_sets_turn_detection, **{place: True})


def _sets_turn_detection(event: Event) -> bool:
    return bool(at(event, "session.audio.input.turn_detection"))


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

    @property
    def key(self) -> str | None:
        return self.target.key

    @property
    def model(self) -> str:
        return self.target.model

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[Connection]:
        async with self.target.connect(self._opening(opening)) as connection:
            yield self._broken(connection)

    @asynccontextmanager
    async def call(self, opening: Opening) -> AsyncIterator[Any]:
        async with self.target.call(self._opening(opening)) as call:
            yield self._broken(call)

    @asynccontextmanager
    async def attach(self, call_id: str, opening: Opening) -> AsyncIterator[Connection]:
        attach = self.negative.attach or (lambda target, name, asked: target.attach(name, asked))
        async with attach(self.target, call_id, self._opening(opening)) as connection:
            yield self._broken(connection)

    async def request(self, request: Request) -> Answer:
        sent = request if self.negative.request is None else self.negative.request(request)
        answer = await self.target.request(sent)
        return answer if self.negative.answers is None else self.negative.answers(request, answer)

    def _opening(self, opening: Opening) -> Opening:
        return opening if self.negative.opening is None else self.negative.opening(opening)

    def _broken(self, connection: Connection) -> Connection:
        negative = self.negative
        if negative.connection is not None:
            connection = negative.connection(connection)
        return BrokenConnection(connection, negative)


class Wrapped:
    """A connection, with whatever a subclass changes of it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class BrokenConnection(Wrapped):
    """A connection whose events are changed as they come and go."""

    def __init__(self, connection: Any, negative: Negative) -> None:
        super().__init__(connection)
        self._negative = negative
        self._changed = None if negative.events is None else negative.events()
        self._sent = _made(negative.sent)
        self._waiting: deque[Event] = deque()

    @property
    def heard(self) -> Any:
        heard = self._connection.heard
        return heard if self._negative.heard is None else self._negative.heard(heard)

    @property
    def answer(self) -> Answer:
        answer, broken = self._connection.answer, self._negative.answers
        return answer if broken is None else broken(Request("POST", "/realtime/calls"), answer)

    async def send(self, message: Message) -> None:
        if not _is_event(message):
            await self._connection.send(message)
            return
        event = json.loads(message)
        self._waiting += self._negative.replies(event)
        for heard in self._sent(event):
            await self._connection.send(json.dumps(heard))

    async def receive(self, within: float) -> Message:
        until = self._connection.now() + within
        while not self._waiting:
            left = until - self._connection.now()
            if left < 0:
                raise Silence(f"nothing came within {within:g} s")
            message = await self._next(left)
            if self._changed is None:
                return message
            self._waiting += self._changed(json.loads(message))
        return json.dumps(self._waiting.popleft())

    async def _next(self, within: float) -> Message:
        try:
            return await self._connection.receive(within)
        except Ended as ended:
            raise ended if self._negative.ended is None else self._negative.ended(ended) from None


def _made(breakage: Breakage | None) -> Change:
    return (lambda event: [event]) if breakage is None else breakage()


def _is_event(message: Message) -> bool:
    try:
        return isinstance(message, str) and isinstance(json.loads(message), dict)
    except ValueError:
        return False
