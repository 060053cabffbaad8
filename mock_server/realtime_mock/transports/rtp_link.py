"""The RTP of one connection without aiortc's senders and receivers: plain packets in, plain packets out.

aiortc runs two tasks for each sender, and a task, a thread and a jitter buffer for each receiver. Here they are never
started; SRTP and the socket below are aiortc's and aioice's own, met where `routing` puts a network between. As in
`peer`, everything is changed on the one instance, and has a test that a release of either can fail.
"""

# ruff: noqa: SLF001 - private names are this module's purpose, and each has a test that a release can fail

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pylibsrtp
from aiortc import RTCPeerConnection

from realtime_mock.transports.peer import transports_of

Take = Callable[[bytes], None]


class RtpLink:
    """Sends plain RTP and RTCP packets of an answered connection, and gives those that come.

    It has to be made before anybody else looks at the datagrams of the connection. What is sent before the connection
    is there, or after it has ended, is dropped.

    Args:
        peer: the connection, answered but not yet connected.
        on_packet: takes each RTP packet, and `on_report` each RTCP packet; neither may raise.
    """

    def __init__(self, peer: RTCPeerConnection, *, on_packet: Take, on_report: Take) -> None:
        # aiortc and aioice declare no types for what is used here: Any.
        [self._transport] = list[Any](transports_of(peer))
        self._connection: Any = self._transport.transport._connection
        self._on_packet = on_packet
        self._on_report = on_report
        self._pair: Any = None
        self._address: tuple[str, int] = ("", 0)
        self._heard_at = 0.0
        self._now = asyncio.get_running_loop().time
        for transceiver in peer.getTransceivers():
            _never_start(transceiver.sender, "send")
            _never_start(transceiver.receiver, "receive")
        for protocol in self._connection._protocols:
            self._tap(protocol)

    def send(self, packet: bytes) -> None:
        """Encrypt and send an RTP packet."""
        srtp = self._transport._tx_srtp
        if srtp is not None:
            self._send(srtp.protect(packet))

    def send_report(self, packet: bytes) -> None:
        """Encrypt and send an RTCP packet."""
        srtp = self._transport._tx_srtp
        if srtp is not None:
            self._send(srtp.protect_rtcp(packet))

    def is_heard(self) -> bool:
        """Whether something of the client has come within the last second, so that it cannot have vanished."""
        return self._now() - self._heard_at < 1.0

    def _send(self, datagram: bytes) -> None:
        pair = self._connection._nominated.get(1)
        if pair is None:
            return
        if pair is not self._pair:
            self._pair, self._address = pair, pair.remote_addr
        pair.protocol.transport.sendto(datagram, self._address)

    def _tap(self, protocol: Any) -> None:
        receive = protocol.datagram_received

        def datagram_received(data: bytes, addr: Any) -> None:
            # What an RTP packet begins with, RFC 7983; a DTLS record or a STUN message begins with less.
            if len(data) > 1 and 127 < data[0] < 192:
                self._receive(data)
            else:
                receive(data, addr)

        protocol.datagram_received = datagram_received

    def _receive(self, datagram: bytes) -> None:
        srtp = self._transport._rx_srtp
        if srtp is None:
            return
        try:
            if 191 < datagram[1] < 224:
                take, packet = self._on_report, srtp.unprotect_rtcp(datagram)
            else:
                take, packet = self._on_packet, srtp.unprotect(datagram)
        except pylibsrtp.Error:
            # Not of this client, or the second of its kind.
            return
        self._heard_at = self._now()
        take(packet)


def _never_start(half: Any, name: str) -> None:
    async def ignore(_parameters: object) -> None:
        """Nothing is started, so nothing has to be stopped either."""

    setattr(half, name, ignore)
