"""One UDP port for all calls: a container maps it, a firewall opens it, and a call costs no socket.

There is a socket for each local address, so that an answer comes from where the question went. Whose a datagram is
tells the user name of a connectivity check (RFC 8445, section 7.3) and, from then on, where it comes from.
"""

# ruff: noqa: SLF001 - private names are this module's purpose, and each has a test that a release can fail

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import StunProtocol

MAX_ADDRESSES = 32
"""Addresses from which one call is reached; with one more the oldest is forgotten."""

MAX_AT_ONCE = 16
"""Datagrams read when there is one to read: more would keep the pacer waiting, fewer would cost a system call each."""

MOST_AT_A_LOOK = 64
"""Datagrams read by one look at a busy socket."""

REST = 0.002
"""Seconds between two looks at a busy socket: to be woken for each packet of many calls costs more than they do."""

BUSY_PER_WINDOW = 40
WINDOW = 0.02
"""A socket is busy on which so many datagrams come in so many seconds: those of forty calls."""

MAX_DATAGRAM = 4096
"""Bytes of a datagram that are looked at; WebRTC sends no more than fit into a packet of a network."""

MAX_DATAGRAM_BUFFER = 2**20
"""Bytes that the system is asked to keep for a socket: all calls come in by it."""

_HEADER = 20
_BINDING_REQUEST = b"\x00\x01"
_MAGIC_COOKIE = b"\x21\x12\xa4\x42"
_USERNAME = 6
_LAST_OF_STUN = 3

Address = tuple[str, int]


def username_of(datagram: bytes) -> str | None:
    """Whom a connectivity check names: "ours:theirs"; None for any other datagram (RFC 8489, section 14.3)."""
    if len(datagram) < _HEADER or datagram[:2] != _BINDING_REQUEST or datagram[4:8] != _MAGIC_COOKIE:
        return None
    at = _HEADER
    while len(datagram) - at >= 4:
        kind = int.from_bytes(datagram[at : at + 2], "big")
        size = int.from_bytes(datagram[at + 2 : at + 4], "big")
        if kind == _USERNAME:
            return datagram[at + 4 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size + -size % 4
    return None


class Window:
    """Counts datagrams, and tells by the last whole window whether a socket is busy."""

    def __init__(self) -> None:
        self._began = 0.0
        self._count = 0
        self._is_busy = False

    def is_busy(self, count: int) -> bool:
        """Count so many more; whether the window before this one was a busy one."""
        now = time.monotonic()
        if now - self._began >= WINDOW:
            # After a pause the window before was empty.
            self._is_busy = self._count >= BUSY_PER_WINDOW and now - self._began < 2 * WINDOW
            self._began, self._count = now, 0
        self._count += count
        return self._is_busy


class UdpPort(asyncio.DatagramProtocol):
    """The socket of one local address, shared by all calls that come to it.

    It is read as often as there is something to read, with no transport of asyncio's between: at a few hundred calls
    that would cost as much as the system call itself. Where the loop has no readers (Windows), such a transport reads.
    """

    def __init__(self, sock: socket.socket | None = None) -> None:
        self._socket = sock
        self._address: Address = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None
        self._by_name: dict[str, StunProtocol] = {}
        self._by_address: dict[Address, StunProtocol] = {}
        self._closed = asyncio.Event()
        self._window = Window()
        self._next_look: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> UdpPort:
        """Listen on an address; port 0 takes a free one.

        Raises:
            OSError: the address is none of this machine's, or the port is taken.
        """
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_DATAGRAM_BUFFER)
            sock.bind((host, port))
            address = sock.getsockname()[:2]
            loop = asyncio.get_running_loop()
            if isinstance(loop, asyncio.SelectorEventLoop):
                made = cls(sock)
                loop.add_reader(sock, made._read)
            else:
                _, made = await loop.create_datagram_endpoint(cls, sock=sock)
        except BaseException:
            sock.close()
            raise
        made._address = address
        return made

    @property
    def address(self) -> Address:
        """Where this socket listens."""
        return self._address

    def attach(self, connection: Any, name: str) -> StunProtocol:
        """Give a call an end of this socket; `name` is what the client's checks call it."""
        protocol = StunProtocol(connection)
        protocol.connection_made(_End(self, protocol))
        self._by_name[name] = protocol
        return protocol

    def detach(self, protocol: StunProtocol) -> None:
        """Take nothing more for a call."""
        self._by_name = {name: other for name, other in self._by_name.items() if other is not protocol}
        self._by_address = {address: other for address, other in self._by_address.items() if other is not protocol}

    def send(self, datagram: bytes, address: Address) -> None:
        """Send a datagram; one that the system refuses is lost like any other."""
        if self._socket is not None:
            try:
                self._socket.sendto(datagram, address)
            except OSError:
                # No room, or nobody there: the network loses datagrams too.
                return
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, address)

    async def close(self) -> None:
        """Listen no more, and return when the port is free."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            if self._next_look is not None:
                self._next_look.cancel()
            self._socket.close()
        elif self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the open socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - closed is closed
        """The port is free."""
        self._closed.set()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Give a datagram to the call that it is for."""
        # The beginning tells what it is (RFC 7983): only a connectivity check names a call.
        if data and data[0] <= _LAST_OF_STUN:
            name = username_of(data)
            if name is not None:
                self._learn((addr[0], addr[1]), name)
        protocol = self._by_address.get(addr if len(addr) == 2 else (addr[0], addr[1]))
        if protocol is not None and data:
            protocol.datagram_received(data, addr)

    def _read(self) -> None:
        """There is something to read. Where there always is, be woken no more, and look by the clock."""
        if self._window.is_busy(self._take(MAX_AT_ONCE)):
            loop = asyncio.get_running_loop()
            loop.remove_reader(cast("socket.socket", self._socket))
            self._next_look = loop.call_later(REST, self._look)

    def _look(self) -> None:
        loop, taken = asyncio.get_running_loop(), self._take(MOST_AT_A_LOOK)
        if self._window.is_busy(taken):
            rest = REST if taken < MOST_AT_A_LOOK else 0.0
            self._next_look = loop.call_later(rest, self._look)
        else:
            self._next_look = None
            loop.add_reader(cast("socket.socket", self._socket), self._read)

    def _take(self, most: int) -> int:
        """Read up to so many datagrams; give how many there were."""
        assert self._socket is not None  # noqa: S101 - it is what is read
        receive, give = self._socket.recvfrom, self.datagram_received
        for count in range(most):
            try:
                data, sender = receive(MAX_DATAGRAM)
            except OSError:
                # Nothing waits, or what did has told of an error.
                return count
            give(data, sender)
        return most

    def error_received(self, exc: Exception) -> None:
        """A datagram could not be delivered; whoever waits for an answer will notice."""

    def _learn(self, address: Address, name: str) -> None:
        protocol = self._by_name.get(name)
        if protocol is None or self._by_address.get(address) is protocol:
            return
        self._by_address[address] = protocol
        known = [each for each, other in self._by_address.items() if other is protocol]
        if len(known) > MAX_ADDRESSES:
            del self._by_address[known[0]]


