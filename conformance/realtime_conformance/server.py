"""The server under test, as a case sees it: sessions to talk in, and HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from realtime_conformance.dialogue import Dialogue
from realtime_conformance.targets.base import Answer, Opening, Request, Target
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
        self._opened += 1
        channel = str(self._opened)
        async with self.target.connect(opening or Opening()) as connection:
            yield Dialogue(connection, self.transcript, channel, PATIENCE * self.scale, LULL * self.scale)

    async def request(self, request: Request) -> Answer:
        """Send an HTTP request and give the answer."""
        sent = {"method": request.method, "path": request.path, "body": request.body.decode("utf-8", "replace")[:500]}
        self._note("sent", sent)
        answer = await self.target.request(request)
        self._note("received", {"status": answer.status, "headers": dict(answer.headers), "body": answer.text[:2000]})
        return answer

    def _note(self, direction: Any, data: Mapping[str, object]) -> None:
        newest = self.transcript.passages[-1].at if self.transcript.passages else 0.0
        self.transcript.note(Passage(newest, "http", direction, data))
