"""The WebSocket transport: text frames to the driver, the driver's events to text frames."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from realtime_mock.api_error import ApiError
from realtime_mock.driver import SessionDriver
from realtime_mock.faults.connection_kinds import Break, HalfOpen
from realtime_mock.journal import Journal
from realtime_mock.transports import liveness
from realtime_mock.transports.outbox import Outbox, Socket
from realtime_mock.transports.severing import break_off, close_reason, ping_frame
from realtime_mock.wire import BINARY_FRAME, event_text, event_too_large

logger = logging.getLogger(__name__)

PING_INTERVAL = 20.26
"""Seconds between two PINGs, each with 4 bytes of payload (recorded)."""

MAX_FRAME_BYTES = 32 * 2**20
"""A longer message is not read: the connection closes with 1009. Shorter ones get an `error` event."""

MAX_OUTBOX_CHARACTERS = 64 * 2**20
MAX_OUTBOX_EVENTS = 20_000
"""A client that lets more than this pile up does not read: it is cut off."""

CLOSE_TIMEOUT = 2.0
"""Seconds for what is queued to leave and for the client to answer a close frame."""

_SUBPROTOCOL = "realtime"
_NOT_ON_A_SIDEBAND = frozenset({"session.created", "response.output_audio.delta"})
"""A sideband gets every event but these (recorded)."""


def _nothing() -> None:
    """What is done where nothing is to be done."""


def max_event_bytes(max_payload_bytes: int) -> int:
    """The longest text frame accepted, from the largest event accepted.

    Audio rides in base64 here, a third longer than it is: "up to a maximum of 15 MiB" of audio per append
    (API reference) makes a frame of 20 MiB and a little.
    """
    return min(max_payload_bytes * 4 // 3, MAX_FRAME_BYTES)


def new_socket() -> Socket:
    """The answer to an upgrade, not yet sent. It chooses the subprotocol `realtime` where that is offered.

    Chromium and Node fail a connection whose offered protocols are all passed over.
    """
    # Where nothing offered is chosen, aiohttp logs the list, and the list holds the key. (A second addFilter
    # of the same function changes nothing.)
    logging.getLogger("aiohttp.websocket").addFilter(_holds_no_key)
    return web.WebSocketResponse(
        timeout=CLOSE_TIMEOUT,
        protocols=(_SUBPROTOCOL,),
        compress=False,
        max_msg_size=MAX_FRAME_BYTES,
        decode_text=False,
    )


def offered_protocols(request: web.Request) -> tuple[str, ...]:
    """The subprotocols that the client offers, in its order."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    return tuple(protocol.strip() for protocol in offered.split(",") if protocol.strip())


# Both give the coroutine of the channel itself: one less for each client that is connected.


def serve(
    socket: Socket, request: web.Request, driver: SessionDriver, *, max_event_bytes: int
) -> Coroutine[Any, Any, None]:
    """Run a session over an upgraded socket until either side ends it; the session ends with it."""
    channel = WebSocketChannel(socket, request, driver, max_event_bytes=max_event_bytes)
    return channel.run(first=driver.start, at_last=driver.close)


def serve_sideband(
    socket: Socket, request: web.Request, driver: SessionDriver, *, max_event_bytes: int
) -> Coroutine[Any, Any, None]:
    """Attach an upgraded socket to the session of a call, until either side ends it; the call goes on without it."""
    channel = WebSocketChannel(socket, request, driver, max_event_bytes=max_event_bytes, name="sideband")
    return channel.run(without=_NOT_ON_A_SIDEBAND)


async def complain(socket: Socket, error: ApiError, journal: Journal, *, event_id: str, lane: str = "") -> None:
    """Send the one `error` event of a connection that is refused.

    It comes "always after a 101" (observed on every refused connection).
    """
    event = {"type": "error", "event_id": event_id, "error": {**error.as_json(), "event_id": None}}
    text = event_text(event)
    journal.record(text, channel="websocket", direction="out", kind="event", lane=lane)
    await socket.send_str(text)


