"""Noticing that a WebSocket's client has vanished, without punishing one that is merely busy.

The service sends a PING every 20.26 s (recorded), so by that alone a dead client goes unnoticed for as long.
A shorter PING with a deadline would cut off clients that live: one in a debugger, one that blocks its event
loop to play a sound, one whose library stops reading while its own queue is full. The kernel of a living
client acknowledges data whatever its program does, so the kernel is asked: keep-alive probes tell about an
idle connection, and unanswered retransmissions about a busy one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

if sys.platform != "win32":
    import fcntl
    import termios

VANISHED_AFTER = 5
"""Seconds without a sign of life from the client's machine after which it counts as gone."""

POLL_INTERVAL = 1.0
"""Seconds between two looks at a connection's retransmissions."""

_PROBE_INTERVAL = 1
_PROBES = 3
_IDLE = VANISHED_AFTER - _PROBES * _PROBE_INTERVAL

# The head of Linux's `struct tcp_info`: eight bytes of flags, then 32-bit counters.
_TCP_INFO = struct.Struct("=8B13I")
_STATE = 0
_RETRANSMITS = 2
_LAST_ACK_MS = 8 + 12

_CLOSED = 7
_CLOSE_WAIT = 8
"""States of a TCP connection that its other side has ended (Linux, `tcp_states.h`)."""


def probe_when_idle(transport: asyncio.BaseTransport) -> None:
    """Have the kernel end the connection when `VANISHED_AFTER` seconds of silence are not a pause."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", _IDLE), ("TCP_KEEPINTVL", _PROBE_INTERVAL), ("TCP_KEEPCNT", _PROBES)):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def has_vanished(transport: asyncio.BaseTransport) -> bool:
    """Whether what was sent is retransmitted and nothing was acknowledged for `VANISHED_AFTER` seconds.

    Probes of a closed window are no retransmissions: a client that lives and does not read has not vanished.
    Always False where the system does not tell (only Linux does).
    """
    info = _tcp_info(transport)
    return info is not None and info[_RETRANSMITS] > 0 and info[_LAST_ACK_MS] >= VANISHED_AFTER * 1000


def has_hung_up(transport: asyncio.BaseTransport) -> bool:
    """Whether the client has ended the connection, for who does not read from it and so does not see it.

    Where the system does not tell, only that the transport is closing.
    """
    info = _tcp_info(transport)
    return transport.is_closing() or (info is not None and info[_STATE] in (_CLOSED, _CLOSE_WAIT))


def has_unsent(transport: asyncio.WriteTransport) -> bool:
    """Whether something that was written has not reached the client's machine."""
    if transport.is_closing():
        return False
    sock: socket.socket | None = transport.get_extra_info("socket")
    return transport.get_write_buffer_size() > 0 or (sock is not None and _unacknowledged(sock) > 0)


def _unacknowledged(sock: socket.socket) -> int:
    """Bytes in the kernel's send queue; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    try:
        return int.from_bytes(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return 0


def _tcp_info(transport: asyncio.BaseTransport) -> tuple[int, ...] | None:
    """The kernel's `tcp_info` of a connection; None where the system does not tell."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if sock is None or option is None:
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO.size)
    except OSError:
        return None
    return _TCP_INFO.unpack(info) if len(info) >= _TCP_INFO.size else None
