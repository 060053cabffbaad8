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
Breakage = Callable[[], Callable[[Event], Iterable[Event]]]
"""Makes, for each connection, what an event becomes: none, itself, another, or several."""


@dataclass(frozen=True)
class Negative:
    """A broken server that trips one check and, because of that, those that follow from it (slugs of the same case).

    `events` breaks what comes over connections, `answers` what comes over HTTP.
    """

    events: Breakage | None = None
    answers: Callable[[Request, Answer], Answer] | None = None
    follows: tuple[str, ...] = ()


def change(kind: str, **values: Any) -> Breakage:
    """Events of this type have a value at a place, `response__status="failed"`; a function is given the old one."""

    def changed(event: Event) -> list[Event]:
        if event["type"] != kind:
            return [event]
        event = json.loads(json.dumps(event))
        for place, value in values.items():
            *path, last = (int(key) if key.isdigit() else key for key in place.split("__"))
            parent: Any = event
            for key in path:
                parent = parent[key]
            parent[last] = value(parent.get(last)) if callable(value) else value
        return [event]

    return lambda: changed


def drop(*kinds: str) -> Breakage:
    """Events of these types never come."""
    return lambda: lambda event: [] if event["type"] in kinds else [event]


def repeat(kind: str) -> Breakage:
    """Events of this type come twice."""
    return lambda: lambda event: [event, event] if event["type"] == kind else [event]


def late(kind: str, *, after: str) -> Breakage:
    """Events of this type come only after the next event of another type."""

    def new() -> Callable[[Event], list[Event]]:
        held: list[Event] = []

        def delayed(event: Event) -> list[Event]:
            if event["type"] == kind:
                held.append(event)
                return []
            if event["type"] == after and held:
                came = [event, *held]
                held.clear()
                return came
            return [event]

        return delayed

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
            events = self.negative.events
            yield connection if events is None else BrokenConnection(connection, events())

    async def request(self, request: Request) -> Answer:
        answer = await self.target.request(request)
        return answer if self.negative.answers is None else self.negative.answers(request, answer)


class BrokenConnection:
    """A connection whose events are changed as they come."""

    def __init__(self, connection: Connection, changed: Callable[[Event], Iterable[Event]]) -> None:
        self._connection = connection
        self._changed = changed
        self._waiting: deque[Event] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def receive(self, within: float) -> Message:
        until = self._connection.now() + within
        while not self._waiting:
            left = until - self._connection.now()
            if left < 0:
                raise Silence(f"nothing came within {within:g} s")
            self._waiting += self._changed(json.loads(await self._connection.receive(left)))
        return json.dumps(self._waiting.popleft())
