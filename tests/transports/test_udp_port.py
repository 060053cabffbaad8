"""One socket for all calls: whose a datagram is, and what is left when a call ends."""

from __future__ import annotations

import asyncio
import inspect
import socket
from typing import Any

import aioice.ice
import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.settings import Settings
from realtime_mock.transports.udp_port import MAX_ADDRESSES, MAX_AT_ONCE, UdpPort, UdpPorts, username_of
from realtime_mock.transports.webrtc import where_to_listen


def check(name: str, *, padding: str = "") -> bytes:
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    if padding:
        message.attributes["SOFTWARE"] = padding
    message.attributes["USERNAME"] = name
    return bytes(message)


@pytest.mark.parametrize("name", ["ab:cd", "a:b", "abc:", "x" * 100 + ":y"])
@pytest.mark.parametrize("padding", ["", "s", "soft", "softw"])
def test_a_connectivity_check_names_its_call(name: str, padding: str) -> None:
    assert username_of(check(name, padding=padding)) == name


@given(st.binary(max_size=60))
def test_no_datagram_raises(datagram: bytes) -> None:
    assert username_of(datagram) is None
    username_of(check("ab:cd")[:20] + datagram)


class Connection:
    """Takes what a protocol hands on."""

    local_username = "ours"

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.lost = asyncio.Event()
        self._protocols: list[Any] = []

    def data_received(self, data: bytes, component: int) -> None:
        self.received.append(data)

    def request_received(self, message: Any, addr: Any, protocol: Any) -> None:
        self.received.append(message.attributes["USERNAME"].encode())

    def protocol_lost(self, protocol: Any) -> None:
        self.lost.set()


class Socket:
    """A port that nothing listens on, with two calls."""

    def __init__(self) -> None:
        self.port = UdpPort()
        self.calls = [Connection(), Connection()]
        self.ends = [self.port.attach(call, f"{number}:theirs") for number, call in enumerate(self.calls)]
        for end in self.ends:
            end.local_candidate = aioice.Candidate("f", 1, "udp", 1, "127.0.0.1", 9, "host")

    def give(self, data: bytes, address: tuple[Any, ...]) -> None:
        self.port.datagram_received(data, address)


@pytest.fixture
async def shared() -> Socket:
    return Socket()


HERE, THERE = ("127.0.0.1", 1000), ("127.0.0.1", 2000)


async def test_datagrams_follow_the_check_that_came_from_there(shared: Socket) -> None:
    shared.give(check("0:theirs"), HERE)
    shared.give(check("1:theirs"), THERE)
    shared.give(b"\x80 for the first", HERE)
    shared.give(b"\x80 for the second", THERE)
    assert [call.received for call in shared.calls] == [
        [b"0:theirs", b"\x80 for the first"],
        [b"1:theirs", b"\x80 for the second"],
    ]


async def test_what_comes_from_nowhere_known_is_dropped(shared: Socket) -> None:
    for data in (b"\x80 hello", b"", check("2:theirs"), check("0:others")):
        shared.give(data, HERE)
    assert [call.received for call in shared.calls] == [[], []]


async def test_an_address_passes_to_the_call_that_checks_from_it_next(shared: Socket) -> None:
    for number in (0, 1):
        shared.give(check(f"{number}:theirs"), HERE)
        shared.give(b"\x80", HERE)
    assert [call.received[-1] for call in shared.calls] == [b"\x80", b"\x80"]


async def test_an_ipv6_address_is_known_without_its_scope(shared: Socket) -> None:
    shared.give(check("0:theirs"), ("fe80::1", 1000, 0, 3))
    shared.give(b"\x80", ("fe80::1", 1000, 0, 0))
    assert shared.calls[0].received[-1] == b"\x80"


async def test_the_addresses_of_a_call_have_a_bound(shared: Socket) -> None:
    for number in range(3 * MAX_ADDRESSES):
        shared.give(check("0:theirs"), ("127.0.0.1", 1000 + number))
    assert len(shared.port._by_address) == MAX_ADDRESSES


async def test_a_closed_end_takes_nothing_more_and_leaves_nothing(shared: Socket) -> None:
    shared.give(check("0:theirs"), HERE)
    await shared.ends[0].close()
    shared.give(b"\x80", HERE)
    assert shared.calls[0].received == [b"0:theirs"]
    assert (list(shared.port._by_name), shared.port._by_address) == (["1:theirs"], {})


