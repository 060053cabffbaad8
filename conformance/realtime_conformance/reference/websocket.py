"""The reference client's WebSocket."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from realtime_conformance.reference.wire import Closed, Event, Refused

LARGEST = 32 * 2**20
"""Bytes of one event that are taken. Many libraries have a limit of 1 MiB, which is too little for this API."""


class WebSocketWire:
    """A WebSocket at `url`, which has no query yet."""

    carries_audio = False
    seconds_heard = 0.0
    heartbeat: float | None = 4.0
    """Seconds between pings: how a connection is noticed on which nothing travels any more."""

    def __init__(self, url: str, *, key: str, model: str) -> None:
        self._url = f"{url}?model={model}"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def open(self) -> None:
        """Send the upgrade."""
        try:
            self._socket = await self._client.ws_connect(
                self._url, headers=self._headers, max_msg_size=LARGEST, heartbeat=self.heartbeat, compress=0
            )
        except aiohttp.WSServerHandshakeError as error:
            after = error.headers.get("Retry-After") if error.headers else None
            raise Refused(error.message, status=error.status, retry_after=float(after) if after else None) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Closed(f"no connection: {error}") from None

    async def send(self, event: Event) -> None:
        """Send one text frame."""
        try:
            await self._connected.send_str(json.dumps(event))
        except (ConnectionError, RuntimeError) as error:
            raise Closed(str(error), code=self._connected.close_code) from None

    async def receive(self) -> Event:
        """The next text frame; any other is passed over."""
        while True:
            frame = await self._connected.receive()
            if frame.type is aiohttp.WSMsgType.TEXT:
                event: Any = json.loads(frame.data)
                if isinstance(event, dict):
                    return event
            elif frame.type is not aiohttp.WSMsgType.BINARY:
                raise Closed(str(frame.extra or "the connection is over"), code=self._connected.close_code)

    async def speak(self, pcm: bytes) -> None:  # noqa: ARG002 - here audio goes as events
        """There is no microphone beside the events."""
        raise TypeError("on a WebSocket audio goes as events")

    async def close(self) -> None:
        """Send a close frame."""
        if self._socket is not None:
            await self._socket.close()
        await self._client.close()

    @property
    def _connected(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is None:
            raise Closed("it was never opened")
        return self._socket
