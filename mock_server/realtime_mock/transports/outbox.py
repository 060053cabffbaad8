"""What waits to leave by one WebSocket: bounded by whoever fills it, and never blocking them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal

from aiohttp import web

from realtime_mock.transports.severing import text_frame

Socket = web.WebSocketResponse[Literal[False]]
"""A server's WebSocket that hands out text frames as bytes: JSON is parsed from those."""

FEWEST_TOGETHER = 2
BATCH_CHARACTERS = 64 * 2**10
"""Events leave together from this number on, and at the latest with this size."""

_NOTHING: deque[str] = deque(maxlen=0)


class Outbox:
    """Sends events in order, with no task of its own while the client reads.

    The first event in a turn of the event loop leaves at once, so that nobody waits for what is made after it. Those
    that follow in the same turn leave together, each time twice as many: a system call costs as much as making an
    event. Only for a client that reads too slowly, and for the end, there is a task.

    Args:
        socket: the upgraded socket.
        transport: what is under it; None where the client has gone already.
        on_lost: told why nothing more can be sent.
    """

    __slots__ = (
        "_characters",
        "_end",
        "_flushes_at",
        "_leaving",
        "_loop",
        "_on_lost",
        "_socket",
        "_transport",
        "_waiting",
        "_writer",
    )

    def __init__(self, socket: Socket, transport: asyncio.Transport | None, *, on_lost: Callable[[str], None]) -> None:
        self._socket = socket
        self._transport = transport
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._waiting: list[str] = []
        self._leaving: deque[str] = _NOTHING
        self._characters = 0
        self._flushes_at = 0
        self._writer: asyncio.Task[None] | None = None
        self._end: Callable[[], Awaitable[None]] | None = None

    def __len__(self) -> int:
        """How many events wait."""
        return len(self._waiting) + len(self._leaving)

    @property
    def characters(self) -> int:
        """How long the events are that wait."""
        return self._characters

    def put(self, text: str) -> bool:
        """Let an event leave, behind those that wait; False where it has to wait for the client."""
        self._waiting.append(text)
        self._characters += len(text)
        if self._writer is not None and not self._writer.done():
            return False
        if not self._flushes_at:
            self._loop.call_soon(self._end_turn)
            self._flush()
            self._flushes_at = FEWEST_TOGETHER
        elif len(self._waiting) >= self._flushes_at or self._characters >= BATCH_CHARACTERS:
            self._flush()
            self._flushes_at *= 2
        return True

    def finish(self, end: Callable[[], Awaitable[None]]) -> None:
        """Do what ends the connection once nothing waits any more."""
        self._end = end
        self._write_in_time()

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._leaving = _NOTHING
        self._characters = 0

    async def ended(self) -> None:
        """Wait until what ends the connection is done."""
        if self._writer is not None:
            await self._writer

    async def stop(self) -> None:
        """Send nothing more."""
        if self._is_writing and self._writer is not None:
            self._writer.cancel()
            await asyncio.wait((self._writer,))

    @property
    def _is_writing(self) -> bool:
        return self._writer is not None and not self._writer.done()

    def _end_turn(self) -> None:
        self._flushes_at = 0
        if self._waiting and not self._is_writing:
            self._flush()

    def _flush(self) -> None:
        """One system call for all; a client that reads slowly is waited for, as only `send_str` can."""
        transport = self._transport
        if transport is None or transport.is_closing() or self._socket.closed or transport.get_write_buffer_size() > 0:
            self._write_in_time()
            return
        frames = b"".join(map(text_frame, self._waiting))
        self.clear()
        transport.write(frames)

    def _write_in_time(self) -> None:
        if not self._is_writing:
            self._writer = self._loop.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._write_waiting()
            if self._end is not None:
                await self._end()
        except ConnectionError as error:
            # The reader sees the end of the socket too, and ends the connection.
            self._on_lost(f"the client went away: {error}")

    async def _write_waiting(self) -> None:
        """What waits now, and counts as waiting until it has left."""
        self._leaving, self._waiting = deque(self._waiting), []
        while self._leaving:
            text = self._leaving.popleft()
            self._characters -= len(text)
            await self._socket.send_str(text)