class _End(asyncio.DatagramTransport):
    """What a call sees of a shared socket."""

    def __init__(self, port: UdpPort, protocol: StunProtocol) -> None:
        super().__init__()
        self._port = port
        self._protocol = protocol
        self._is_closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._port.address if name == "sockname" else default

    def sendto(self, data: Any, addr: Any = None) -> None:
        self._port.send(data, addr)

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._port.detach(self._protocol)
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


class UdpPorts:
    """The port on every local address that listens.

    Args:
        ports: one for each local address.
        advertised: what clients are told; an address of somebody else's forwards to one of these.
    """

    def __init__(self, ports: Sequence[UdpPort], advertised: Sequence[str]) -> None:
        self._ports = tuple(ports)
        self._advertised = tuple(advertised)

    @classmethod
    async def open(cls, *, listened: Sequence[str], advertised: Sequence[str], port: int) -> UdpPorts:
        """Listen on all local addresses that can be bound.

        Raises:
            OSError: the port is taken on one of them, or none can be bound; `str()` says what to do.
        """
        ports: list[UdpPort] = []
        taken: str | None = None
        for host in listened:
            try:
                ports.append(await UdpPort.open(host, port))
            except OSError as error:
                taken = host if error.errno == errno.EADDRINUSE else taken
        made = cls(ports, advertised)
        if taken is not None:
            await made.close()
            raise OSError(f"UDP port {port} on {taken} is taken; choose another --rtc-port")
        if not ports:
            raise OSError(f"cannot listen on {', '.join(listened)}; choose addresses of this machine")
        return made

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where the sockets listen."""
        return tuple(port.address for port in self._ports)

    def carry(self, connection: Any, remote_username: str) -> None:
        """Have a connection that has not yet gathered candidates use these sockets and no others."""

        async def get_component_candidates(component: int, addresses: list[str]) -> list[Candidate]:  # noqa: ARG001
            name = f"{connection.local_username}:{remote_username}"
            for port in self._ports:
                protocol = port.attach(connection, name)
                protocol.local_candidate = _candidate(*port.address, component)
                connection._protocols.append(protocol)
            return [_candidate(host, port, component) for host, port in self._candidates()]

        replaced: Callable[..., Any] = get_component_candidates
        connection.get_component_candidates = replaced

    async def close(self) -> None:
        """Listen no more."""
        for port in self._ports:
            await port.close()

    def _candidates(self) -> list[Address]:
        own = dict(self.addresses)
        anywhere = self.addresses[0][1]
        return [(host, own.get(host, anywhere)) for host in self._advertised]


def _candidate(host: str, port: int, component: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=port,
        type="host",
    )
