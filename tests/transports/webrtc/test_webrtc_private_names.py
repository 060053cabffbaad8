"""Every private name of aiortc and aioice in use, so that a release which changes one fails here first."""

import inspect
from importlib.metadata import version

import aioice.ice
import pytest
from aiortc import RTCDtlsTransport, RTCIceTransport, RTCPeerConnection, RTCSctpTransport
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    WEBRTC_STRING,
    DataChunk,
    InboundStream,
    serialize_packet,
)

from realtime_mock.transports.peer import CONSENT_FAILURES, CONSENT_INTERVAL, BoundedStream


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def source(function: object) -> str:
    assert callable(function)
    return inspect.getsource(function)


@pytest.fixture
async def connection() -> aioice.ice.Connection:
    return aioice.ice.Connection(ice_controlling=False)


@pytest.fixture
async def sctp() -> RTCSctpTransport:
    peer = RTCPeerConnection()
    peer.createDataChannel("x")
    assert peer.sctp is not None
    return peer.sctp


def test_the_releases_are_those_the_names_belong_to() -> None:
    assert version("aiortc").startswith("1.16.")
    assert version("aioice").startswith("0.13.")


def test_host_addresses_can_be_listed() -> None:
    assert parameters(aioice.ice.get_host_addresses) == ["use_ipv4", "use_ipv6"]


def test_candidates_are_gathered_per_component() -> None:
    connection = aioice.ice.Connection
    assert parameters(connection.get_component_candidates) == ["self", "component", "addresses", "timeout"]
    assert "self.get_component_candidates(component=component, addresses=addresses)" in source(
        connection.gather_candidates
    )


def test_a_connection_starts_its_own_consent_checks() -> None:
    assert "self._query_consent_task = asyncio.create_task(self.query_consent())" in source(
        aioice.ice.Connection.connect
    )
    assert parameters(aioice.ice.Connection.query_consent) == ["self"]
    assert parameters(aioice.ice.Connection.build_request) == ["self", "pair", "nominate"]
    request = parameters(aioice.ice.StunProtocol.request)
    assert request == ["self", "request", "addr", "integrity_key", "retransmissions"]


async def test_a_connection_knows_its_pairs_and_keys(connection: aioice.ice.Connection) -> None:
    assert connection._nominated == {}
    assert connection._query_consent_task is None
    assert connection.remote_password is None


def test_an_unanswered_consent_check_fails_after_half_a_second() -> None:
    """Together with the interval this bounds how late a vanished client is noticed."""
    assert aioice.stun.RETRY_RTO == 0.5
    assert CONSENT_FAILURES * (CONSENT_INTERVAL + aioice.stun.RETRY_RTO) < 5


def test_datagrams_pass_where_we_look() -> None:
    assert parameters(aioice.ice.Connection.data_received) == ["self", "data", "component"]
    assert "self.receiver.data_received(data, self.local_candidate.component)" in source(
        aioice.ice.StunProtocol.datagram_received
    )


def test_the_role_in_the_handshake_is_taken_where_we_set_it() -> None:
    assert parameters(RTCDtlsTransport._set_role) == ["self", "role"]
    assert "media.dtls.role = dtlsTransport._role" in source(RTCPeerConnection)
    assert 'if self._role == "server":\n            self._ssl.set_accept_state()' in source(RTCDtlsTransport.start)


async def test_the_ice_connection_is_reached_from_the_public_transports(sctp: RTCSctpTransport) -> None:
    assert isinstance(sctp.transport.transport._connection, aioice.ice.Connection)


async def test_the_receive_window_is_an_attribute(sctp: RTCSctpTransport) -> None:
    assert sctp._advertised_rwnd == 2**20
    assert "init_ack.advertised_rwnd = self._advertised_rwnd" in source(RTCSctpTransport._receive_chunk)


async def test_streams_are_made_where_we_make_them(sctp: RTCSctpTransport) -> None:
    assert sctp._inbound_streams == {}
    assert isinstance(sctp._get_inbound_stream(7), InboundStream)
    assert list(sctp._inbound_streams) == [7]
    assert "self._get_inbound_stream(chunk.stream_id)" in source(RTCSctpTransport._receive_data_chunk)


def test_messages_pass_where_we_listen() -> None:
    assert parameters(RTCSctpTransport._data_channel_receive) == ["self", "stream_id", "pp_id", "data"]
    assert "await self._data_channel_receive(stream_id, pp_id, data)" in source(RTCSctpTransport._receive)
    assert WEBRTC_STRING == 51


