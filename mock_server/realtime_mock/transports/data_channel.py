"""The event channel of a call: the data channel that the client opened, one event per text message."""

from __future__ import annotations

import asyncio
import logging

from aiortc import RTCDataChannel

from realtime_mock.api_error import ApiError
from realtime_mock.driver import SessionDriver
from realtime_mock.faults.connection_kinds import Break
from realtime_mock.transports.call_faults import CallFaults
from realtime_mock.wire import BINARY_FRAME, event_too_large

logger = logging.getLogger(__name__)

MAX_OUTBOX_BYTES = 64 * 2**20
"""A client that lets more than this pile up does not read: its channel is closed, and the call ends."""

FLUSH_TIMEOUT = 1.0
"""Seconds for queued events to arrive before a call is torn down."""


class EventChannel:
    """Carries a session's events over one data channel.

    Nothing in it raises into the WebRTC stack, where an exception would end the connection: what
    arrives is handed to the driver in the next turn of the event loop.

    Args:
        channel: the open data channel.
        driver: the session's driver.
        max_event_bytes: the largest event accepted.
        max_message_size: the largest message that the client accepts, in bytes; 0 is unlimited.
        faults: what every message passes on its way.
    """

    name = "data-channel"

    def __init__(
        self,
        channel: RTCDataChannel,
        driver: SessionDriver,
        *,
        max_event_bytes: int,
        max_message_size: int,
        faults: CallFaults,
    ) -> None:
        self._channel = channel
        self._driver = driver
        self._max_event_bytes = max_event_bytes
        self._max_message_size = max_message_size
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        channel.on("message", self._on_message)
        channel.on("close", self._closed.set)

    def send_text(self, text: str) -> None:
        """Queue one event. What the client could not take is not sent, and the client is told so."""
        self._faults.pass_message(text, "out", self._send)

    def close(self, code: int = 1000, reason: str = "") -> None:  # noqa: ARG002 - a data channel has no use for them
        """Close the data channel once everything queued has arrived, what a fault held back included."""
        self._faults.let_all_pass()
        self.close_now()

    def close_now(self) -> None:
        """Close the data channel once what has been sent has arrived; what a fault holds back never does."""
        if self._can_send:
            self._channel.close()

    def sever(self, how: Break, *, torn: str | None = None) -> None:  # noqa: ARG002 - no message is ever sent in part
        """Break the call that the channel belongs to."""
        self._faults.sever(how)

    async def flush(self) -> None:
        """Close, and wait until the client has everything, but not longer than `FLUSH_TIMEOUT`."""
        self.close()
        if self._channel.readyState == "closed":
            return
        try:
            async with asyncio.timeout(FLUSH_TIMEOUT):
                await self._closed.wait()
        except TimeoutError:
            logger.info("%s: the client did not take the last events in time", self._driver.session_id)

    async def wait_closed(self) -> None:
        """Return when the channel is closed, by whichever side."""
        await self._closed.wait()

    def receive_undecodable(self, data: bytes) -> None:
        """Take a text message that is no UTF-8."""
        self._loop.call_soon(self._faults.pass_message, data, "in", self._receive_bytes)

    @property
    def _can_send(self) -> bool:
        # A channel looks open after its connection is lost, and aiortc would raise in a task that nobody awaits.
        return self._channel.readyState == "open" and self._channel.transport.transport.state == "connected"

    def _send(self, text: str) -> None:
        if not self._can_send:
            return
        size = len(text.encode())
        if self._max_message_size and size > self._max_message_size:
            self._withhold(text, size)
        elif self._channel.bufferedAmount + size > MAX_OUTBOX_BYTES:
            self._give_up()
        else:
            self._channel.send(text)

    def _on_message(self, message: str | bytes) -> None:
        self._loop.call_soon(self._faults.pass_message, message, "in", self._receive)

    def _receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._driver.refuse(BINARY_FRAME, self, text=f"binary message of {len(message)} bytes")
            return
        size = len(message.encode())
        if size > self._max_event_bytes:
            self._driver.refuse(event_too_large(size, self._max_event_bytes), self, text=message)
        else:
            self._driver.receive_text(message, self)

    def _receive_bytes(self, data: bytes) -> None:
        self._driver.receive_text(data, self)

    def _withhold(self, text: str, size: int) -> None:
        error = message_too_large(text, size=size, limit=self._max_message_size)
        self._driver.note("not sent: larger than the client accepts", self, error=error)
        if '"type":"error"' not in text[:64]:
            self._loop.call_soon(self._driver.warn, error)

    def _give_up(self) -> None:
        why = f"closed: the client does not read, {self._channel.bufferedAmount} bytes are waiting"
        self._driver.note(why, self, kind="warning")
        logger.warning("%s: the client does not read; closing its data channel", self._driver.session_id)
        self._loop.call_soon(self._driver.close)


def message_too_large(text: str, *, size: int, limit: int) -> ApiError:
    """Our own words: the service splits nothing either, and what it says in this case was never captured."""
    return ApiError(
        f"An event of {size} bytes was not sent: the client accepts messages of at most {limit} bytes "
        f"(max-message-size of its SDP offer). The event began with {text[:120]}",
        code="event_too_large",
        type="server_error",
    )
