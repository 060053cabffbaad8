"""A WebSocket client that costs next to nothing, so that a measurement is of the server: frames made beforehand go
out as they are, frames that come in are only counted and their types looked at."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
from collections.abc import Sequence

DEADLINE = 30.0
"""Seconds after which a server that does not answer fails the measurement."""

_TYPE = b'"type":"'
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer sk-mock\r\n\r\n"
)


def frame(text: bytes) -> bytes:
    """One text frame of a client. Its mask is zero, which RFC 6455 allows and which leaves the text as it is."""
    size = len(text)
    if size < 126:
        head = struct.pack("!BB", 0x81, 0x80 | size)
    elif size < 2**16:
        head = struct.pack("!BBH", 0x81, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 0x80 | 127, size)
    return head + bytes(4) + text


class Client(asyncio.Protocol):
    """One connection; `events` counts what came."""

    def __init__(self, port: int, path: str) -> None:
        self.events = 0
        self._port = port
        self._path = path
        self._buffer = bytearray()
        self._is_open = False
        self._awaited: dict[bytes, asyncio.Future[float]] = {}
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, port: int, path: str = "/v1/realtime?model=gpt-realtime") -> Client:
        """Connect, and wait for `session.created`."""
        client = cls(port, path)
        created = client.expect("session.created")
        await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", port)
        await asyncio.wait_for(created, DEADLINE)
        return client

    def expect(self, event_type: str) -> asyncio.Future[float]:
        """When the next event of this type came, once it has."""
        arrival: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._awaited[event_type.encode()] = arrival
        return arrival

    def send(self, frames: bytes) -> None:
        """Send frames made beforehand."""
        assert self._transport is not None
        self._transport.write(frames)

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(_HEAD.format(path=self._path, port=self._port, key=key).encode())

    def data_received(self, data: bytes) -> None:
        """Count the frames in what has come."""
        self._buffer += data
        if not self._is_open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head.split(b"\r\n", 1)[0], head
            self._is_open = True
            self._buffer = bytearray(rest)
        self._take_frames()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail what is waited for."""
        for arrival in self._awaited.values():
            if not arrival.done():
                arrival.set_exception(error or ConnectionError("the server closed the connection"))

    def _take_frames(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, body = buffer[at + 1] & 127, at + 2
            if size == 126:
                size, body = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, body = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < body + size:
                break
            if buffer[at] & 15 == 1:
                self._take_event(body)
            at = body + size
        del buffer[:at]

    def _take_event(self, body: int) -> None:
        self.events += 1
        if not self._awaited:
            return
        start = self._buffer.find(_TYPE, body) + len(_TYPE)
        arrival = self._awaited.pop(bytes(self._buffer[start : self._buffer.find(b'"', start)]), None)
        if arrival is not None and not arrival.done():
            arrival.set_result(time.perf_counter())


async def connect_many(port: int, count: int, *, at_once: int = 50) -> list[Client]:
    """That many connections, a few at a time."""
    clients: list[Client] = []
    while len(clients) < count:
        batch = min(at_once, count - len(clients))
        clients += await asyncio.gather(*(Client.connect(port) for _ in range(batch)))
    return clients


def close_all(clients: Sequence[Client]) -> None:
    """Drop them all."""
    for client in clients:
        client.close()
