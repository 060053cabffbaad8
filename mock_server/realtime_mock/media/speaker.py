"""The outbound audio of a call: a track that sends packets encoded beforehand, at the pace of speech."""

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
from realtime_mock.media import opus
from realtime_mock.media.playout import PACKET_MS, Playout, Utterance

PACKET_SECONDS = PACKET_MS / 1000
SAMPLES_PER_PACKET = 960
TIME_BASE = fractions.Fraction(1, 48_000)

LARGEST_LAG = 0.25
"""Seconds behind schedule at which the schedule moves, so that a pause is not followed by a burst."""


class CallSpeaker(MediaStreamTrack):
    """Plays the speech of responses on one call, and silence in between.

    `report` is called on the event loop, as speech starts, stops or is cleared. Clearing acts
    with the next packet, at most 20 ms later.
    """

    kind = "audio"

    def __init__(self, report: Callable[[PlayoutReport], None]) -> None:
        super().__init__()
        self._report = report
        self._playout = Playout()
        self._encoding: set[asyncio.Future[tuple[bytes, ...]]] = set()
        self._schedule: float | None = None
        self._timestamp = 0

    def play(self, response_id: str, speech: Speech) -> None:
        """Queue speech of a response. It is encoded in a thread, and waits in its place meanwhile."""
        utterance = Utterance(duration_ms=round(speech.duration * 1000))
        self._playout.play(response_id, utterance)
        future = asyncio.get_running_loop().run_in_executor(None, opus.encode, speech.pcm)
        self._encoding.add(future)
        future.add_done_callback(partial(self._encoded, utterance))

    def end(self, response_id: str) -> None:
        """No more speech follows for this response: playback stops when the queue has drained."""
        self._playout.end(response_id)

    def clear(self, response_id: str) -> None:
        """Drop the speech of this response; reported once if there was any, else not at all."""
        for report in self._playout.clear(response_id):
            self._report(report)

    async def recv(self) -> Packet[Any]:
        """Give the packet that is due next, when it is due."""
        if self.readyState != "live":
            raise MediaStreamError
        await self._until_due()
        payload, reports = self._playout.next_packet()
        for report in reports:
            self._report(report)
        packet = Packet(payload if payload is not None else opus.SILENCE)
        packet.pts = self._timestamp
        packet.time_base = TIME_BASE
        self._timestamp += SAMPLES_PER_PACKET
        return packet

    def stop(self) -> None:
        """End the track; speech still being encoded is forgotten."""
        for future in self._encoding:
            future.cancel()
        super().stop()

    async def _until_due(self) -> None:
        """Wait for the next 20 ms of a schedule that began with the first packet."""
        now = asyncio.get_running_loop().time()
        if self._schedule is None or now - self._schedule > LARGEST_LAG:
            self._schedule = now
        delay = self._schedule - now
        self._schedule += PACKET_SECONDS
        if delay > 0:
            await asyncio.sleep(delay)

    def _encoded(self, utterance: Utterance, future: asyncio.Future[tuple[bytes, ...]]) -> None:
        self._encoding.discard(future)
        if not future.cancelled():
            utterance.packets = future.result()
