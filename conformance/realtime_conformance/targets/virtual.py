"""The mock's core as a server on a virtual clock: the suite without a network and without waiting."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from realtime_conformance.capabilities import VIRTUAL_CLOCK
from realtime_conformance.checks import Unreached
from realtime_conformance.targets.base import Answer, Ended, Message, Opening, Request, Silence, Sound
from realtime_conformance.targets.core import LIMITS, VirtualSession, open_session
from realtime_conformance.transcript import Event

CAPABILITIES = frozenset(
    {
        "audio",
        "audio-events",
        "g711",
        "idle-timeout",
        "images",
        "mcp",
        "out-of-band",
        "semantic-vad",
        "tools",
        "transcription",
        "transcription-sessions",
        "truncation",
        "usage",
        "vad",
        "webrtc",
        VIRTUAL_CLOCK,
    }
)
"""What can be claimed without HTTP. Calls have no SDP here, but their session, their speaker and their microphone."""

NOT_ON_A_CALL = frozenset({"audio-events", "g711", VIRTUAL_CLOCK})
"""What goes as events alone; and hours, in which a microphone hears 180,000 pieces of silence, cost something."""

FRAME_SECONDS = 0.02
FRAME = 960
"""Bytes of 24 kHz audio that a microphone hears in `FRAME_SECONDS`."""

LOUD = -18.0
"""dBFS of what the virtual speaker plays."""

SILENT = float("-inf")


@dataclass(frozen=True, slots=True)
class VirtualTarget:
    """The core, each connection a session of its own; `as_call` gives it a speaker and a microphone."""

    as_call: bool = False
    seed: int = 0
    capabilities: frozenset[str] = field(default=CAPABILITIES)
    key: str | None = None
    model: str = "gpt-realtime"
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Claim nothing that a call cannot show."""
        if self.as_call:
            object.__setattr__(self, "capabilities", self.capabilities - NOT_ON_A_CALL)

    @property
    def name(self) -> str:
        """What reports call it."""
        return "core (call)" if self.as_call else "core"

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[VirtualConnection]:
        """Open a session at second 0 of a clock of its own."""
        yield self._opened(opening, as_call=self.as_call)

    @asynccontextmanager
    async def call(self, opening: Opening) -> AsyncIterator[VirtualConnection]:
        """Open the session of a call."""
        yield self._opened(opening, as_call=True)

    def attach(self, call_id: str, opening: Opening) -> AbstractAsyncContextManager[VirtualConnection]:  # noqa: ARG002
        """There are no sidebands in the core."""
        raise Unreached(f"the core has no call {call_id} to attach to")

    def _opened(self, opening: Opening, *, as_call: bool) -> VirtualConnection:
        model = opening.model or self.model
        # A seed of its own, so that no two sessions have ids in common.
        seed = self.seed + (next(self._numbers) << 32)
        return VirtualConnection(
            open_session(model=model, call=as_call, given=opening.session, seed=seed, limits=LIMITS)
        )

    async def request(self, request: Request) -> Answer:
        """There is no HTTP in the core."""
        raise Unreached(f"the core answers no {request.method} {request.path}")


class VirtualConnection:
    """One session of the core; time passes while somebody waits. A call of it has no SDP."""

    subprotocol: str | None = None
    offer = ""
    answer = Answer(0, {}, b"")

    def __init__(self, session: VirtualSession) -> None:
        self._session = session
        self._waiting = deque(session.sent)
        self._next_frame = session.now

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
            came = self._step(until)
            if came is None:
                raise Silence(f"nothing came within {within:g} s")
            self._waiting += came
        if not self._waiting:
            raise Ended
        return json.dumps(self._waiting.popleft())

    async def ping(self, within: float) -> None:  # noqa: ARG002 - there are no PINGs here
        """There are no PINGs here.

        Raises:
            Silence: always.
        """
        raise Silence("no PING can be sent here")

    async def speak(self, pcm: bytes) -> None:
        """Let the microphone hear something, in the time that it takes."""
        for start in range(0, len(pcm), FRAME):
            self._waiting += self._hear(pcm[start : start + FRAME])
            self._waiting += self._session.run(until=self._next_frame)

    async def wait(self, seconds: float) -> None:
        """Let time pass, in which the microphone of a call hears silence."""
        until = self._session.now + seconds
        while (came := self._step(until)) is not None:
            self._waiting += came

    @property
    def heard(self) -> Sequence[Sound]:
        """What the virtual speaker has played, in pieces of 20 ms."""
        ends = (round(FRAME_SECONDS * number, 3) for number in range(1, int(self.now() / FRAME_SECONDS) + 1))
        return [Sound(end, FRAME_SECONDS, LOUD if self._plays(end) else SILENT) for end in ends]

    def _plays(self, at: float) -> bool:
        return any(start < at <= end for start, end in self._session.played)

    def _step(self, until: float) -> list[Event] | None:
        """Let time pass to the next thing, a call's next 20 ms of silence among them; None where nothing is due."""
        if not self.has_microphone or self._next_frame > until:
            return self._session.step(until)
        came = self._session.step(self._next_frame)
        return self._hear(bytes(FRAME)) if came is None else came

    def _hear(self, frame: bytes) -> list[Event]:
        self._next_frame = self._session.now + FRAME_SECONDS
        return self._session.listen(frame)
