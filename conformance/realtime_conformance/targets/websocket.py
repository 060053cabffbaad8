"""A server that is reached by URL: WebSockets and HTTP."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

import aiohttp

from realtime_conformance.checks import Unreached
from realtime_conformance.targets.base import (
    Answer,
    Call,
    Connection,
    Ended,
    Message,
    Opening,
    Refused,
    Request,
    Silence,
)

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

    @property
    def is_near(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.http).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")


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
    async def connect(self, opening: Opening) -> AsyncIterator[Connection]:
        """Open a WebSocket.

        Raises:
            Refused: the upgrade was answered with an HTTP error.
            Unreached: nothing listens there.
        """
        async with self._socket(opening) as connection:
            yield connection

    @asynccontextmanager
    async def call(self, opening: Opening) -> AsyncIterator[Call]:
        """Place a call.

        Raises:
            Refused: the offer was answered with anything but 201.
            Unreached: nothing listens there, or no connection came about.
        """
        # The WebRTC stack takes half a second to import, and most runs with a filter place no call.
        from realtime_conformance.targets.calling import placed  # noqa: PLC0415

        async with placed(self, opening, is_near=self.place.is_near) as call:
            yield call

    @asynccontextmanager
    async def attach(self, call_id: str, opening: Opening) -> AsyncIterator[Connection]:
        """Attach to a call.

        Raises:
            Refused: the upgrade was answered with an HTTP error.
            Unreached: nothing listens there.
        """
        async with self._socket(replace(opening, query={"call_id": call_id})) as connection:
            yield connection

    @asynccontextmanager
    async def _socket(self, opening: Opening) -> AsyncIterator[WebSocketConnection]:
        query = self._query(opening) if opening.query is None else opening.query
        url = f"{self.place.ws}/realtime" + (f"?{urlencode(query)}" if query else "")
        socket = await self._upgraded(url, opening)
        try:
            yield WebSocketConnection(socket)
        finally:
            await socket.close()

    def _query(self, opening: Opening) -> Mapping[str, str]:
        if (opening.session or {}).get("type") == "transcription":
            return {"intent": "transcription"}
        return {"model": opening.model or self.model}

    async def _upgraded(self, url: str, opening: Opening) -> aiohttp.ClientWebSocketResponse:
        headers = {**self._authorization(opening.key), **opening.headers}
        try:
            return await self.client.ws_connect(
                url,
                headers=headers,
                protocols=opening.subprotocols,
                max_msg_size=LARGEST,
                compress=0,
                autoping=False,
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
        self._waiting: deque[Message] = deque()

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server chose."""
        return self._socket.protocol

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
        until = self.now() + within
        try:
            while not self._waiting:
                await self._read(until)
        except TimeoutError:
            raise Silence(f"nothing came within {within:g} s") from None
        return self._waiting.popleft()

    async def ping(self, within: float) -> None:
        """Send a PING and wait for its PONG.

        Raises:
            Silence: none came.
            Ended: the connection is over.
        """
        until = self.now() + within
        await self._socket.ping(b"conformance")
        try:
            while await self._read(until) != b"conformance":
                pass
        except TimeoutError:
            raise Silence(f"no PONG came within {within:g} s") from None

    async def _read(self, until: float) -> bytes | None:
        """Take in one frame, or raise `TimeoutError`; what a PONG carries, None of any other frame."""
        # 0 would mean to wait for ever.
        frame = await self._socket.receive(max(until - self.now(), 0.001))
        match frame.type:
            case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                self._waiting.append(frame.data)
            case aiohttp.WSMsgType.PING:
                await self._socket.pong(frame.data)
            case aiohttp.WSMsgType.PONG:
                return bytes(frame.data)
            case _:
                raise Ended(self._socket.close_code, str(frame.extra or ""))
        return None

    async def speak(self, pcm: bytes) -> None:  # noqa: ARG002 - there is nobody to hear it
        """There is no microphone on a WebSocket; audio goes as events."""
        raise TypeError("a WebSocket has no microphone")