class WebSocketChannel:
    """One client's socket: a bounded outbox, a reader, and a watch over its liveness; no task belongs to it alone."""

    def __init__(
        self,
        socket: Socket,
        request: web.Request,
        driver: SessionDriver,
        *,
        max_event_bytes: int,
        name: str = "websocket",
    ) -> None:
        self.name = name
        self._socket = socket
        self._transport = request.transport
        self._driver = driver
        self._max_event_bytes = max_event_bytes
        self._outbox = Outbox(socket, request.transport, on_lost=self._lose)
        self._loop = asyncio.get_running_loop()
        self._closing: tuple[int, str] | None = None
        self._breaking: tuple[Break, str | None] | None = None
        self._abort: asyncio.TimerHandle | None = None
        self._look_again: asyncio.TimerHandle | None = None
        self._next_ping = self._loop.time() + PING_INTERVAL
        self._pings = 0
        self._lost: str | None = None

    def send_text(self, text: str) -> None:
        """Queue one event. A client whose outbox is full is cut off."""
        if self._closing is not None or self._breaking is not None or self._lost is not None:
            return
        outbox = self._outbox
        if outbox.put(text):
            return
        if len(outbox) > MAX_OUTBOX_EVENTS or outbox.characters > MAX_OUTBOX_CHARACTERS:
            self._cut(f"the client does not read: {len(outbox)} events were waiting to be sent")

    def close(self, code: int, reason: str) -> None:
        """Close the socket when the outbox is empty, or after `CLOSE_TIMEOUT` seconds in any case."""
        if self._closing is not None:
            return
        self._closing = (code, reason)
        if self._is_half_open:
            self._abort_transport()
        else:
            self._abort_soon()
        if self._breaking is None:
            self._outbox.finish(self._end)

    def sever(self, how: Break, *, torn: str | None = None) -> None:
        """Let a fault break the connection when the outbox is empty."""
        if self._closing is None and self._breaking is None:
            self._breaking = (how, torn)
            if not self._is_half_open:
                self._abort_soon()
            self._outbox.finish(self._end)

    async def run(
        self,
        *,
        first: Callable[[], None] = _nothing,
        at_last: Callable[[], None] = _nothing,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Attach to the driver, carry messages until the socket is closed, and detach; events `without` are not sent.

        `first` is done as soon as the channel is attached, `at_last` in any case when all is over.
        """
        try:
            self._driver.attach(self, without=without)
            first()
            # Behind what the client waits for.
            if self._transport is not None:
                liveness.probe_when_idle(self._transport)
            self._look_later()
            async for message in self._socket:
                self._take(message.type, message.data)
            self._look_no_more()
            if self._closing is not None or self._breaking is not None:
                await self._outbox.ended()
        finally:
            self._look_no_more()
            await self._outbox.stop()
            self._driver.detach(self, why=self._why_it_ended())
            if self._abort is not None:
                self._abort.cancel()
            at_last()

    def _take(self, kind: WSMsgType, data: Any) -> None:
        match kind:
            case WSMsgType.TEXT:
                self._receive(data)
            case WSMsgType.BINARY:
                self._driver.refuse(BINARY_FRAME, self, text=f"binary frame of {len(data)} bytes")
            case WSMsgType.ERROR:
                self._fail(data)

    @property
    def _is_half_open(self) -> bool:
        return self._breaking is not None and isinstance(self._breaking[0], HalfOpen)

    def _receive(self, data: bytes) -> None:
        if self._is_half_open:
            return
        if len(data) > self._max_event_bytes:
            self._driver.refuse(event_too_large(len(data), self._max_event_bytes), self, text=data)
        else:
            self._driver.receive_text(data, self)

    def _fail(self, error: BaseException) -> None:
        self._lose(f"the connection failed: {error}")
        # A frame that breaks RFC 6455 or is beyond reading: aiohttp has closed the socket with the fitting code.
        if isinstance(error, WebSocketError):
            fault = ApiError(f"Invalid WebSocket frame: {error}", code="invalid_event")
            self._driver.refuse(fault, self, text="frame that was not read")

    async def _end(self) -> None:
        """What ends the connection once everything has left."""
        if self._breaking is not None:
            how, torn = self._breaking
            await break_off(self._socket, self._transport, how, torn=torn)
        elif self._closing is not None:
            code, reason = self._closing
            await self._socket.close(code=code, message=close_reason(reason))

    def _look_later(self) -> None:
        self._look_again = self._loop.call_later(liveness.POLL_INTERVAL, self._look)

    def _look_no_more(self) -> None:
        if self._look_again is not None:
            self._look_again.cancel()
        self._look_again = None

    def _look(self) -> None:
        """See whether the client is there, once a second, and send it a PING when it is time."""
        self._look_later()
        if self._transport is not None and liveness.has_vanished(self._transport):
            self._cut(f"the client vanished: nothing was acknowledged for {liveness.VANISHED_AFTER} s")
        if self._is_half_open:
            self._end_half_open()
        elif self._loop.time() >= self._next_ping and not self._socket.closed:
            self._next_ping += PING_INTERVAL
            self._ping()

    def _end_half_open(self) -> None:
        """Nothing is read, so the kernel is asked whether the client has gone."""
        if self._transport is None or liveness.has_hung_up(self._transport):
            self._abort_transport()

    def _ping(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(ping_frame(struct.pack(">I", self._pings)))
        self._pings += 1

    def _cut(self, why: str) -> None:
        self._lose(why)
        logger.warning("%s: %s", self._driver.session_id, why)
        self._outbox.clear()
        self._abort_transport()

    def _lose(self, why: str) -> None:
        if self._lost is None:
            self._lost = why

    def _abort_soon(self) -> None:
        self._abort = self._loop.call_later(CLOSE_TIMEOUT, self._abort_transport)

    def _abort_transport(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _why_it_ended(self) -> str:
        if self._lost is not None:
            return self._lost
        if self._breaking is not None:
            return f"broken by the fault '{self._breaking[0].word}'"
        if self._closing is not None:
            return ""
        code = self._socket.close_code
        if code in (None, WSCloseCode.ABNORMAL_CLOSURE):
            return "the connection broke"
        # A close frame may hold no code; aiohttp then gives 0.
        return f"the client closed: {code}" if code else "the client closed"


def _holds_no_key(record: logging.LogRecord) -> bool:
    return "protocols" not in str(record.msg)
