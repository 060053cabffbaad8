"""How a WebSocket ends where a fault ends it: with any close code, with none, or with no end at all."""

from __future__ import annotations

import asyncio
import socket as sockets
import struct
from typing import TYPE_CHECKING, assert_never

from realtime_mock.faults.connection_kinds import ABNORMAL, NO_STATUS, Break, Close, HalfOpen, Reset
from realtime_mock.transports import liveness

if TYPE_CHECKING:
    from aiohttp import web

_EMPTY_CLOSE = b"\x88\x00"
"""A close frame without a body."""

_MAX_REASON_BYTES = 123
_TEXT_HEAD = struct.Struct("!BBH")

_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: the end of the connection is a reset."""

_FLUSH_POLL = 0.01
_FLUSH_WITHIN = 1.0
"""Seconds for what was written to reach the client before a reset would throw it away."""


async def break_off(
    socket: web.WebSocketResponse[bool], transport: asyncio.BaseTransport | None, how: Break, *, torn: str | None = None
) -> None:
    """End a connection the way a fault asks for, after what was written, and after an event cut in two.

    Of `torn`, the first part of an event, one fragment is sent that no other follows; a close frame may come after it
    ("Control frames MAY be injected in the middle of a fragmented message", RFC 6455 section 5.4).
    """
    if not isinstance(transport, asyncio.Transport):
        return
    if torn is not None and not transport.is_closing():
        transport.write(first_fragment(torn))
    match how:
        case Close(code) if code in ABNORMAL:
            transport.close()
        case Close(code) if code == NO_STATUS:
            transport.write(_EMPTY_CLOSE)
            transport.set_protocol(_AfterTheClose(transport))
        case Close(code, reason):
            await socket.close(code=code, message=close_reason(reason))
        case Reset():
            await _flushed(transport)
            reset(transport)
        case HalfOpen():
            transport.pause_reading()
        case _:
            assert_never(how)


def reset(transport: asyncio.Transport) -> None:
    """End a TCP connection with RST, and throw away what was not sent."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, _LINGER_NOT)
    transport.abort()


def text_frame(text: str) -> bytes:
    """One unfragmented, unmasked text frame (RFC 6455, section 5.2)."""
    payload = text.encode()
    size = len(payload)
    if 126 <= size < 2**16:
        # Nearly every event.
        return _TEXT_HEAD.pack(0x81, 126, size) + payload
    return _frame(0x81, payload)


def ping_frame(payload: bytes) -> bytes:
    """One PING (RFC 6455, section 5.5.2)."""
    return _frame(0x89, payload)


def first_fragment(text: str) -> bytes:
    """The first frame of a text message that goes on (RFC 6455, section 5.4)."""
    return _frame(0x01, text.encode())


def close_reason(reason: str) -> bytes:
    """At most 123 bytes (RFC 6455 section 5.5), not cut within a character."""
    return reason.encode()[:_MAX_REASON_BYTES].decode("utf-8", "ignore").encode()


class _AfterTheClose(asyncio.Protocol):
    """Ends a connection when the client answers a close frame that aiohttp knows nothing of, and would send another."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._before = transport.get_protocol()

    def data_received(self, _data: bytes) -> None:
        """The client's own close frame."""
        self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Now aiohttp may know."""
        self._before.connection_lost(error)


async def _flushed(transport: asyncio.Transport) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _FLUSH_WITHIN
    while liveness.has_unsent(transport) and loop.time() < deadline:  # noqa: ASYNC110 - the kernel tells nobody
        await asyncio.sleep(_FLUSH_POLL)


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 2**16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + payload
    return bytes((first, 127)) + size.to_bytes(8, "big") + payload
