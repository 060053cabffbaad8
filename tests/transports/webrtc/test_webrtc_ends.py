"""How calls end, how soon that is noticed, and that nothing of them remains."""

import asyncio
import gc
import os
import re
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from aiortc import RTCPeerConnection

from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

KEY = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}

VANISHING_CALLER = """
import asyncio, sys, urllib.request, webrtc

async def main():
    pc = webrtc.RTCPeerConnection()
    pc.add_track(webrtc.MediaStreamTrackGenerator("audio"))
    channel = pc.create_data_channel("oai-events")
    created = asyncio.Event()
    channel.on("message", lambda event: created.set())
    offer = await pc.create_offer()
    await pc.set_local_description(offer)
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}
    request = urllib.request.Request(sys.argv[1], offer.sdp.encode(), headers)
    answer = (await asyncio.to_thread(urllib.request.urlopen, request)).read().decode()
    await pc.set_remote_description(webrtc.RTCSessionDescriptionInit(type="answer", sdp=answer))
    await created.wait()
    print("connected", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def all_ended(mock: Any, *, seconds: float) -> float:
    """Wait until no call is left; give how long that took."""
    clock = asyncio.get_running_loop().time
    start = clock()
    async with asyncio.timeout(seconds):
        for call in tuple(mock._calls._calls.values()):
            await call.ended.wait()
    return clock() - start


def notes(mock: Any) -> list[str]:
    return [entry.text for entry in mock.journal.entries(kind="lifecycle")]


@pytest.fixture
async def lost_tasks() -> list[Any]:
    """What asyncio reports of exceptions that nobody took."""
    reports: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context))
    return reports


async def test_a_client_that_closes_its_connection_is_noticed_at_once(caller: Any, mock: Any) -> None:
    caller.pc.close()
    await all_ended(mock, seconds=1)
    assert mock.sessions == ()
    assert "call ended: the client closed the connection" in notes(mock)


async def test_a_client_that_closes_only_its_channel_has_hung_up(caller: Any, mock: Any) -> None:
    caller.channel.close()
    await all_ended(mock, seconds=3)
    assert "call ended: the client closed its data channel" in notes(mock)


async def test_a_client_that_vanishes_is_noticed_within_5_seconds(mock: Any, lost_tasks: list[Any]) -> None:
    url = f"{mock.base_url}/realtime/calls"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VANISHING_CALLER, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"connected\n"
    process.kill()
    await process.wait()
    assert await all_ended(mock, seconds=6) < 5.5
    assert mock.sessions == ()
    assert "call ended: the client vanished" in notes(mock)
    gc.collect()
    assert lost_tasks == []


async def test_a_client_with_another_certificate_is_turned_away(new_caller: Any, mock: Any) -> None:
    caller = new_caller()
    caller.open_channel()
    await caller.dial(change=lambda sdp: re.sub(r"sha-256 \S\S:\S\S", "sha-256 00:00", sdp))
    await all_ended(mock, seconds=5)
    assert mock.sessions == ()
    assert caller.events.empty()


class TestAnAbandonedOffer:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(port=0, connect_timeout=0.2)

    async def test_it_is_closed_after_a_deadline(self, new_caller: Any, mock: Any) -> None:
        caller = new_caller()
        caller.open_microphone()
        caller.open_channel()
        async with caller.post(await caller.offer()) as response:
            location = response.headers["Location"]
        await all_ended(mock, seconds=2)
        assert mock.sessions == ()
        assert "call ended: the client did not connect in time" in notes(mock)
        caller.location = location
        assert await caller.hang_up() == 404

    async def test_a_call_that_connected_outlives_the_deadline(self, caller: Any, mock: Any) -> None:
        with pytest.raises(TimeoutError):
            await all_ended(mock, seconds=0.5)


async def test_a_session_that_ends_takes_its_call_along_after_the_last_event(new_caller: Any, mock: Any) -> None:
    text = """
scenario: farewell
rules:
  - on: input_audio_buffer.clear
    turns:
      - - emit: {type: rate_limits.updated, rate_limits: []}
        - close: {code: 1000, reason: over}
