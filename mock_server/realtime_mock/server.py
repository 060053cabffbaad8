"""The mock as one object: start it, use its URL, read its journal, stop it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from realtime_mock.clock import Clock, LoopClock
from realtime_mock.core.speech import Voice
from realtime_mock.driver import SessionDriver
from realtime_mock.faults.model import Fault
from realtime_mock.faults.reading import as_faults
from realtime_mock.journal import Journal
from realtime_mock.journal.disk import JournalDisk
from realtime_mock.media.detectors import detector_named
from realtime_mock.media.voice import default_voice
from realtime_mock.registry import SchemaRegistry
from realtime_mock.rest.app import Endpoints, new_app
from realtime_mock.rest.auth import Authenticator
from realtime_mock.rest.beta import BetaApi
from realtime_mock.rest.call_actions import CallActions
from realtime_mock.rest.calls import RealtimeCalls
from realtime_mock.rest.faults import FaultyRequests
from realtime_mock.rest.secret_store import SecretStore
from realtime_mock.rest.sip import SipControl
from realtime_mock.rest.webhooks import Webhooks
from realtime_mock.scenario.model import Scenario
from realtime_mock.sessions import SessionFactory
from realtime_mock.settings import Settings
from realtime_mock.tls import server_context
from realtime_mock.transports.sip import SipCalls
from realtime_mock.transports.webrtc import Calls

_SHUTDOWN_TIMEOUT = 3.0
"""Seconds for requests and sockets to end when the mock stops."""

_MAX_HEADER_BYTES = 64 * 1024
"""Longest request line and header field accepted."""

_START_TIMEOUT = 60.0

_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - whoever asks for all gets all
"""An address that clients can connect to, for those that only a server can listen on."""


class PortTaken(OSError):
    """Something else listens on the port; `str()` says which and what to do."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(errno.EADDRINUSE, f"port {port} on {host} is taken; choose another, or 0 for a free one")


