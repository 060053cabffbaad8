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

VANISHED_AFTER = 5
"""Seconds without a sign of life from the client's machine after which it counts as gone."""

POLL_INTERVAL = 1.0
"""Seconds between two looks at a connection's retransmissions."""

_PROBE_INTERVAL = 1
_PROBES = 3
_IDLE = VANISHED_AFTER - _PROBES * _PROBE_INTERVAL

# The head of Linux's `struct tcp_info`: eight bytes of flags, then 32-bit counters.
_TCP_INFO = struct.Struct("=8B13I")
_RETRANSMITS = 2
_LAST_ACK_MS = 8 + 12


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
    sock: socket.socket | None = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_INFO", None)
    if sock is None or option is None:
        return False
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO.size)
    except OSError:
        return False
    if len(info) < _TCP_INFO.size:
        return False
    fields = _TCP_INFO.unpack(info)
    retransmits: int = fields[_RETRANSMITS]
    last_ack_ms: int = fields[_LAST_ACK_MS]
    return retransmits > 0 and last_ack_ms >= VANISHED_AFTER * 1000
