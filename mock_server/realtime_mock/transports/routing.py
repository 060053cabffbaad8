"""Everything that one WebRTC connection sends and receives, led through a `Network` that faults can make worse.

As in `peer`, everything is changed on the one instance, and has a test that a release of aiortc or aioice can fail. The
hooks are where datagrams meet the socket and where sound meets SRTP: whatever makes the packets passes there.
"""

# ruff: noqa: SLF001 - private names are this module's purpose, and each has a test that a release can fail

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiortc import RTCPeerConnection
from aiortc.rtcsctptransport import WEBRTC_DCEP, Chunk, serialize_packet

from realtime_mock.transports.network import Network
from realtime_mock.transports.peer import transports_of, watch_consent


def route_through(
    peer: RTCPeerConnection,
    network: Network,
    on_vanished: Callable[[], None],
    *,
    is_heard: Callable[[], bool] = lambda: False,
) -> None:
    """Send and receive everything of an answered connection through `network`.

    Where the mock has vanished from it, the peer's silence is no sign that the peer has, nor is it while sound of the
    peer arrives (`is_heard`); `on_vanished` is as in `accept_offer`.
    """
    for transport in transports_of(peer):
        connection = transport.transport._connection
        for protocol in connection._protocols:
            _route(protocol, network)
        watch_consent(connection, on_vanished, is_excused=lambda: network.has_vanished or is_heard())
        _route_sound(transport, network)


def open_channel_late(peer: RTCPeerConnection, seconds: float, network: Network) -> None:
    """Let the data channel of an answered connection open so many seconds after it could."""
    sctp: Any = peer.sctp
    start = sctp.start

    async def start_late(*args: Any) -> None:
        if await network.outlasts(seconds):
            await start(*args)

    sctp.start = start_late


def acknowledge_with_first_message(peer: RTCPeerConnection) -> None:
    """Let the first message on a data channel leave in one packet with the acknowledgement that opens the channel.

    It is the message that is sent while `datachannel` is emitted. SCTP lets chunks share a packet (RFC 9260 section
    6.10); aiortc never does that.
    """
    sctp: Any = peer.sctp
    receive = sctp._data_channel_receive

    async def data_channel_receive(stream_id: int, pp_id: int, data: bytes) -> None:
        if pp_id != WEBRTC_DCEP:
            await receive(stream_id, pp_id, data)
            return
        chunks: list[Chunk] = []

        async def keep(chunk: Chunk) -> None:
            chunks.append(chunk)

        sctp._send_chunk = keep
        try:
            await receive(stream_id, pp_id, data)
            await sctp._data_channel_flush()
        finally:
            del sctp._send_chunk
        await _send_together(sctp, chunks)

    sctp._data_channel_receive = data_channel_receive


# aiortc and aioice declare no types for what is replaced below: Any.


def _route(protocol: Any, network: Network) -> None:
    receive = protocol.datagram_received

    def datagram_received(data: bytes, addr: Any) -> None:
        if network.is_perfect:
            receive(data, addr)
        else:
            network.receive(data, lambda datagram: receive(datagram, addr))

    protocol.datagram_received = datagram_received
    protocol.transport = _RoutedSocket(protocol.transport, network)


def _route_sound(transport: Any, network: Network) -> None:
    setup = transport._setup_srtp

    def setup_srtp() -> None:
        setup()
        if transport._tx_srtp is not None:
            transport._tx_srtp = _RoutedSound(transport._tx_srtp, network)
            transport._rx_srtp = _RoutedSound(transport._rx_srtp, network)

    transport._setup_srtp = setup_srtp


class _RoutedSocket:
    """A socket whose datagrams leave through a network."""

    def __init__(self, socket: Any, network: Network) -> None:
        self._socket = socket
        self._network = network

    def sendto(self, data: bytes, addr: Any = None) -> None:
        if self._network.is_perfect:
            self._socket.sendto(data, addr)
        else:
            self._network.send(data, lambda datagram: self._socket.sendto(datagram, addr))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _RoutedSound:
    """An SRTP session that speaks and hears through a network."""

    def __init__(self, session: Any, network: Network) -> None:
        self._session = session
        self._network = network

    def protect(self, packet: bytes) -> bytes:
        spoken = packet if self._network.is_perfect else self._network.speak(packet)
        protected: bytes = self._session.protect(spoken)
        return protected

    def unprotect(self, packet: bytes) -> bytes:
        unprotected: bytes = self._session.unprotect(packet)
        return unprotected if self._network.is_perfect else self._network.hear(unprotected)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


async def _send_together(sctp: Any, chunks: list[Chunk]) -> None:
    """Send the first two chunks in one packet, the others as they come: more would exceed what a network takes."""
    first, others = chunks[:2], chunks[2:]
    if first:
        together = _Chunks(first)
        packet = serialize_packet(sctp._local_port, sctp._remote_port, sctp._remote_verification_tag, together)
        await sctp.transport._send_data(packet)
    for chunk in others:
        await sctp._send_chunk(chunk)


class _Chunks(Chunk):
    """Several chunks in the place of one."""

    def __init__(self, chunks: list[Chunk]) -> None:
        super().__init__()
        self._chunks = chunks

    def __bytes__(self) -> bytes:
        return b"".join(map(bytes, self._chunks))