class RealtimeMock:
    """A mock server, as an async context manager.

    Args:
        settings: host, port and everything else; port 0 takes a free one.
        scenario: what the assistant says; None leaves it to the default assistant.
        voice: speaks for the assistant; None takes the best one installed.
        clock: the time that sessions and keys live in; real time by default.
        faults: what goes wrong in the default lane from the start.

    Raises:
        DetectorUnavailable: `settings.detector` is unknown, or its package is not installed.
        WebhookSecretInvalid: `settings.webhook_secret` says that it is base64 and is not.
        TlsUnusable: `settings.tls` names files that no server can listen with.

    Example:
        async with RealtimeMock(Settings(port=0)) as mock:
            client = AsyncOpenAI(base_url=mock.base_url, api_key="sk-mock")
    """

    def __init__(
        self,
        settings: Settings | None = None,
        scenario: Scenario | None = None,
        *,
        voice: Voice | None = None,
        clock: Clock | None = None,
        faults: Iterable[Fault | Mapping[str, Any] | str] = (),
    ) -> None:
        self.settings = settings or Settings()
        self.clock = LoopClock() if clock is None else clock
        self.journal = Journal(
            max_entries=self.settings.journal_entries, clock=self.clock.now, monotonic=self.clock.time
        )
        self._tls = server_context(self.settings.tls) if self.settings.tls is not None else None
        registry = SchemaRegistry.bundled()
        self.factory = SessionFactory(
            self.settings,
            registry=registry,
            voice=voice or default_voice(),
            journal=self.journal,
            scenario=scenario,
            clock=self.clock,
            new_detector=detector_named(self.settings.detector),
        )
        secrets = SecretStore(self.clock.now)
        authenticator = Authenticator(secrets, self.settings)
        self.factory.lanes.default.faults.set.add(as_faults(faults))
        self._calls = Calls(self.factory, self.settings)
        self._sip = SipCalls(self.factory)
        self._faults = FaultyRequests(self.factory)
        self._runner = web.AppRunner(
            new_app(
                self.factory,
                self._endpoints(secrets, authenticator),
                settings=self.settings,
                secrets=secrets,
                authenticator=authenticator,
            ),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_TIMEOUT,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )
        self._port: int | None = None
        self._disk: JournalDisk | None = None

    @property
    def base_url(self) -> str:
        """What the OpenAI SDKs take as `base_url`: "http://127.0.0.1:PORT/v1", or "https:" with TLS."""
        if self._port is None:
            raise RuntimeError("the mock has not been started")
        host = _REACHED_AT.get(self.settings.host, self.settings.host)
        scheme = "http" if self.settings.tls is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self._port}/v1"

    @property
    def sessions(self) -> tuple[SessionDriver, ...]:
        """The sessions that live, oldest first."""
        return self.factory.live

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            PortTaken: something else listens there.
            JournalUnwritable: `settings.journal_dir` cannot be written to.
            OSError: the host is none of this machine's, or the port is not for this user.
        """
        if self.settings.journal_dir is not None:
            self._disk = JournalDisk(self.settings.journal_dir, self.journal, started_at=self.clock.now())
            self.factory.audio.folder = self._disk.audio_folder
        self.factory.ears.prepare(self.factory.scenario)
        await self._runner.setup()
        try:
            await self._listen()
            await self._calls.open()
        except BaseException:
            await self._runner.cleanup()
            self._close_disk()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up every call, close every socket, stop listening."""
        for site in tuple(self._runner.sites):
            await site.stop()
        self._faults.release()
        self._sip.close()
        await self._calls.close()
        for driver in self.factory.live:
            driver.close(code=1001, reason="the server stops")
        await self._runner.cleanup()
        self.factory.ears.close()
        self._close_disk()

    def _close_disk(self) -> None:
        if self._disk is not None:
            self._disk.close()

    def _endpoints(self, secrets: SecretStore, authenticator: Authenticator) -> Endpoints:
        factory, settings = self.factory, self.settings
        webhooks = Webhooks(settings.webhook_url, secret=settings.webhook_secret)
        return Endpoints(
            calls=RealtimeCalls(self._calls, authenticator, factory.registry),
            actions=CallActions(factory, calls=self._calls, sip=self._sip, authenticator=authenticator),
            sip=SipControl(factory, calls=self._sip, webhooks=webhooks),
            beta=BetaApi(factory, calls=self._calls, secrets=secrets, authenticator=authenticator, settings=settings),
            faults=self._faults,
            disk=lambda: self._disk,
        )

    async def _listen(self) -> None:
        host, port = self.settings.host, self.settings.port
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=self._tls).start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(host, port) from None
            raise
        self._port = self._runner.addresses[0][1]


@contextlib.contextmanager
def serve_in_thread(
    settings: Settings | None = None, scenario: Scenario | None = None, *, clock: Clock | None = None
) -> Iterator[RealtimeMock]:
    """Run a mock in a thread of its own, for synchronous tests; by default on a free port.

    The journal may be read from any thread; everything else of the mock belongs to its own.

    Raises:
        PortTaken: something else listens on the port.
    """
    mock = RealtimeMock(settings or Settings(port=0), scenario, clock=clock)
    server = _Server(mock)
    server.start()
    try:
        yield mock
    finally:
        server.stop()


class _Server:
    """The thread, and how it is told to end."""

    def __init__(self, mock: RealtimeMock) -> None:
        self._mock = mock
        self._thread = threading.Thread(target=self._run, name="realtime-mock", daemon=True)
        self._started = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()
        if not self._started.wait(_START_TIMEOUT):
            raise TimeoutError(f"the mock did not start within {_START_TIMEOUT:.0f} s")
        if self._error is not None:
            self._thread.join()
            raise self._error

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._error = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._mock:
            self._started.set()
            await self._stop.wait()
