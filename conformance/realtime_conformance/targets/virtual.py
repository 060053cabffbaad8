"""The mock's core as a server on a virtual clock: the suite without a network and without waiting."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from realtime_conformance.capabilities import VIRTUAL_CLOCK
from realtime_conformance.checks import Unreached
from realtime_conformance.targets.base import Answer, Ended, Message, Opening, Request, Silence
from realtime_conformance.targets.core import LIMITS, VirtualSession, open_session

CAPABILITIES = frozenset(
    {
        "audio",
        "tools",
        "images",
        "vad",
        "idle-timeout",
        "transcription",
        "truncation",
        "out-of-band",
        "g711",
        "usage",
        "mcp",
        VIRTUAL_CLOCK,
    }
)

FRAME_SECONDS = 0.02
FRAME = 960
"""Bytes of 24 kHz audio that a microphone hears in `FRAME_SECONDS`."""


@dataclass(frozen=True, slots=True)
class VirtualTarget:
    """The core, each connection a session of its own; `as_call` gives it a speaker and a microphone."""

    as_call: bool = False
    seed: int = 0
    capabilities: frozenset[str] = field(default=CAPABILITIES)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False, compare=False)

    @property
    def name(self) -> str:
        """What reports call it."""
        return "core (call)" if self.as_call else "core"

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[VirtualConnection]:
        """Open a session at second 0 of a clock of its own."""
        model = opening.model or "gpt-realtime"
        # No two sessions share an id.
        seed = self.seed + (next(self._numbers) << 32)
        session = open_session(model=model, call=self.as_call, given=opening.session, seed=seed, limits=LIMITS)
        yield VirtualConnection(session)

    async def request(self, request: Request) -> Answer:
        """There is no HTTP in the core."""
        raise Unreached(f"the core answers no {request.method} {request.path}")


class VirtualConnection:
    """One session of the core; time passes while somebody waits."""

    def __init__(self, session: VirtualSession) -> None:
        self._session = session
        self._waiting = deque(session.sent)

    @property
    def has_microphone(self) -> bool:
        """Whether this is a call."""
        return self._session.with_speaker

    def now(self) -> float:
        """Seconds of virtual time."""
        return self._session.now

    async def send(self, message: Message) -> None:
        """Give the session one message.

        Raises:
            Ended: the session is over.
        """
        if self._session.is_closed:
            raise Ended
        self._waiting += self._session.receive_message(message)

    async def receive(self, within: float) -> Message:
        """The next event; the clock goes to it, or on by `within`.

        Raises:
            Silence: none came.
            Ended: the session is over.
        """
        until = self._session.now + within
        while not self._waiting and not self._session.is_closed:
            came = self._session.step(until)
            if came is None:
                raise Silence(f"nothing came within {within:g} s")
            self._waiting += came
        if not self._waiting:
            raise Ended
        return json.dumps(self._waiting.popleft())

    async def speak(self, pcm: bytes) -> None:
        """Let the microphone hear something, in the time that it takes."""
        for start in range(0, len(pcm), FRAME):
            self._waiting += self._session.listen(pcm[start : start + FRAME])
            self._waiting += self._session.wait(FRAME_SECONDS)
