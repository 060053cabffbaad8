"""One WebRTC connection, prepared for this server. Only this and `routing` use private names of aiortc and aioice.

Everything is changed on the one instance, never on a class or a module, so that other users of
the libraries in the same process see nothing of it:

- it listens on the addresses it is told to (aioice leaves out 127.0.0.1, so that on a machine
  without a network nothing would start);
- it lets the peer begin the DTLS handshake where the service does so (aiortc always begins it
  itself, unless the peer insists);
- it asks for the peer's consent every second and gives up after three silences: a vanished
  client is noticed within 5 seconds (aioice's own 6 x 5 take half a minute);
- it goes on to the handshake as soon as the client's connectivity check has succeeded (aioice looks every 20 ms);
- it takes messages as large as the settings allow, in time that grows with their size (aiortc
  looks through all fragments of a message each time one arrives);
- text that is no UTF-8 is handed on as bytes, and an empty datagram, whoever sent it, is dropped
  (aiortc raises at either, and the connection dies).
"""

# ruff: noqa: SLF001 - private names are this module's purpose, and each has a test that a release can fail

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import aioice.ice
from aioice.stun import TransactionError
from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcsctptransport import SCTP_DATA_LAST_FRAG, WEBRTC_STRING, DataChunk, InboundStream

from realtime_mock.settings import SdpProfile
from realtime_mock.transports.sdp import Offer
from realtime_mock.transports.sdp_answer import write_answer, write_stack_answer
from realtime_mock.transports.udp_port import UdpPorts

CONSENT_INTERVAL = 1.0
CONSENT_FAILURES = 3
"""With half a second for each answer, silence is fatal after 4.5 seconds."""

LOOPBACK = "127.0.0.1"


