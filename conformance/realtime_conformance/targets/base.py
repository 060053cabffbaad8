"""What a server looks like to the suite: the one small interface that every target has.

A target opens connections, places calls and sends HTTP requests. It decides nothing: what is sent and what is checked
is the business of cases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime_conformance.checks import Unreached

Message = str | bytes


class Silence(Unreached):
    """Nothing came in time."""


class Ended(Unreached):
    """The other side ended the connection; `code` is that of a WebSocket, None elsewhere."""

    def __init__(self, code: int | None = None, reason: str = "") -> None:
        super().__init__(f"the connection was closed with {code} {reason!r}" if code else "the connection was closed")
        self.code = code
        self.reason = reason


class Refused(Unreached):
    """No connection was made: the server answered the attempt over HTTP."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the server answered {answer.status}: {answer.text[:200]}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Opening:
    """How a connection is asked for. What is None is the target's own; an empty `key` sends none.

    `query` replaces that of the URL as a whole where it is given. `session` is the session object that goes with the
    SDP offer of a call; on a WebSocket, which takes none, its type still decides what kind of session it is. `channel`
    is the label of a call's data channel; with None there is none.
    """

    model: str | None = None
    key: str | None = None
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    session: Mapping[str, object] | None = None
    channel: str | None = "oai-events"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; `path` is below `/v1`, such as `/realtime/client_secrets`. `key` as in `Opening`."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Connection(Protocol):
    """One way on which events pass: a WebSocket, a data channel, a sideband, or the core itself."""

    @property
    def has_microphone(self) -> bool:
        """Whether the user's voice goes by `speak`; elsewhere it goes as events."""

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server chose for a WebSocket."""

    def now(self) -> float:
        """Seconds on the clock by which this connection runs."""

    async def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            Ended: the connection is over.
        """

    async def receive(self, within: float) -> Message:
        """The next message, within `within` seconds of this connection's clock.

        Raises:
            Silence: none came.
            Ended: the connection is over.
        """

    async def ping(self, within: float) -> None:
        """Send a PING and wait for its PONG, where the connection is a WebSocket.

        Raises:
            Silence: none came.
            Ended: the connection is over.
        """

    async def speak(self, pcm: bytes) -> None:
        """Let the user say this (24 kHz, 16-bit, mono), in the time that it takes."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of what a call's user heard: when it ended on the call's clock, its length, its level in dBFS."""

    at: float
    seconds: float
    level: float


class Call(Connection, Protocol):
    """A WebRTC call: its data channel as a connection, and what it takes to make and to hear it."""

    @property
    def offer(self) -> str:
        """The SDP offer as it was sent."""

    @property
    def answer(self) -> Answer:
        """What the server answered to the offer, the SDP answer in its body."""

    @property
    def heard(self) -> Sequence[Sound]:
        """What the user has heard so far, silence included, in order."""

    async def wait(self, seconds: float) -> None:
        """Let time pass, and hear what comes in it."""


class Target(Protocol):
    """A server under test."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What it claims; see `capabilities.py`."""

    @property
    def key(self) -> str | None:
        """The key that it is spoken to with."""

    @property
    def model(self) -> str:
        """The model that it is asked for."""

    def connect(self, opening: Opening) -> AbstractAsyncContextManager[Connection]:
        """Open a session and the connection that carries its events.

        Raises:
            Refused: the server answered the attempt with an HTTP error.
        """

    def call(self, opening: Opening) -> AbstractAsyncContextManager[Call]:
        """Place a call; where it has a data channel, that is open.

        Raises:
            Refused: the server answered the offer with anything but 201.
        """

    def attach(self, call_id: str, opening: Opening) -> AbstractAsyncContextManager[Connection]:
        """Attach a WebSocket to a call (a sideband).

        Raises:
            Refused: the server answered the attempt with an HTTP error.
        """

    async def request(self, request: Request) -> Answer:
        """Send an HTTP request.

        Raises:
            Silence: no answer came.
        """
