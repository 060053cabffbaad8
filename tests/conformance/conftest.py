"""A mock on loopback, and its targets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from realtime_conformance.capabilities import without
from realtime_conformance.targets.webrtc import WebRtcTarget
from realtime_conformance.targets.websocket import Place, WebSocketTarget
from realtime_mock.server import RealtimeMock, serve_in_thread
from realtime_mock.settings import Settings


@pytest.fixture
def mock() -> Iterator[RealtimeMock]:
    # In a thread, so that neither side's work keeps the other from its sockets.
    with serve_in_thread(Settings(port=0)) as mock:
        yield mock


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.fixture
def websocket(mock: RealtimeMock, http: aiohttp.ClientSession) -> WebSocketTarget:
    return WebSocketTarget(Place.of(mock.base_url), without(()), http)


@pytest.fixture
def webrtc(mock: RealtimeMock, http: aiohttp.ClientSession) -> WebRtcTarget:
    return WebRtcTarget(Place.of(mock.base_url), without(()), http)