"""
    mock.factory.scenario = parse_scenario(text, "farewell.yaml")
    caller = new_caller()
    caller.open_channel()
    await caller.dial()
    await caller.until("session.created")
    caller.send({"type": "input_audio_buffer.clear"})
    await caller.until("rate_limits.updated")
    async with asyncio.timeout(5):
        await caller.closed.wait()
    await all_ended(mock, seconds=5)
    assert "call ended: the session ended" in notes(mock)


async def test_events_sent_just_before_a_hang_up_arrive(caller: Any) -> None:
    text = "Count to a hundred. " * 20
    caller.say_text(text)
    await caller.until("conversation.item.done")
    caller.send({"type": "session.update", "session": {"type": "realtime", "instructions": "x" * 30_000}})
    await caller.until("session.updated")
    assert await caller.hang_up() == 200


async def test_hanging_up_in_mid_answer_leaves_nothing_running(caller: Any, mock: Any) -> None:
    caller.say_text("A long story " * 30)
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.started")
    assert await caller.hang_up() == 200
    assert [entry for entry in mock.journal.entries() if entry.text == "internal error"] == []


async def test_a_mock_that_stops_hangs_up(new_caller: Any, http: Any) -> None:
    async with RealtimeMock(Settings(port=0)) as mock:
        caller = new_caller()
        caller.mock = mock
        caller.open_channel()
        await caller.dial()
        await caller.until("session.created")
    async with asyncio.timeout(5):
        await caller.closed.wait()


async def test_nothing_of_a_call_remains(new_caller: Callable[[], Any], mock: Any, spoken: bytes) -> None:
    await one_call(new_caller, spoken)
    before = await resources()
    for _ in range(2):
        await one_call(new_caller, spoken)
    await all_ended(mock, seconds=5)
    assert await resources() == before


async def test_nothing_of_a_refused_or_abandoned_offer_remains(new_caller: Any, mock: Any) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    sdp = await caller.offer()
    await abandon(caller, sdp)
    before = await resources()
    for _ in range(3):
        await abandon(caller, sdp)
        async with caller.post(sdp.replace("a=ice-pwd", "a=x")) as response:
            assert response.status == 400
    assert await resources() == before


async def one_call(new_caller: Callable[[], Any], spoken: bytes) -> None:
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    await caller.dial()
    ear = await caller.ear()
    await caller.until("session.created")
    await caller.microphone.say(spoken)
    await ear.until(lambda level: level > -45)
    assert await caller.hang_up() == 200
    await caller.close()


async def abandon(caller: Any, sdp: str) -> None:
    async with caller.post(sdp) as response:
        assert response.status == 201
        caller.location = response.headers["Location"]
    assert await caller.hang_up() == 200


async def resources() -> dict[str, object]:
    """What the server could leave behind: tasks, UDP sockets, decoder threads, peer connections."""
    # aioice looks every 20 ms whether a connection that was being made has been closed.
    connecting = [task for task in asyncio.all_tasks() if task.get_coro().__qualname__ == "RTCPeerConnection.__connect"]
    async with asyncio.timeout(1):
        await asyncio.gather(*connecting)
    connecting.clear()
    gc.collect()
    return {
        "tasks": sorted(str(task.get_coro().__qualname__) for task in asyncio.all_tasks()),
        "sockets": udp_sockets(),
        "threads": sorted(thread.name for thread in threading.enumerate() if "decoder" in thread.name),
        "peers": sum(type(item) is RTCPeerConnection for item in gc.get_objects()),
    }


def udp_sockets() -> int:
    """How many datagram sockets the event loop watches (libwebrtc's own are not among them)."""
    loop = asyncio.get_running_loop()
    return sum(is_datagram(key.fd) for key in loop._selector.get_map().values())  # type: ignore[attr-defined]


def is_datagram(descriptor: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as sock:
            return sock.type == socket.SOCK_DGRAM
    except OSError:
        return False
