"""What leaves a call packet by packet, seen by a client that taps the RTP it receives."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from realtime_mock.media.opus import SILENCE

DEADLINE = 15.0
LONG = "Please tell me a rather long story about the sea, the ships on it, and all who sail in them."


class Tap:
    """An aiortc client that keeps every RTP payload and every event in the order they come."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.arrivals: list[bytes | str] = []
        self._came = asyncio.Condition()
        self._receiver = self.peer.addTransceiver("audio", direction="recvonly").receiver
        self._channel = self.peer.createDataChannel("oai-events")
        self._channel.on("message", self._on_message)

    async def dial(self, url: str) -> None:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/sdp"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{url}/realtime/calls", data=self.peer.localDescription.sdp, headers=headers) as answer,
        ):
            await self.peer.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        receive = self._receiver._handle_rtp_packet

        async def tap(packet: Any, arrival_time_ms: int) -> None:
            await self._arrived(packet.payload)
            await receive(packet, arrival_time_ms=arrival_time_ms)

        self._receiver._handle_rtp_packet = tap

    def send(self, **event: Any) -> None:
        self._channel.send(json.dumps(event))

    async def until(self, wanted: Any) -> None:
        """Wait until the arrivals satisfy `wanted`."""
        async with asyncio.timeout(DEADLINE), self._came:
            await self._came.wait_for(lambda: wanted(self.arrivals))

    async def _on_message(self, text: str) -> None:
        await self._arrived(json.loads(text)["type"])

    async def _arrived(self, what: bytes | str) -> None:
        async with self._came:
            self.arrivals.append(what)
            self._came.notify_all()


def spoken(arrival: bytes | str) -> bool:
    return isinstance(arrival, bytes) and arrival != SILENCE


@pytest.fixture
async def tap(mock: Any) -> AsyncIterator[Tap]:
    client = Tap()
    await client.dial(mock.base_url)
    await client.until(lambda arrivals: "session.created" in arrivals)
    yield client
    await client.peer.close()


async def test_after_a_clear_at_most_two_packets_of_speech_arrive(tap: Tap) -> None:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": LONG}]}
    tap.send(type="conversation.item.create", item=item)
    tap.send(type="response.create")
    await tap.until(lambda arrivals: sum(map(spoken, arrivals)) > 20)
    tap.send(type="output_audio_buffer.clear")
    await tap.until(lambda arrivals: "output_audio_buffer.cleared" in arrivals)
    cleared = tap.arrivals.index("output_audio_buffer.cleared")
    await tap.until(lambda arrivals: len([one for one in arrivals[cleared:] if isinstance(one, bytes)]) > 20)
    packets = [one for one in tap.arrivals[cleared:] if isinstance(one, bytes)]
    assert [spoken(packet) for packet in packets[2:]] == [False] * len(packets[2:])
