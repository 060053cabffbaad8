"""One call: a peer connection around one session, from the answer to its last trace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from aiortc import RTCDataChannel

from realtime_mock.core.hearing import Span
from realtime_mock.driver import SessionDriver
from realtime_mock.media.plane import MediaPlane
from realtime_mock.settings import Settings
from realtime_mock.transports.call_faults import CallFaults
from realtime_mock.transports.call_media import new_media, silence_of
from realtime_mock.transports.data_channel import EventChannel
from realtime_mock.transports.peer import accept_offer, accept_plainly, local_hosts, new_peer
from realtime_mock.transports.routing import acknowledge_with_first_message, open_channel_late, route_through
from realtime_mock.transports.sdp import Offer
from realtime_mock.transports.udp_port import UdpPorts

logger = logging.getLogger(__name__)

CHANNEL_GRACE = 1.0
"""Seconds a call outlives its data channel: some clients close nothing else when they hang up."""

TEARDOWN_TIMEOUT = 5.0
"""Seconds after which a connection that does not close is left to itself."""


class CallState(Enum):
    """How far a call has come."""

    ANSWERED = "answered"
    CONNECTED = "connected"
    ENDED = "ended"


TRANSITIONS: Mapping[CallState, Mapping[str, CallState]] = {
    CallState.ANSWERED: {"connect": CallState.CONNECTED, "end": CallState.ENDED},
    CallState.CONNECTED: {"end": CallState.ENDED},
    CallState.ENDED: {},
}


class Call:
    """One call: a connection, its session, the speech it plays and hears.

    It ends with whatever ends first: the session, the connection, its data channel (after a
    grace), a hang-up, or the deadline for a client that never connects. `ended` is then set, and
    no task, socket or thread of it is left.
    """

    def __init__(
        self,
        call_id: str,
        driver: SessionDriver,
        offer: Offer,
        *,
        settings: Settings,
        plane: MediaPlane,
        ports: UdpPorts | None,
    ) -> None:
        self.id = call_id
        self.state = CallState.ANSWERED
        self.ended = asyncio.Event()
        self._driver = driver
        self._offer = offer
        self._settings = settings
        self._ports = ports
        self._loop = asyncio.get_running_loop()
        self._peer = new_peer()
        self._media = new_media(settings.media, plane, offer, ears=self, report=driver.receive_playout)
        self._channel: EventChannel | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._why: asyncio.Future[str] = self._loop.create_future()
        self._life: asyncio.Task[None] | None = None
        self._faults = CallFaults(driver, self, silence=silence_of(offer))
        self._lateness: float | None = None
        self._opening: asyncio.TimerHandle | None = None
        self._is_open = False
        self._has_vanished = False
        self._goes_on_without_channel = False

    @property
    def session_id(self) -> str:
        """The id of the call's session."""
        return self._driver.session_id

    async def answer(self) -> str:
        """Begin to listen for the client and give the SDP answer.

        Raises:
            OSError: no local address can be used.
        """
        self._driver.speaker = self._media.speaker
        self._driver.settle_audio = self._media.flush
        self._peer.on("datachannel", self._on_channel)
        self._peer.on("connectionstatechange", self._on_state)
        self._set_deadline(self._settings.connect_timeout, "the client did not connect in time")
        self._life = asyncio.create_task(self._live(), name=f"call {self.id}")
        try:
            answer = await self._accept()
        except BaseException:
            await self.hang_up("the offer could not be answered")
            raise
        self._media.answered(self._peer, answer)
        if self._settings.media == "shared":
            self._prepare_faults()
        return answer

    async def hang_up(self, why: str = "hung up") -> None:
        """End the call from this side and wait until everything is released."""
        self._end(why)
        await self.ended.wait()

    def hear(self, pcm: bytes, lost: Sequence[Span] = (), /) -> None:
        """Take what the client says: 24 kHz PCM, and what of it only fills what was lost."""
        if self._is_open:
            self._driver.receive_audio(pcm, lost)

    def listens(self) -> bool:
        """Whether what the client says has to be heard at once."""
        return not self._is_open or self._driver.listens

    # What faults do

    def close_channel(self) -> None:
        """Close the data channel; the call goes on without it."""
        if self._channel is not None:
            self._goes_on_without_channel = True
            self._channel.close_now()

    def end(self, why: str) -> None:
        """End the call, without waiting for its end."""
        self._end(why)

    def _prepare_faults(self) -> None:
        """Arrange for what can go wrong; until it has the answer, no client can have connected."""
        route_through(self._peer, self._faults.network, self._on_vanished, is_heard=self._media.is_heard)
        if self._offer.channel is None:
            return
        late = self._faults.channel_lateness()
        if late > 0:
            open_channel_late(self._peer, late, self._faults.network)
        self._lateness = self._faults.session_lateness()
        if self._lateness == 0:
            acknowledge_with_first_message(self._peer)

    async def _accept(self) -> str:
        settings, track = self._settings, self._media.track
        if settings.media == "compat":
            return await accept_plainly(self._peer, self._offer, track=track, profile=settings.sdp_profile)
        return await accept_offer(
            self._peer,
            self._offer,
            track=track,
            hosts=self._ports or local_hosts(settings.rtc_hosts),
            profile=settings.sdp_profile,
            largest_message=settings.max_event_bytes,
            on_undecodable=self._on_undecodable,
            on_vanished=self._on_vanished,
        )

    # What the WebRTC stack tells. It runs these in its own tasks, which an exception would end: so they only
    # take note, and what follows happens in the next turn of the event loop.

    def _on_state(self) -> None:
        self._loop.call_soon(self._take_state, self._peer.connectionState)

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if self._channel is not None:
            self._loop.call_soon(self._driver.note, f"ignored: a second data channel, {channel.label!r}")
            return
        self._channel = EventChannel(
            channel,
            self._driver,
            max_event_bytes=self._settings.max_event_bytes,
            max_message_size=self._offer.max_message_size,
            faults=self._faults,
        )
        channel.on("close", self._on_channel_closed)
        if self._lateness == 0:
            self._attach(self._channel)
        elif self._lateness is None:
            self._loop.call_soon(self._attach, self._channel)
        else:
            self._faults.hold_client()
            self._opening = self._loop.call_later(self._lateness, self._attach_late, self._channel)

    def _on_channel_closed(self) -> None:
        self._loop.call_soon(self._detach)

    def _on_undecodable(self, data: bytes) -> None:
        if self._channel is not None:
            self._channel.receive_undecodable(data)

    def _on_vanished(self) -> None:
        self._has_vanished = True

    # A call's life

    def _take_state(self, state: str) -> None:
        match state:
            case "connected":
                self._connect()
            case "failed":
                self._end("the connection failed: the client vanished, or its DTLS handshake did not succeed")
            case "closed":
                self._end("the client vanished" if self._has_vanished else "the client closed the connection")

    def _connect(self) -> None:
        if "connect" not in TRANSITIONS[self.state]:
            return
        self.state = TRANSITIONS[self.state]["connect"]
        self._clear_deadline()
        logger.info("%s: call %s connected", self.session_id, self.id)
        self._driver.note("call connected", kind="lifecycle")
        self._media.connected()
        self._faults.connected()
        if self._offer.channel is None:
            self._open_session()

    def _attach_late(self, channel: EventChannel) -> None:
        self._attach(channel)
        self._faults.let_client_pass()

    def _attach(self, channel: EventChannel) -> None:
        if self.state is not CallState.ENDED:
            self._driver.attach(channel)
            self._open_session()

    def _detach(self) -> None:
        if self.state is not CallState.ENDED and self._channel is not None:
            self._driver.detach(self._channel, why="the data channel closed")
            if not self._goes_on_without_channel:
                self._set_deadline(CHANNEL_GRACE, "the client closed its data channel")

    def _open_session(self) -> None:
        """Open the session with its data channel, so that `session.created` is the first message there."""
        self._is_open = True
        self._driver.start()

    def _set_deadline(self, seconds: float, why: str) -> None:
        self._clear_deadline()
        self._deadline = self._loop.call_later(seconds, self._end, why)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def _end(self, why: str) -> None:
        if not self._why.done():
            self._why.set_result(why)

    async def _live(self) -> None:
        session_closed: asyncio.Future[Any] = asyncio.create_task(self._driver.closed.wait())
        await asyncio.wait((session_closed, self._why), return_when=asyncio.FIRST_COMPLETED)
        session_closed.cancel()
        self._end("the session ended")
        self.state = TRANSITIONS[self.state]["end"]
        try:
            await self._release()
        finally:
            logger.info("%s: call %s ended: %s", self.session_id, self.id, self._why.result())
            self.ended.set()

    async def _release(self) -> None:
        self._clear_deadline()
        if self._opening is not None:
            self._opening.cancel()
        self._driver.note(f"call ended: {self._why.result()}", kind="lifecycle")
        self._driver.close()
        await self._media.close()
        if self._channel is not None and self._peer.connectionState == "connected":
            await self._channel.flush()
        try:
            async with asyncio.timeout(TEARDOWN_TIMEOUT):
                await self._peer.close()
        except TimeoutError:
            logger.warning("%s: call %s did not close in time", self.session_id, self.id)
        self._faults.close()
