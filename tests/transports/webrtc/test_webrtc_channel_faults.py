"""Faults of the data channel and of the connection, as a client on libwebrtc meets them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcsctptransport import DataChunk, parse_packet

from realtime_mock.faults.reading import parse_faults

DEADLINE = 20.0
CLEAR = {"type": "input_audio_buffer.clear"}


def set_faults(mock: Any, text: str) -> None:
    mock.factory.lanes.default.faults.set.replace(parse_faults(text, "faults", mock.factory.registry))


def faults(mock: Any) -> list[str | None]:
    return [entry.fault for entry in mock.journal.entries(kind="fault")]


def now() -> float:
    return asyncio.get_running_loop().time()


async def dialled(new_caller: Callable[[], Any]) -> tuple[Any, float]:
    """A caller whose call is answered, and when it dialled."""
    caller = new_caller()
    caller.open_microphone()
    caller.open_channel()
    caller.opened = asyncio.Event()
    caller.channel.on("open", lambda _: caller.opened.set())
    start = now()
    await caller.dial()
    return caller, start


async def ice_state(caller: Any, *wanted: str) -> None:
    """Wait until the client's ICE connection is in one of these states."""
    changed = asyncio.Event()
    caller.pc.on("iceconnectionstatechange", lambda _: changed.set())
    async with asyncio.timeout(DEADLINE):
        while caller.pc.ice_connection_state.value not in wanted:
            await changed.wait()
            changed.clear()