def chunk(tsn: int, data: bytes, flags: int = 0) -> DataChunk:
    made = DataChunk()
    made.tsn, made.stream_id, made.stream_seq, made.protocol, made.flags = tsn, 1, 0, WEBRTC_STRING, flags
    made.user_data = data
    return made


FIRST, LAST = SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG


def feed(stream: InboundStream, *chunks: DataChunk) -> list[bytes]:
    messages = []
    for one in chunks:
        stream.add_chunk(one)
        messages += [data for _, _, data in stream.pop_messages()]
    return messages


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0]])
def test_fragments_make_the_same_message_in_any_order(order: list[int]) -> None:
    parts = [chunk(10, b"a", FIRST), chunk(11, b"b"), chunk(12, b"c", LAST)]
    assert feed(BoundedStream(100), *(parts[index] for index in order)) == [b"abc"]
    assert feed(InboundStream(), *(parts[index] for index in order)) == [b"abc"]


def test_a_message_beyond_the_limit_arrives_shortened() -> None:
    stream = BoundedStream(4)
    parts = [chunk(10, b"aaa", FIRST), chunk(11, b"bbb"), chunk(12, b"ccc"), chunk(13, b"ddd", LAST)]
    assert feed(stream, *parts) == [b"aaabbb"]
    assert feed(stream, sequenced(chunk(14, b"next", FIRST | LAST), 1)) == [b"next"]


def sequenced(made: DataChunk, sequence: int) -> DataChunk:
    made.stream_seq = sequence
    return made


def test_everything_leaves_by_the_socket_of_a_protocol() -> None:
    protocol = aioice.ice.StunProtocol
    assert "self.transport.sendto(data, addr)" in source(protocol.send_data)
    assert "self.transport.sendto(bytes(message), addr)" in source(protocol.send_stun)
    assert "self._protocols += host_protocols" in source(aioice.ice.Connection.get_component_candidates)


def test_everything_arrives_at_a_protocol() -> None:
    assert parameters(aioice.ice.StunProtocol.datagram_received) == ["self", "data", "addr"]


async def test_the_keys_of_sound_are_made_where_we_wait_for_them(sctp: RTCSctpTransport) -> None:
    transport = sctp.transport
    assert (transport._tx_srtp, transport._rx_srtp) == (None, None)
    assert "self._setup_srtp()" in source(RTCDtlsTransport.start)
    assert "self._tx_srtp.protect(data)" in source(RTCDtlsTransport._send_rtp)
    assert "self._rx_srtp.unprotect(data)" in source(RTCDtlsTransport._recv_next)


def test_the_association_begins_where_we_can_delay_it() -> None:
    assert parameters(RTCSctpTransport.start) == ["self", "remoteCaps", "remotePort"]
    assert "await self.__sctp.start(" in source(RTCPeerConnection)


async def test_chunks_leave_one_by_one_where_we_can_gather_them(sctp: RTCSctpTransport) -> None:
    assert parameters(RTCSctpTransport._send_chunk) == ["self", "chunk"]
    assert parameters(RTCSctpTransport._data_channel_flush) == ["self"]
    assert parameters(serialize_packet) == ["source_port", "destination_port", "verification_tag", "chunk"]
    assert "await self._data_channel_flush()" in source(RTCSctpTransport._data_channel_receive)
    assert (sctp._local_port, sctp._remote_port, sctp._remote_verification_tag) == (5000, None, 0)
    assert "await self.__transport._send_data(" in source(RTCSctpTransport._send_chunk)
    assert parameters(RTCDtlsTransport._send_data) == ["self", "data"]


def test_a_connection_waits_for_its_checks_where_we_wait() -> None:
    connect = source(aioice.ice.Connection.connect)
    assert "self.check_incoming(*early_check)" in connect
    assert "self._early_checks_done = True" in connect
    assert "res = await self._check_list_state.get()" in connect
    assert "if res != ICE_COMPLETED:" in connect
    assert parameters(aioice.ice.Connection.connect) == ["self"]
    assert "await self._connection.connect()" in source(RTCIceTransport.start)


async def test_a_connection_has_the_state_that_its_checks_leave(connection: aioice.ice.Connection) -> None:
    assert (list(connection._early_checks), connection._early_checks_done) == ([], False)
    assert (connection._check_list, connection._check_list_state.empty()) == ([], True)
    await connection.close()
    assert connection._check_list_state.get_nowait() == aioice.ice.ICE_FAILED