async def test_what_waits_is_read_at_once() -> None:
    port = await UdpPort.open("127.0.0.1", 0)
    call = Connection()
    port.attach(call, "ours:theirs").local_candidate = aioice.Candidate("f", 1, "udp", 1, "127.0.0.1", 9, "host")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(check("ours:theirs"), port.address)
        for number in range(2 * MAX_AT_ONCE):
            client.sendto(bytes([0x80, number]), port.address)
    turns = 0
    async with asyncio.timeout(5):
        while len(call.received) <= 2 * MAX_AT_ONCE:
            await asyncio.sleep(0)
            turns += 1
    assert call.received[1:] == [bytes([0x80, number]) for number in range(2 * MAX_AT_ONCE)]
    assert turns < 2 * MAX_AT_ONCE
    await port.close()


async def test_a_busy_socket_is_looked_at_by_the_clock_until_it_is_quiet() -> None:
    port = await UdpPort.open("127.0.0.1", 0)
    call = Connection()
    port.attach(call, "ours:theirs").local_candidate = aioice.Candidate("f", 1, "udp", 1, "127.0.0.1", 9, "host")
    sent = looks = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(check("ours:theirs"), port.address)
        async with asyncio.timeout(5):
            while not looks:
                client.sendto(b"\x80", port.address)
                sent += 1
                await asyncio.sleep(0)
                looks += port._next_look is not None
            while port._next_look is not None or len(call.received) <= sent:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)
            client.sendto(b"\x81", port.address)
            while call.received[-1] != b"\x81":  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    assert call.received[1:] == [b"\x80"] * sent + [b"\x81"]
    await port.close()


async def test_a_closed_port_is_free_again() -> None:
    port = await UdpPort.open("127.0.0.1", 0)
    address = port.address
    await port.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(address)


async def test_a_taken_port_is_named_with_a_remedy() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
        with pytest.raises(OSError, match=f"UDP port {number} on 127.0.0.1 is taken; choose another --rtc-port"):
            await UdpPorts.open(listened=["127.0.0.1"], advertised=["127.0.0.1"], port=number)


async def test_nothing_to_listen_on_is_an_error() -> None:
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.254"):
        await UdpPorts.open(listened=["192.0.2.254"], advertised=["192.0.2.254"], port=0)


async def test_candidates_are_what_is_advertised_and_sockets_what_listens() -> None:
    ports = await UdpPorts.open(listened=["127.0.0.1"], advertised=["203.0.113.7"], port=0)
    connection = aioice.ice.Connection(ice_controlling=False)
    ports.carry(connection, "theirs")
    await connection.gather_candidates()
    [[_, port]] = ports.addresses
    assert [(each.host, each.port, each.type) for each in connection.local_candidates] == [
        ("203.0.113.7", port, "host")
    ]
    await connection.close()
    await ports.close()


OWN = ("127.0.0.1", "10.0.0.5")


@pytest.mark.parametrize(
    ("host", "chosen", "listened", "advertised"),
    [
        ("127.0.0.1", (), OWN, OWN),
        ("127.0.0.1", ("127.0.0.1",), ("127.0.0.1",), ("127.0.0.1",)),
        ("127.0.0.1", ("127.0.0.2",), ("127.0.0.2",), ("127.0.0.2",)),
        ("0.0.0.0", ("127.0.0.1",), OWN, ("127.0.0.1",)),
        ("127.0.0.1", ("203.0.113.7",), OWN, ("203.0.113.7",)),
    ],
)
def test_an_address_elsewhere_is_advertised_and_every_interface_listens(
    monkeypatch: pytest.MonkeyPatch, host: str, chosen: Any, listened: Any, advertised: Any
) -> None:
    monkeypatch.setattr("realtime_mock.transports.webrtc.own_hosts", lambda: OWN)
    settings = Settings(host=host, rtc_hosts=chosen, rtc_port=3478)
    assert where_to_listen(settings) == (listened, advertised)


def test_a_name_is_no_address() -> None:
    with pytest.raises(OSError, match="'localhost' is no IP address"):
        where_to_listen(Settings(rtc_hosts=("localhost",), rtc_port=3478))


def test_the_names_of_aioice_in_use() -> None:
    """So that a release which changes one fails here first."""
    protocol = aioice.ice.StunProtocol
    assert list(inspect.signature(protocol.__init__).parameters) == ["self", "receiver"]
    assert "self.transport.close()" in inspect.getsource(protocol.close)
    assert "self.receiver.protocol_lost(self)" in inspect.getsource(protocol.connection_lost)
    gather = inspect.getsource(aioice.ice.Connection.get_component_candidates)
    assert 'foundation=candidate_foundation("host", "udp", candidate_address[0])' in gather
    assert 'priority=candidate_priority(component, "host")' in gather
    assert isinstance(aioice.ice.Connection(ice_controlling=False)._protocols, list)