async def test_stalled_events_come_late_all_of_them_and_in_order(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nchannel_stall: 1s\ncount: 1")
    start = now()
    caller.send(CLEAR)
    caller.say_text("Hello")
    kinds = [(await caller.next())["type"] for _ in range(3)]
    assert now() - start > 0.9
    assert kinds == ["input_audio_buffer.cleared", "conversation.item.added", "conversation.item.done"]
    assert faults(mock) == ["channel_stall"]


async def test_stalled_messages_of_the_client_reach_the_session_late(caller: Any, mock: Any) -> None:
    set_faults(mock, "channel_stall: {for: 1s, direction: in}\ncount: 1")
    start = now()
    caller.send(CLEAR)
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"
    assert now() - start > 0.9


async def test_a_channel_that_the_mock_closes_leaves_the_call_standing(caller: Any, mock: Any) -> None:
    ear = await caller.ear()
    set_faults(mock, "on: output_audio_buffer.started\nchannel_close: {}")
    caller.say_text("Tell me a very long story, word for word, about a fox and a dog and the sea " * 3)
    caller.send({"type": "response.create"})
    async with asyncio.timeout(DEADLINE):
        await caller.closed.wait()
    await ear.until(lambda level: level > -45.0)
    assert len(mock.sessions) == 1
    assert faults(mock) == ["channel_close"]
    assert await caller.hang_up() == 200


async def test_a_channel_can_close_some_time_after_the_call_connected(new_caller: Any, mock: Any) -> None:
    set_faults(mock, "on: {connect: call}\nchannel_close: {after: 500ms}")
    caller, _ = await dialled(new_caller)
    await caller.until("session.created")
    async with asyncio.timeout(DEADLINE):
        await caller.closed.wait()
    assert faults(mock) == ["channel_close"]


async def test_a_late_channel_opens_late_in_the_clients_view(new_caller: Any, mock: Any) -> None:
    set_faults(mock, "channel_late: 1s")
    caller, start = await dialled(new_caller)
    async with asyncio.timeout(DEADLINE):
        await caller.opened.wait()
    assert now() - start > 0.9
    assert (await caller.next())["type"] == "session.created"
    assert faults(mock) == ["channel_late"]


async def test_a_late_session_opens_on_an_open_channel_and_misses_nothing(new_caller: Any, mock: Any) -> None:
    set_faults(mock, "session_created: 1s")
    caller, start = await dialled(new_caller)
    async with asyncio.timeout(DEADLINE):
        await caller.opened.wait()
    caller.send(CLEAR)
    assert [(await caller.next())["type"] for _ in range(2)] == ["session.created", "input_audio_buffer.cleared"]
    assert now() - start > 0.9
    assert faults(mock) == ["session_created"]


async def test_a_session_created_at_once_is_not_lost(new_caller: Any, mock: Any) -> None:
    set_faults(mock, "session_created: at_once")
    caller, _ = await dialled(new_caller)
    assert (await caller.next())["type"] == "session.created"
    caller.send(CLEAR)
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"
    assert faults(mock) == ["session_created"]


async def test_faults_of_opening_count_calls(new_caller: Any, mock: Any) -> None:
    set_faults(mock, "session_created: at_once\nnth: 2")
    for happened in ([], ["session_created"]):
        caller, _ = await dialled(new_caller)
        await caller.until("session.created")
        assert faults(mock) == happened


class Packets:
    """An aiortc client that keeps how many messages, or parts of one, came in each SCTP packet."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.chunks: list[int] = []
        self.created = asyncio.Event()
        self._channel = self.peer.createDataChannel("oai-events")
        self._channel.on("message", self._on_message)
        assert self.peer.sctp is not None
        self._receive = self.peer.sctp._handle_data
        self.peer.sctp._handle_data = self._handle_data

    async def dial(self, url: str) -> None:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/realtime/calls", data=self.peer.localDescription.sdp, headers=headers) as answer,
        ):
            await self.peer.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        async with asyncio.timeout(DEADLINE):
            await self.created.wait()

    async def _handle_data(self, data: bytes) -> None:
        chunks = [chunk for chunk in parse_packet(data)[3] if isinstance(chunk, DataChunk)]
        if chunks:
            self.chunks.append(len(chunks))
        await self._receive(data)

    def _on_message(self, text: str) -> None:
        if json.loads(text)["type"] == "session.created":
            self.created.set()


@pytest.fixture
async def packets() -> AsyncIterator[Packets]:
    client = Packets()
    yield client
    await client.peer.close()


async def test_at_once_means_in_one_packet_with_the_acknowledgement(packets: Packets, mock: Any) -> None:
    set_faults(mock, "session_created: at_once")
    await packets.dial(mock.base_url)
    assert packets.chunks[0] == 2


async def test_without_the_fault_the_acknowledgement_comes_alone(packets: Packets, mock: Any) -> None:
    await packets.dial(mock.base_url)
    assert packets.chunks[0] == 1


async def test_a_mock_that_vanishes_for_a_while_is_missed_and_found_again(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nvanish: 7s\ncount: 1")
    caller.send(CLEAR)
    await caller.until("input_audio_buffer.cleared")
    await ice_state(caller, "disconnected")
    caller.send(CLEAR)
    await ice_state(caller, "connected", "completed")
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"
    assert len(mock.sessions) == 1
    assert faults(mock) == ["vanish"]


async def test_a_mock_that_vanishes_for_good_closes_nothing(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nvanish: {}")
    caller.send(CLEAR)
    await caller.until("input_audio_buffer.cleared")
    caller.send(CLEAR)
    await ice_state(caller, "disconnected")
    assert not caller.closed.is_set()
    assert caller.events.empty()
    assert len(mock.sessions) == 1


@pytest.mark.parametrize("text", ["channel_stall: 3600s", "on: input_audio_buffer.cleared\nchannel_stall: 3600s"])
async def test_a_stall_ends_when_its_fault_is_stopped(caller: Any, mock: Any, text: str) -> None:
    set_faults(mock, text)
    caller.send(CLEAR)
    await journaled(mock, "channel_stall")
    assert caller.events.empty()
    set_faults(mock, "[]")
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"


async def test_a_mock_that_vanished_for_good_comes_back_when_its_fault_is_stopped(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nvanish: {}")
    caller.send(CLEAR)
    await caller.until("input_audio_buffer.cleared")
    await journaled(mock, "vanish")
    caller.send(CLEAR)
    set_faults(mock, "[]")
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"


async def journaled(mock: Any, word: str) -> None:
    """Wait until the journal knows of a fault."""
    came = asyncio.Event()
    stop = mock.journal.listen(lambda _: came.set())
    async with asyncio.timeout(DEADLINE):
        while word not in faults(mock):
            await came.wait()
            came.clear()
    stop()


async def ended(mock: Any) -> list[str]:
    """What the journal says of the end of the calls, when all have ended."""
    async with asyncio.timeout(DEADLINE):
        for call in tuple(mock._calls._calls.values()):
            await call.ended.wait()
    return [entry.text for entry in mock.journal.entries() if entry.text.startswith("call ended")]


async def test_a_call_that_is_closed_closes_for_the_client(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nclose: 1011")
    caller.send(CLEAR)
    await caller.until("input_audio_buffer.cleared")
    async with asyncio.timeout(DEADLINE):
        await caller.closed.wait()
    assert await ended(mock) == ["call ended: a fault closed the call"]
    assert faults(mock) == ["close"]


async def test_a_call_that_is_reset_ends_without_a_word(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nreset: {}")
    caller.send(CLEAR)
    assert await ended(mock) == ["call ended: a fault reset the call"]
    assert not caller.closed.is_set()
    assert caller.pc.connection_state.value == "connected"


async def test_a_half_open_call_answers_nothing(caller: Any, mock: Any) -> None:
    set_faults(mock, "on: input_audio_buffer.cleared\nhalf_open: {when: before}")
    caller.send(CLEAR)
    await ice_state(caller, "disconnected")
    assert caller.events.empty()
    assert len(mock.sessions) == 1


async def test_without_faults_none_is_journaled(caller: Any, mock: Any) -> None:
    caller.send(CLEAR)
    await caller.until("input_audio_buffer.cleared")
    assert faults(mock) == []
