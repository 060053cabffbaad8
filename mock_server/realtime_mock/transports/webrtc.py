"""The WebRTC transport: the calls of one server."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Any, Protocol

from realtime_mock.dialects import Dialect
from realtime_mock.driver import SessionDriver
from realtime_mock.lanes import Lane
from realtime_mock.media.plane import MediaPlane
from realtime_mock.settings import Settings
from realtime_mock.transports.call import Call, CallState
from realtime_mock.transports.peer import accept_offer, accept_plainly, local_hosts, new_peer, own_hosts
from realtime_mock.transports.sdp import read_offer
from realtime_mock.transports.udp_port import UdpPorts

ANYWHERE = frozenset(("0.0.0.0", "::", ""))  # noqa: S104 - it is only compared
"""What `--host` is where HTTP is served on every interface."""

_WARM_UP_OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=ice-ufrag:warm",
        "a=ice-pwd:0123456789012345678901",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:1",
        "",
    )
)


class SessionFactory(Protocol):
    """Opens the session of a call."""

    def open_call(
        self,
        *,
        model: str,
        given: Mapping[str, Any] | None,
        plays_audio: bool,
        dialect: Dialect | None,
        lane: Lane | None,
    ) -> tuple[SessionDriver, str]:
        """Make a session from the client's `session` object; give its driver and the id of the call.

        Raises:
            ClientFault: the object is no valid session.
        """
        ...


class Calls:
    """The calls of one server, by id."""

    def __init__(self, sessions: SessionFactory, settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings
        self.plane = MediaPlane()
        self._ports: UdpPorts | None = None
        self._calls: dict[str, Call] = {}
        self._watches: set[asyncio.Task[None]] = set()

    async def answer(
        self,
        sdp: str,
        *,
        model: str,
        given: Mapping[str, Any] | None,
        dialect: Dialect | None = None,
        lane: Lane | None = None,
    ) -> tuple[str, str]:
        """Open a call for an SDP offer; give its id and the SDP answer.

        Args:
            sdp: the client's offer.
            model: the model where `given` names none.
            given: the session that the client asks for, already valid by its schema.
            dialect: what the client speaks; GA by default.
            lane: whose scenario the session plays; the default one by default.

        Raises:
            ClientFault: the offer or the session is not acceptable.
            OSError: no local address can be used.
        """
        offer = read_offer(sdp)
        driver, call_id = self._sessions.open_call(
            model=model, given=given, plays_audio=offer.plays_audio, dialect=dialect, lane=lane
        )
        call = Call(call_id, driver, offer, settings=self._settings, plane=self.plane, ports=self._ports)
        self._calls[call.id] = call
        watch = asyncio.create_task(self._forget_when_ended(call))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return call.id, await call.answer()

    async def hang_up(self, call_id: str) -> bool:
        """End a call; False where there is none of that id, or it has ended."""
        call = self._calls.get(call_id)
        if call is None or call.state is CallState.ENDED:
            return False
        await call.hang_up()
        return True

    async def close(self) -> None:
        """End all calls."""
        await asyncio.gather(*(call.hang_up("the server stops") for call in tuple(self._calls.values())))
        await asyncio.gather(*self._watches)
        if self._ports is not None:
            await self._ports.close()
            self._ports = None

    async def open(self) -> None:
        """Be ready for calls: listen where one port is for all of them, and open and close one connection.

        The first connection in a process takes tens of milliseconds longer than any other.

        Raises:
            OSError: none of the addresses to offer can be used, or the port is taken.
        """
        settings = self._settings
        if settings.rtc_port is not None:
            listened, advertised = where_to_listen(settings)
            self._ports = await UdpPorts.open(listened=listened, advertised=advertised, port=settings.rtc_port)
        try:
            await self._warm_up()
        except BaseException:
            await self.close()
            raise

    async def _warm_up(self) -> None:
        peer, offer, settings = new_peer(), read_offer(_WARM_UP_OFFER), self._settings
        try:
            if settings.media == "compat":
                await accept_plainly(peer, offer, track=None, profile=settings.sdp_profile)
                return
            await accept_offer(
                peer,
                offer,
                track=None,
                hosts=self._ports or local_hosts(settings.rtc_hosts),
                profile=settings.sdp_profile,
                largest_message=settings.max_event_bytes,
                on_undecodable=_ignore,
                on_vanished=_leave,
            )
        finally:
            await peer.close()

    async def _forget_when_ended(self, call: Call) -> None:
        await call.ended.wait()
        self._calls.pop(call.id, None)


def where_to_listen(settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The local addresses that the one port is opened on, and the addresses that clients are told.

    An address that is none of this machine's is one that forwards to it, as the host of a container does: then, and
    where HTTP is served on every interface too, the port is open on all of them.

    Raises:
        OSError: one of the addresses is none.
    """
    own = own_hosts()
    advertised = settings.rtc_hosts or own
    is_elsewhere = [host not in own and not _address(host).is_loopback for host in advertised]
    if settings.host in ANYWHERE or any(is_elsewhere):
        return own, advertised
    return advertised, advertised


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise OSError(f"{host!r} is no IP address; with --rtc-port, --rtc-host takes nothing else") from None


def _ignore(_data: bytes) -> None:
    """Nobody sends anything on the connection that warms up."""


def _leave() -> None:
    """Nor is anybody there to vanish."""
