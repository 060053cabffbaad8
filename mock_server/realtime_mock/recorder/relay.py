"""One WebSocket, from a client to the upstream and back: whatever comes on one side leaves on the other."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Literal

from aiohttp import ClientWebSocketResponse, WebSocketError, WSCloseCode, WSMessage, WSMsgType, web

from realtime_mock.recorder.tape import Tape
from realtime_mock.recording.entries import Direction

Client = web.WebSocketResponse[Literal[False]]
Server = ClientWebSocketResponse[Literal[False]]

MAX_MESSAGE_BYTES = 64 * 2**20
"""A longer message closes both sides with 1009. The service takes 32 MiB at most."""

_UNSENDABLE = frozenset({0, 1005, 1006, 1015})
"""Codes that tell of a close frame without a code, or of none (RFC 6455, section 7.4.1)."""


class Relay:
    """Carries messages both ways, at the pace of the slower side, until one side closes."""

    def __init__(
        self, client: Client, transport: asyncio.BaseTransport | None, server: Server, tape: Tape, session: str
    ) -> None:
        self.counts: Counter[Direction] = Counter()
        self.ending = "ended"
        self._client = client
        self._transport = transport
        self._server = server
        self._tape = tape
        self._session = session
        self._is_closed = False

    async def run(self) -> None:
        """Return when both sides are closed."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pump(self._client, self._server, "sent"))
            tasks.create_task(self._pump(self._server, self._client, "received"))

    async def stop(self) -> None:
        """Close both sides, because the proxy ends."""
        if self._is_closed:
            return
        self._is_closed = True
        self.ending = "closed by the end of the recording"
        await self._client.close(code=WSCloseCode.GOING_AWAY)
        await self._server.close(code=WSCloseCode.GOING_AWAY)

    async def _pump(self, source: Any, target: Any, direction: Direction) -> None:
        """Carry messages one way. A ping is not answered here: its pong comes from the other end."""
        try:
            while await self._carry(await source.receive(), source, target, direction):
                pass
        except ConnectionError:
            await self._break(direction)

    async def _carry(self, message: WSMessage, source: Any, target: Any, direction: Direction) -> bool:
        match message.type:
            case WSMsgType.TEXT:
                await self._note(message.data, direction)
                await target.send_frame(message.data, WSMsgType.TEXT)
            case WSMsgType.BINARY:
                await self._tape.note("binary", message.data, session=self._session, direction=direction)
                await target.send_bytes(message.data)
            case WSMsgType.PING:
                await target.ping(message.data)
            case WSMsgType.PONG:
                await target.pong(message.data)
            case WSMsgType.CLOSE:
                await self._close(source, target, message.data, message.extra or "", direction)
                return False
            case WSMsgType.ERROR if isinstance(message.data, WebSocketError):
                await self._close(source, target, message.data.code, str(message.data), direction)
                return False
            case _:
                await self._break(direction)
                return False
        return True

    async def _note(self, text: bytes, direction: Direction) -> None:
        self.counts[direction] += 1
        await self._tape.note("message", text, session=self._session, direction=direction)

    async def _close(self, source: Any, target: Any, code: int, reason: str, direction: Direction) -> None:
        """Pass a close on, with its code and reason."""
        if self._is_closed:
            return
        self._is_closed = True
        who = "the client" if direction == "sent" else "the upstream"
        self.ending = f"{who} closed: {' '.join(filter(None, (str(code or ''), reason)))}".rstrip(": ")
        await self._tape.note("close", {"code": code, "reason": reason}, session=self._session, direction=direction)
        sent = WSCloseCode.OK if code in _UNSENDABLE else code
        await target.close(code=sent, message=reason.encode())
        await source.close(code=sent, message=b"")

    async def _break(self, direction: Direction) -> None:
        """A side that is gone without a close frame takes the other one with it."""
        if self._is_closed:
            return
        self._is_closed = True
        who = "the client" if direction == "sent" else "the upstream"
        self.ending = f"{who} broke the connection"
        data = {"code": int(WSCloseCode.ABNORMAL_CLOSURE), "reason": ""}
        await self._tape.note("close", data, session=self._session, direction=direction)
        if direction == "received" and isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()
        await self._server.close(code=WSCloseCode.GOING_AWAY)