def new_peer() -> RTCPeerConnection:
    """Make a connection that asks no STUN server and carries everything over one transport."""
    return RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def local_hosts(chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses to offer: those chosen, or loopback and every interface."""
    return chosen or own_hosts()


def own_hosts() -> tuple[str, ...]:
    """Loopback and the addresses of every interface."""
    found = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return tuple(dict.fromkeys((LOOPBACK, *found)))


def listen_on(peer: RTCPeerConnection, hosts: tuple[str, ...]) -> None:
    """Have a connection that has not yet gathered candidates use these local addresses and no others."""
    for connection in _ice_connections(peer):
        _listen_on(connection, hosts)


async def accept_offer(
    peer: RTCPeerConnection,
    offer: Offer,
    *,
    track: MediaStreamTrack | None,
    hosts: tuple[str, ...] | UdpPorts,
    profile: SdpProfile,
    largest_message: int,
    on_undecodable: Callable[[bytes], None],
    on_vanished: Callable[[], None],
) -> str:
    """Begin the connection that `offer` asks for and give the SDP answer.

    Args:
        track: what the client hears; where it is None, and the client listens, somebody else sends.
        hosts: local addresses to listen on, of which one that cannot be bound is left out, or what listens already.
        profile: what the answer looks like, and with it who begins the DTLS handshake.
        largest_message: bytes; of a longer message what exceeds twice this is dropped on arrival.
        on_undecodable: receives a text message that is no UTF-8.
        on_vanished: called when the client has not answered for too long, before its connection is closed.

    Raises:
        OSError: none of `hosts` can be bound.
    """
    await _take_offer(peer, offer, track)
    for connection in _ice_connections(peer):
        if isinstance(hosts, UdpPorts):
            hosts.carry(connection, offer.transport.ufrag)
        else:
            _listen_on(connection, hosts)
    if profile == "service" and offer.transport.setup == "actpass":
        _await_handshake(peer)
    for connection in _ice_connections(peer):
        watch_consent(connection, on_vanished)
        _drop_empty_datagrams(connection)
        _connect_promptly(connection)
    if peer.sctp is not None:
        _take_large_messages(peer.sctp, largest_message)
        _pass_on_undecodable(peer.sctp, on_undecodable)
    await peer.setLocalDescription()
    local = peer.localDescription.sdp
    if "a=candidate:" not in local:
        named = "any" if isinstance(hosts, UdpPorts) else ", ".join(hosts)
        raise OSError(f"cannot listen on {named}; choose addresses of this machine with --rtc-host")
    return _written(offer, local, profile)


async def accept_plainly(
    peer: RTCPeerConnection, offer: Offer, *, track: MediaStreamTrack | None, profile: SdpProfile
) -> str:
    """As `accept_offer`, with nothing but what aiortc documents, on the addresses that it finds by itself.

    Raises:
        OSError: it finds none but loopback, which it leaves out.
    """
    await _take_offer(peer, offer, track)
    await peer.setLocalDescription()
    local = peer.localDescription.sdp
    if "a=candidate:" not in local:
        raise OSError("cannot listen for calls: aiortc finds no address but loopback; choose --media shared")
    return _written(offer, local, profile)


async def _take_offer(peer: RTCPeerConnection, offer: Offer, track: MediaStreamTrack | None) -> None:
    await peer.setRemoteDescription(RTCSessionDescription(offer.for_peer(), "offer"))
    # Not before: where the data channel comes first, aiortc would close the transport that both share.
    if track is not None:
        peer.addTrack(track)
    elif offer.plays_audio:
        for transceiver in peer.getTransceivers():
            transceiver.direction = "sendrecv"


def _written(offer: Offer, local: str, profile: SdpProfile) -> str:
    return write_stack_answer(offer, local) if profile == "aiortc" else write_answer(offer, local)


# aiortc and aioice declare no types for what is replaced below: Any.


def transports_of(peer: RTCPeerConnection) -> list[Any]:
    """The DTLS transports of a connection, each once."""
    transports = [receiver.transport for receiver in peer.getReceivers()]
    if peer.sctp is not None:
        transports.append(peer.sctp.transport)
    return list({id(transport): transport for transport in transports}.values())


def _ice_connections(peer: RTCPeerConnection) -> list[Any]:
    return [transport.transport._connection for transport in transports_of(peer)]


def _await_handshake(peer: RTCPeerConnection) -> None:
    for transport in transports_of(peer):
        transport._set_role("server")


def _listen_on(connection: Any, hosts: tuple[str, ...]) -> None:
    gather = connection.get_component_candidates

    async def get_component_candidates(component: int, addresses: list[str]) -> Any:  # noqa: ARG001 - replaced
        return await gather(component=component, addresses=list(hosts))

    connection.get_component_candidates = get_component_candidates


def watch_consent(
    connection: Any, on_vanished: Callable[[], None], *, is_excused: Callable[[], bool] = lambda: False
) -> None:
    """Tell of a peer that has not answered for too long, and close its connection, unless its silence is excused."""

    async def query_consent() -> None:
        failures = 0
        while failures < CONSENT_FAILURES:
            await asyncio.sleep(CONSENT_INTERVAL)
            has_consent = await _has_consent(connection) or is_excused()
            failures = 0 if has_consent else failures + 1
        on_vanished()
        # close() cancels this task unless it has let go of it.
        connection._query_consent_task = None
        await connection.close()

    connection.query_consent = query_consent


def _connect_promptly(connection: Any) -> None:
    """Wait for the client's checks: it is the one that begins, since no candidate of its is known here."""

    async def connect() -> None:
        for early_check in connection._early_checks:
            connection.check_incoming(*early_check)
        connection._early_checks.clear()
        connection._early_checks_done = True
        outcome = await connection._check_list_state.get()
        for pair in connection._check_list:
            if pair.task is not None:
                pair.task.cancel()
        if outcome != aioice.ice.ICE_COMPLETED:
            raise ConnectionError("ICE negotiation failed")
        connection._query_consent_task = asyncio.create_task(connection.query_consent())

    connection.connect = connect


def _drop_empty_datagrams(connection: Any) -> None:
    receive = connection.data_received

    def data_received(data: bytes, component: int) -> None:
        if data:
            receive(data, component)

    connection.data_received = data_received


async def _has_consent(connection: Any) -> bool:
    """Ask once whether the peer still wants our packets (RFC 7675)."""
    key = connection.remote_password.encode()
    for pair in list(connection._nominated.values()):
        request = connection.build_request(pair, nominate=False)
        try:
            await pair.protocol.request(request, pair.remote_addr, integrity_key=key, retransmissions=0)
        except TransactionError:
            return False
    return True


def _take_large_messages(sctp: Any, largest_message: int) -> None:
    # A client may send no more than this window before it is read: a larger message would wait for ever.
    sctp._advertised_rwnd = 2 * largest_message + 2**20
    streams: dict[int, InboundStream] = sctp._inbound_streams

    def get_inbound_stream(stream_id: int) -> InboundStream:
        if stream_id not in streams:
            streams[stream_id] = BoundedStream(2 * largest_message)
        return streams[stream_id]

    sctp._get_inbound_stream = get_inbound_stream


def _pass_on_undecodable(sctp: Any, take: Callable[[bytes], None]) -> None:
    receive = sctp._data_channel_receive

    async def data_channel_receive(stream_id: int, pp_id: int, data: bytes) -> None:
        try:
            await receive(stream_id, pp_id, data)
        except UnicodeDecodeError:
            if pp_id == WEBRTC_STRING:
                take(data)
        except AssertionError:
            # A second open of one stream, or an acknowledgement of none: aiortc asserts that there are none.
            return

    sctp._data_channel_receive = data_channel_receive


class BoundedStream(InboundStream):
    """A stream that puts messages together in linear time, and holds no more than `limit` bytes.

    What comes beyond is dropped, so a message longer than `limit` arrives shortened to it.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._held = 0
        self._completes_nothing = False

    def add_chunk(self, chunk: DataChunk) -> None:
        """Keep one fragment."""
        if self._held >= self._limit:
            chunk.user_data = b""
        super().add_chunk(chunk)
        self._held += len(chunk.user_data)
        in_order = self.reassembly[-1] is chunk
        self._completes_nothing = in_order and not chunk.flags & SCTP_DATA_LAST_FRAG

    def pop_messages(self) -> Iterator[tuple[int, int, bytes]]:
        """Give the messages that the newest fragment completed."""
        if self._completes_nothing:
            self._completes_nothing = False
            return
        for message in super().pop_messages():
            self._held -= len(message[2])
            yield message

    def prune_chunks(self, tsn: int) -> int:
        """Forget what the peer has given up sending; give its size in bytes."""
        size = super().prune_chunks(tsn)
        self._held -= size
        return size
