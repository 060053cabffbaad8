"""A mock over HTTP, on a clock that tests turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from realtime_mock.clock import LoopClock
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings


@dataclass
class Clock:
    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def mock(clock) -> AsyncIterator[RealtimeMock]:
    async with RealtimeMock(Settings(port=0), clock=LoopClock(clock)) as mock:
        yield mock


@pytest.fixture
async def http(mock) -> AsyncIterator[aiohttp.ClientSession]:
    """A client with a key and a deadline; paths are relative to the server."""
    async with aiohttp.ClientSession(
        mock.base_url.removesuffix("/v1"),
        headers={"Authorization": "Bearer sk-test"},
        timeout=aiohttp.ClientTimeout(total=10),
    ) as session:
        yield session
