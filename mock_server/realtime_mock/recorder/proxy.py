"""The recording proxy: requests and WebSockets to an upstream, and a recording of all of them."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from realtime_mock import __version__
from realtime_mock.recorder.exchange import exchange
from realtime_mock.recorder.relay import MAX_MESSAGE_BYTES, Relay
from realtime_mock.recorder.tape import Tape
from realtime_mock.recorder.upstream import Upstream, passed_on, why_not
from realtime_mock.recording.writing import AudioPlace, RecordingWriter

Tell = Callable[[str], None]

CONNECT_TIMEOUT = 30.0
"""Seconds for the upstream to take a connection."""

CLOSE_TIMEOUT = 5.0
"""Seconds for either side to answer a close frame."""

_SHUTDOWN_TIMEOUT = 3.0
_MAX_HEADER_BYTES = 64 * 1024
_REFUSED: ContextVar[bytes] = ContextVar("refused", default=b"")
"""The body with which the upstream refused a WebSocket; aiohttp's error does not hold it."""


class RecordingProxy:
    """A proxy, as an async context manager.

    Args:
        upstream: where everything goes.
        folder: where the recording goes; it is made where it is not there.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        audio: where audio stands: in `files`, `inline` in the lines, or nowhere (`none`).
        tell: gets one line for each connection, exchange and failure.

    Raises:
        OSError: On entering: the port is taken, or the folder cannot be written.
    """

    def __init__(
        self,
        upstream: Upstream,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        audio: AudioPlace = "files",
        tell: Tell = lambda _line: None,
    ) -> None:
        self.upstream = upstream
        self._folder = folder
        self._host = host
        self._port = port
        self._audio = audio
        self._tell = tell
        self._numbers = itertools.count(1)
        self._relays: set[Relay] = set()

    @property
    def origin(self) -> str:
        """Where clients find the proxy: scheme, host and port."""
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"

    @property
    def path(self) -> Path:
        """The file of the recording."""
        return self._tape.writer.path

    @property
    def has_failed(self) -> bool:
        """Whether the recording ended early, because it could not be written."""
        return self._tape.has_failed

    async def __aenter__(self) -> Self:
        writer = RecordingWriter(
            self._folder,
            upstream=self.upstream.shown,
            tool=f"realtime-mock {__version__}",
            started=time.time(),
            audio=self._audio,
        )
        self._tape = Tape(writer, failed=self._stop_recording)
        self._http = _client(self.upstream)
        self._runner = web.AppRunner(
            self._app(),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_TIMEOUT,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._close()
            writer.path.unlink()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._http.close()
        await self._tape.close()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_MESSAGE_BYTES)
        app.on_shutdown.append(self._stop_relays)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _stop_relays(self, _app: web.Application) -> None:
        for relay in tuple(self._relays):
            await relay.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._relay(request)
        return await self._forward(request)

    async def _relay(self, request: web.Request) -> web.StreamResponse:
        """Connect to the upstream first: a refusal of its own is the client's answer."""
        try:
            server = await self._connect(request)
        except aiohttp.WSServerHandshakeError as error:
            return await self._refused(request, error)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return await self._unreachable(request, error)
        session = str(next(self._numbers))
        await self._tape.note("open", self._opening(request, server.protocol), session=session)
        self._tell(f"{session}: connected to {self.upstream.shown}{request.path}")
        return await self._run(session, request, server)

    async def _run(self, session: str, request: web.Request, server: Any) -> web.StreamResponse:
        client: Any = web.WebSocketResponse(
            timeout=CLOSE_TIMEOUT,
            autoclose=False,
            autoping=False,
            protocols=(server.protocol,) if server.protocol else (),
            compress=False,
            max_msg_size=MAX_MESSAGE_BYTES,
            decode_text=False,
        )
        async with server:
            await client.prepare(request)
            relay = Relay(client, request.transport, server, self._tape, session)
            self._relays.add(relay)
            try:
                await relay.run()
            finally:
                self._relays.discard(relay)
                sent, received = relay.counts["sent"], relay.counts["received"]
                self._tell(f"{session}: {relay.ending}; {sent} sent, {received} received")
        return client  # type: ignore[no-any-return]

    async def _connect(self, request: web.Request) -> Any:
        offered = request.headers.getall("Sec-WebSocket-Protocol", [])
        protocols = [protocol.strip() for value in offered for protocol in value.split(",") if protocol.strip()]
        own = frozenset(name.lower() for name in request.headers if name.lower().startswith("sec-websocket-"))
        return await self._http.ws_connect(
            self.upstream.target(request.raw_path),
            headers=passed_on(request.headers, besides=own),
            protocols=protocols,
            autoclose=False,
            autoping=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT),
            max_msg_size=MAX_MESSAGE_BYTES,
            decode_text=False,
        )

    def _opening(self, request: web.Request, chosen: str | None) -> dict[str, Any]:
        scrubber = self._tape.writer.scrubber
        return {
            "path": scrubber.address(request.raw_path),
            "headers": scrubber.headers(request.headers.items()),
            "subprotocol": chosen,
        }

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        began = time.monotonic()
        # Without compression the recording can be read, and the answer passed on as it is.
        headers = [*passed_on(request.headers, besides=frozenset({"accept-encoding"})), ("Accept-Encoding", "identity")]
        try:
            async with self._http.request(
                request.method,
                self.upstream.target(request.raw_path),
                headers=headers,
                data=body or None,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return await self._unreachable(request, error)
        await self._note_exchange(request, body, (answer.status, answer.headers.items(), content), began)
        return web.Response(status=answer.status, headers=passed_on(answer.headers), body=content)

    async def _refused(self, request: web.Request, error: aiohttp.WSServerHandshakeError) -> web.Response:
        body = _REFUSED.get()
        headers = passed_on(error.headers or {})
        await self._note_exchange(request, b"", (error.status, headers, body), time.monotonic())
        self._tell(f"the upstream refused a WebSocket: {error.status} {body[:300].decode(errors='replace')}".rstrip())
        return web.Response(status=error.status, headers=headers, body=body)

    async def _unreachable(self, request: web.Request, error: BaseException) -> web.Response:
        """502, in the shape of the API's errors."""
        message = f"realtime-mock record cannot reach {self.upstream.shown}: {why_not(error)}"
        self._tell(message)
        body = {"error": {"message": message, "type": "upstream_error", "code": "upstream_unreachable", "param": None}}
        answer = web.json_response(body, status=502)
        content = answer.body if isinstance(answer.body, bytes) else b""
        await self._note_exchange(request, b"", (502, answer.headers.items(), content), time.monotonic())
        return answer

    async def _note_exchange(
        self, request: web.Request, body: bytes, response: tuple[int, Any, bytes], began: float
    ) -> None:
        took = time.monotonic() - began
        given = (request.method, request.raw_path, list(request.headers.items()), body)
        status, headers, content = response
        noted = exchange(
            self._tape.writer.scrubber, request=given, response=(status, list(headers), content), took=took
        )
        await self._tape.note("http", noted)
        if status != 502:
            self._tell(f"{request.method} {request.path} {status}")

    def _stop_recording(self, error: OSError) -> None:
        self._tell(f"the recording ends here: {self.path} cannot be written: {error.strerror or error}")


def _client(upstream: Upstream) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_keep_refusal)
    # Where nothing that is offered was chosen, aiohttp logs the list, and the list holds the key.
    logging.getLogger("aiohttp.websocket").addFilter(_holds_no_key)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=upstream.tls if upstream.tls is not None else True, limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[trace],
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        max_line_size=_MAX_HEADER_BYTES,
        max_field_size=_MAX_HEADER_BYTES,
    )


async def _keep_refusal(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
) -> None:
    if "Sec-WebSocket-Key" in ended.headers and ended.response.status != 101:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _REFUSED.set(await ended.response.read())


def _holds_no_key(record: logging.LogRecord) -> bool:
    return "protocols" not in str(record.msg)
