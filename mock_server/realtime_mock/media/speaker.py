"""The outbound audio of a call: speech in packets encoded beforehand, and silence in between."""

from __future__ import annotations

import asyncio
import fractions
from collections.abc import Callable
from functools import partial
from typing import Any

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.packet import Packet

from realtime_mock.core.effects import PlayoutReport
from realtime_mock.core.speech import Speech
from realtime_mock.media.codecs import Codec, Packets
from realtime_mock.media.pacer import LARGEST_LAG, PACKET_SECONDS
from realtime_mock.media.playout import Playout, Utterance


class CallSpeaker:
    """Queues the speech of responses on one call; whoever sends asks for a payload every 20 ms.

    `report` is called on the event loop, as speech starts, stops or is cleared. Clearing acts with the next payload,
    at most 20 ms later.
    """

    def __init__(self, codec: Codec, report: Callable[[PlayoutReport], None]) -> None:
        self.codec = codec
        self._report = report
        self._playout = Playout()
        self._encoding: set[asyncio.Future[Packets]] = set()

    def play(self, response_id: str, speech: Speech) -> None:
        """Queue speech of a response. What was not encoded before is, in a thread, and waits in its place meanwhile."""
        packets = self.codec.encoded(speech.pcm)
        utterance = Utterance(duration_ms=round(speech.duration * 1000), packets=packets)
        self._playout.play(response_id, utterance)
        if packets is None:
            future = asyncio.get_running_loop().run_in_executor(None, self.codec.encode, speech.pcm)
            self._encoding.add(future)
            future.add_done_callback(partial(self._encoded, utterance))

    def end(self, response_id: str) -> None:
        """No more speech follows for this response: playback stops when the queue has drained."""
        self._playout.end(response_id)

    def clear(self, response_id: str) -> None:
        """Drop the speech of this response; reported once if there was any, else not at all."""
        for report in self._playout.clear(response_id):
            self._report(report)

    def next_payload(self) -> bytes | None:
        """What leaves in this 20 ms; None is silence."""
        if self._playout.is_idle:
            return None
        payload, reports = self._playout.next_packet()
        for report in reports:
            self._report(report)
        return payload

    def close(self) -> None:
        """Forget speech that is still being encoded."""
        for future in self._encoding:
            future.cancel()

    def _encoded(self, utterance: Utterance, future: asyncio.Future[Packets]) -> None:
        self._encoding.discard(future)
        if not future.cancelled():
            utterance.packets = future.result()


class SpeakerTrack(MediaStreamTrack):
    """What a speaker plays as a track of aiortc, which sends its packets as they are."""

    kind = "audio"

    def __init__(self, speaker: CallSpeaker) -> None:
        super().__init__()
        self._speaker = speaker
        self._schedule: float | None = None
        self._timestamp = 0

    async def recv(self) -> Packet[Any]:
        """Give the packet that is due next, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._until_due()
        codec = self._speaker.codec
        packet = Packet(self._speaker.next_payload() or codec.silence)
        packet.pts = self._timestamp
        packet.time_base = fractions.Fraction(1, codec.clock_rate)
        self._timestamp += codec.ticks
        return packet

    async def _until_due(self) -> None:
        """Wait for the next 20 ms of a schedule that began with the first packet."""
        now = asyncio.get_running_loop().time()
        if self._schedule is None or now - self._schedule > LARGEST_LAG:
            self._schedule = now
        delay = self._schedule - now
        self._schedule += PACKET_SECONDS
        if delay > 0:
            await asyncio.sleep(delay)
