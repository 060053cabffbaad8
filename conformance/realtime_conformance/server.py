"""The server under test, as a case sees it: sessions to talk in, and HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.checks import Unreached
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.forms import OFFER, post_offer
from realtime_conformance.targets.base import Answer, Call, Connection, Opening, Request, Target
from realtime_conformance.transcript import Passage, Transcript

PATIENCE = 10.0
"""Seconds that an answer may take, before `--timeout-scale`."""

LULL = 0.3
"""Seconds without an event that count as the end of what comes, before `--timeout-scale`."""


MCP_URL = "https://mcp.example/mcp"
"""A place for servers that, as the mock, answer for the MCP server themselves."""


@dataclass(slots=True)
class Server:
    """One target during one case.

    `scale` multiplies every wait. `mcp_url` is where the server under test finds an MCP server.
    """

    target: Target
    scale: float = 1.0
    mcp_url: str = MCP_URL
    transcript: Transcript = field(default_factory=Transcript)
    _opened: int = 0

    @property
    def patience(self) -> float:
        """Seconds that an answer may take."""
        return PATIENCE * self.scale

    @asynccontextmanager
    async def session(self, opening: Opening | None = None, **session: Any) -> AsyncIterator[Dialogue]:
        """A session whose `session.created` has come; keywords are set by `session.update` first.

        Raises:
            Unreached: the server refused it, or stayed silent.
        """
        async with self.connection(opening) as dialogue:
            await dialogue.until("session.created")
            if session:
                await dialogue.update(**session)
            yield dialogue

    @asynccontextmanager
    async def connection(self, opening: Opening | None = None) -> AsyncIterator[Dialogue]:
        """A connection of which nothing has been read yet."""
        async with self.target.connect(opening or Opening()) as connection:
            yield self._dialogue(connection)

    @asynccontextmanager
    async def call(self, opening: Opening | None = None, **session: Any) -> AsyncIterator[tuple[Dialogue, Call]]:
        """A call, and the dialogue over its data channel, as `session` has it.

        Where it has no data channel, nothing is read.
        """
        opening = opening or Opening()
        async with self.target.call(opening) as call:
            if call.offer:
                self._note("sent", {"method": "POST", "path": "/realtime/calls", "body": call.offer})
                self._note("received", _shown(call.answer))
            dialogue = self._dialogue(call)
            if opening.channel is not None:
                await dialogue.until("session.created")
                if session:
                    await dialogue.update(**session)
            yield dialogue, call

    @asynccontextmanager
    async def sideband(self, call: Call, opening: Opening | None = None) -> AsyncIterator[Dialogue]:
        """A WebSocket attached to a call, of which nothing has been read yet."""
        async with self.target.attach(call_id(call), opening or Opening()) as connection:
            yield self._dialogue(connection)

    async def offer(self, offer: str = OFFER, opening: Opening | None = None) -> Answer:
        """Post an SDP offer and give the answer; by default one behind which there is nobody."""
        self._note("sent", {"method": "POST", "path": "/realtime/calls", "body": offer})
        answer = await post_offer(self.target, offer, opening or Opening())
        self._note("received", _shown(answer))
        return answer

    async def request(self, request: Request) -> Answer:
        """Send an HTTP request and give the answer."""
        sent = {"method": request.method, "path": request.path, "body": request.body.decode("utf-8", "replace")[:500]}
        self._note("sent", sent)
        answer = await self.target.request(request)
        self._note("received", _shown(answer))
        return answer

    def _dialogue(self, connection: Connection) -> Dialogue:
        self._opened += 1
        return Dialogue(connection, self.transcript, str(self._opened), self.patience, LULL * self.scale)

    def _note(self, direction: Any, data: Mapping[str, object]) -> None:
        newest = self.transcript.passages[-1].at if self.transcript.passages else 0.0
        self.transcript.note(Passage(newest, "http", direction, data))


def call_id(call: Call) -> str:
    """The id of a call: the last part of the `Location` that its offer was answered with.

    Raises:
        Unreached: the answer has no `Location`.
    """
    location = call.answer.headers.get("location", "")
    if not location:
        raise Unreached("the answer to the offer has no Location, so the id of the call is unknown")
    return location.rstrip("/").rpartition("/")[2]


def _shown(answer: Answer) -> dict[str, object]:
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.text[:2000]}
