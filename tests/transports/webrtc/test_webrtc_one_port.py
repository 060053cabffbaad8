"""All calls of a server over one UDP port."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from realtime_mock.settings import Settings


@pytest.fixture
def settings() -> Settings:
    return Settings(port=0, rtc_hosts=("127.0.0.1",), rtc_port=0)


def candidate_ports(caller: Any) -> set[str]:
    return set(re.findall(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host", caller.answer))


async def test_two_calls_at_once_are_kept_apart(new_caller: Any, spoken: bytes) -> None:
    callers = [new_caller(), new_caller()]
    for caller in callers:
        caller.open_microphone()
        caller.open_channel()
        await caller.dial()
        await caller.until("session.created")
    first, second = callers
    assert candidate_ports(first) == candidate_ports(second)
    assert len(candidate_ports(first)) == 1
    ear = await first.ear()
    await first.microphone.say(spoken)
    await first.until("output_audio_buffer.started")
    await ear.until(lambda level: level > -45)
    assert second.events.empty()


async def test_a_call_that_ends_leaves_the_others_alone(new_caller: Any, mock: Any) -> None:
    callers = [new_caller(), new_caller()]
    for caller in callers:
        caller.open_microphone()
        caller.open_channel()
        await caller.dial()
        await caller.until("session.created")
    assert await callers[0].hang_up() == 200
    async with asyncio.timeout(5):
        await callers[0].closed.wait()
    callers[1].say_text("Hello")
    callers[1].send({"type": "response.create"})
    await callers[1].until("output_audio_buffer.stopped")
    [port] = mock._calls._ports._ports
    assert len(port._by_name) == 1


async def test_a_stopped_server_frees_the_port(settings: Settings) -> None:
    from realtime_mock.server import RealtimeMock

    async with RealtimeMock(settings) as mock:
        [(_, number)] = mock._calls._ports.addresses
    for _ in range(2):
        async with RealtimeMock(Settings(port=0, rtc_hosts=("127.0.0.1",), rtc_port=number)) as mock:
            assert mock._calls._ports.addresses == (("127.0.0.1", number),)
