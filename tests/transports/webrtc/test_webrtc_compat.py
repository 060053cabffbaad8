"""`--media compat`: calls with nothing of aiortc and aioice but what they document."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from realtime_mock.settings import Settings
from realtime_mock.transports.call_media import TrackMedia


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0, media="compat")


async def test_private_names_are_not_needed(caller: Any, mock: Any) -> None:
    """Everything that is replaced on an instance shows in its dictionary."""
    [call] = mock._calls._calls.values()
    assert isinstance(call._media, TrackMedia)
    peer = call._peer
    [transport] = {receiver.transport for receiver in peer.getReceivers()}
    replaced = [name for part in (peer.sctp, transport) for name in vars(part) if callable(vars(part)[name])]
    assert [name for name in replaced if not name.startswith("_RTC")] == []
    connection = transport.transport._connection
    assert [name for name, value in vars(connection).items() if callable(value)] == []


async def test_a_call_ends_without_a_trace(caller: Any, mock: Any) -> None:
    [call] = mock._calls._calls.values()
    assert await caller.hang_up() == 200
    async with asyncio.timeout(5):
        await call.ended.wait()
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert [name for name in names if name.startswith("call")] == []
