"""A call to a server, placed by a client on aiortc: an offer over HTTP, a data channel, a microphone and ears."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import av
from aiortc import (
    MediaStreamError,
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

from realtime_conformance.checks import Unreached
from realtime_conformance.forms import Line, post_offer
from realtime_conformance.targets.base import Answer, Ended, Message, Opening, Refused, Silence, Sound
from realtime_conformance.targets.microphone import Microphone
from realtime_mock.audio.pcm import dbfs
from realtime_mock.transports.peer import listen_on, own_hosts

CREATED = 201
CONNECTS_WITHIN = 20.0
"""Seconds from the answer to an open data channel."""

HANGS_UP_WITHIN = 5.0
LARGEST_MESSAGE = 1_073_741_823
"""Bytes of the largest message that our offer says we take, as Firefox does and the service; aiortc would say 262,144.

An item that is retrieved with some seconds of audio is over what Chromium takes.
"""


@asynccontextmanager
async def placed(line: Line, opening: Opening, *, is_near: bool) -> AsyncIterator[AiortcCall]:
    """A call that hangs up in the end; where it has a data channel, that is open.

    `is_near` is a server on this machine, which may have no other interface than loopback.

    Raises:
        Refused: the offer was answered with anything but 201.
        Unreached: nothing listens there, or no connection came about.
    """
    # No ICE servers: nothing is asked of the network.
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    call = AiortcCall(peer, opening.channel)
    try:
        if is_near:
            listen_on(peer, own_hosts())
        await peer.setLocalDescription(await peer.createOffer())
        call.offer = _with_largest_message(peer.localDescription.sdp)
        call.answer = await _answer(line, opening, call.offer)
        await call.connect(call.answer.text)
        yield call
    finally:
        await call.hang_up()


async def _answer(line: Line, opening: Opening, offer: str) -> Answer:
    answer = await post_offer(line, offer, opening)
    if answer.status != CREATED:
        raise Refused(answer)
    return answer


class AiortcCall:
    """One call. Events go by its data channel, what the user says and hears by its audio."""

    has_microphone = True
    subprotocol: str | None = None

    def __init__(self, peer: RTCPeerConnection, label: str | None) -> None:
        self.offer = ""
        self.answer = Answer(0, {}, b"")
        self._peer = peer
        self._clock = asyncio.get_running_loop().time
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._connected = asyncio.Event()
        self._opened = asyncio.Event()
        self._heard: list[Sound] = []
        self._ears: list[asyncio.Task[None]] = []
        self._microphone = Microphone()
        # The track goes first: aiortc as a client never connects with the data channel before it.
        peer.addTrack(self._microphone)
        self._channel = None if label is None else self._open_channel(label)
        peer.on("track", lambda track: self._ears.append(asyncio.create_task(self._hear(track))))
        peer.on("connectionstatechange", self._on_state)

    @property
    def heard(self) -> Sequence[Sound]:
        """What the user has heard so far."""
        return self._heard

    def now(self) -> float:
        """Seconds of real time."""
        return self._clock()

    async def connect(self, answer: str) -> None:
        """Take the answer, and wait until the call is there.

        Raises:
            Unreached: the answer cannot be used, or no connection came about.
        """
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except (ValueError, KeyError, IndexError, AttributeError, AssertionError) as error:
            # aiortc raises whatever its parser trips over.
            raise Unreached(f"the SDP answer cannot be used: {error!r}") from None
        ready = self._connected if self._channel is None else self._opened
        try:
            async with asyncio.timeout(CONNECTS_WITHIN):
                await ready.wait()
        except TimeoutError:
            what = "the call did not connect" if self._channel is None else "the data channel did not open"
            raise Unreached(f"{what} within {CONNECTS_WITHIN:g} s: {self._peer.connectionState}") from None

    async def send(self, message: Message) -> None:
        """Send one message over the data channel.

        Raises:
            Ended: the call or its channel is over.
            Unreached: the message is larger than the server takes.
        """
        if self._channel is None or self._channel.readyState != "open" or self._peer.connectionState != "connected":
            raise Ended
        try:
            self._channel.send(message)
        except ValueError as error:
            # It is larger than the server's answer allows.
            raise Unreached(str(error)) from None

    async def receive(self, within: float) -> Message:
        """The next message of the data channel.

        Raises:
            Silence: none came.
            Ended: the call or its channel is over.
        """
        try:
            async with asyncio.timeout(within):
                message = await self._inbox.get()
        except TimeoutError:
            raise Silence(f"nothing came within {within:g} s") from None
        if message is None:
            self._inbox.put_nowait(None)
            raise Ended
        return message

    async def ping(self, within: float) -> None:  # noqa: ARG002 - there are no PINGs here
        """There are no PINGs here.

        Raises:
            Silence: always.
        """
        raise Silence("no PING can be sent here")

    async def speak(self, pcm: bytes) -> None:
        """Say something; returns when the last of it has left."""
        await self._microphone.say(pcm)

    async def wait(self, seconds: float) -> None:
        """Listen for so long."""
        await asyncio.sleep(seconds)

    async def hang_up(self) -> None:
        """End the call and everything that listens to it."""
        for ear in self._ears:
            ear.cancel()
        self._microphone.stop()
        try:
            async with asyncio.timeout(HANGS_UP_WITHIN):
                await self._peer.close()
        except TimeoutError:
            """The other side is gone, and the rest of it goes with this client's loop."""

    def _open_channel(self, label: str) -> RTCDataChannel:
        channel = self._peer.createDataChannel(label)
        channel.on("open", self._opened.set)
        channel.on("message", self._inbox.put_nowait)
        channel.on("close", lambda: self._inbox.put_nowait(None))
        return channel

    def _on_state(self) -> None:
        if self._peer.connectionState == "connected":
            self._connected.set()
        elif self._peer.connectionState in ("closed", "failed"):
            self._inbox.put_nowait(None)

    async def _hear(self, track: MediaStreamTrack) -> None:
        # What arrives is always taken: aiortc keeps what nobody takes.
        if track.kind != "audio":
            return
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if isinstance(frame, av.AudioFrame):
                level = dbfs(frame.to_ndarray().tobytes())
                self._heard.append(Sound(self.now(), frame.samples / frame.sample_rate, level))


def _with_largest_message(offer: str) -> str:
    return re.sub(r"(?m)^a=max-message-size:[0-9]+", f"a=max-message-size:{LARGEST_MESSAGE}", offer)
