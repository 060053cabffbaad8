"""A server that is reached by URL: WebSockets and HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import aiohttp

from realtime_conformance.checks import Unreached
from realtime_conformance.targets.base import Answer, Ended, Message, Opening, Refused, Request, Silence

MODEL = "gpt-realtime"
LARGEST = 64 * 2**20
ANSWER_WITHIN = 30.0
"""Seconds that an HTTP request may take."""

CLOSE_WITHIN = 2.0
"""Seconds that a server has to answer the close of a WebSocket; one that hangs costs no more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is: `http` and `ws` are its URLs up to and with `/v1`."""

    http: str
    ws: str

    @classmethod
    def of(cls, url: str) -> Place:
        """From `http(s)://host:port`, the same with `/v1`, or `ws(s)://host:port/v1/realtime`.

        Raises:
            ValueError: it is none of these.
        """
        parts = urlsplit(url if "://" in url else f"//{url}")
        schemes = {"http": ("http", "ws"), "https": ("https", "wss"), "ws": ("http", "ws"), "wss": ("https", "wss")}
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"{url} is no URL of a server; give http://HOST:PORT, with or without /v1")
        path = parts.path.rstrip("/").removesuffix("/realtime") or "/v1"
        http, ws = schemes[parts.scheme]
        return cls(f"{http}://{parts.netloc}{path}", f"{ws}://{parts.netloc}{path}")


@dataclass(frozen=True, slots=True)
class WebSocketTarget:
    """A server by its URL, spoken to over WebSockets.

    `key` is sent as a bearer token; None sends none.
    """

    place: Place
    capabilities: frozenset[str]
    client: aiohttp.ClientSession
    key: str | None = "sk-conformance"
    model: str = MODEL

    @property
    def name(self) -> str:
        """Its URL."""
        return self.place.ws

    @asynccontextmanager
    async def connect(self, opening: Opening) -> AsyncIterator[WebSocketConnection]:
        """Open a WebSocket.

        Raises:
            Refused: the upgrade was answered with an HTTP error.
            Unreached: nothing listens there.
        """
        query = {"model": opening.model or self.model} if opening.query is None else opening.query
        url = f"{self.place.ws}/realtime" + (f"?{urlencode(query)}" if query else "")
        socket = await self._upgraded(url, opening)
        try:
            yield WebSocketConnection(socket)
        finally:
            await socket.close()

    async def _upgraded(self, url: str, opening: Opening) -> aiohttp.ClientWebSocketResponse:
        headers = {**self._authorization(opening.key), **opening.headers}
        try:
            return await self.client.ws_connect(
                url,
                headers=headers,
                protocols=opening.subprotocols,
                max_msg_size=LARGEST,
                compress=0,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(Answer(error.status, {}, error.message.encode())) from None
        except aiohttp.ClientError as error:
            raise Unreached(f"no connection to {url}: {error}") from None

    async def request(self, request: Request) -> Answer:
        """Send an HTTP request.

        Raises:
            Silence: no answer came.
        """
        headers = {**self._authorization(request.key), **request.headers}
        url = self.place.http + request.path
        try:
            async with (
                asyncio.timeout(ANSWER_WITHIN),
                self.client.request(request.method, url, data=request.body or None, headers=headers) as response,
            ):
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, lower, await response.read())
        except TimeoutError:
            raise Silence(f"no answer to {request.method} {request.path} came") from None
        except aiohttp.ClientError as error:
            raise Unreached(f"{request.method} {url} failed: {error}") from None

    def _authorization(self, key: str | None) -> Mapping[str, str]:
        sent = self.key if key is None else key
        return {"Authorization": f"Bearer {sent}"} if sent else {}


class WebSocketConnection:
    """One WebSocket."""

    has_microphone = False

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._clock = asyncio.get_running_loop().time

    def now(self) -> float:
        """Seconds of real time."""
        return self._clock()

    async def send(self, message: Message) -> None:
        """Send one frame.

        Raises:
            Ended: the connection is over.
        """
        try:
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_str(message)
        except ConnectionError:
            raise Ended(self._socket.close_code) from None

    async def receive(self, within: float) -> Message:
        """The next frame.

        Raises:
            Silence: none came.
            Ended: the connection is over.
        """
        try:
            frame = await self._socket.receive(within)
        except TimeoutError:
            raise Silence(f"nothing came within {within:g} s") from None
        if frame.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            data: Message = frame.data
            return data
        raise Ended(self._socket.close_code, str(frame.extra or ""))

    async def speak(self, pcm: bytes) -> None:  # noqa: ARG002 - there is nobody to hear it
        """There is no microphone on a WebSocket; audio goes as events."""
        raise TypeError("a WebSocket has no microphone")
