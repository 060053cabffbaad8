"""The inbound audio of a call: RTP payloads in order become one stream of PCM, in which what was lost is filled in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from realtime_mock.audio.pcm import pcm_of, samples_of
from realtime_mock.core.hearing import Span
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.codecs import Codec, Decoder
from realtime_mock.media.playout import PACKET_MS
from realtime_mock.media.rtp import RtpPacket

MAX_FILLED = 60
"""Seconds of a gap that are filled: a timestamp further ahead begins anew."""

MAX_DEFERRED = 15_000
"""Packets that wait undecoded until somebody listens: five minutes."""

MAX_TOGETHER = 50
"""Packets given in one piece at most, when many were kept: a second."""

BATCH = 3
"""Packets that are decoded and heard together: 60 ms cost little more than 20, and are less than what a jitter buffer
holds back."""

_FADE = (0.5, 0.25, 0.125)
"""How loud the last 20 ms are repeated in place of what was lost; what is lost after that is silent."""

_FRAME_BYTES = SAMPLE_RATE * PACKET_MS // 1000 * 2


class Hear(Protocol):
    """Whoever takes what is heard."""

    def __call__(self, pcm: bytes, lost: Sequence[Span] = ..., /) -> object:
        """Take 24 kHz mono PCM; `lost` are the samples in it that fill what never arrived."""
        ...


class Microphone:
    """Gives what the client says as 24 kHz mono PCM, in time with the client's own clock.

    Packets lost are concealed, and pauses of the client's filled with silence, so that the stream is as long as what
    was said. While nobody listens packets are kept as they came; they are decoded when somebody does, or at `flush`.

    Args:
        hear: takes the PCM, and what of it only fills what was lost.
        listens: whether anybody wants it now.
    """

    def __init__(self, codec: Codec, *, hear: Hear, listens: Callable[[], bool]) -> None:
        self.concealed = 0
        """Milliseconds of sound that were lost and filled in."""
        self._codec = codec
        self._hear = hear
        self._listens = listens
        self._decoder: Decoder = codec.new_decoder()
        self._deferred: deque[tuple[int, bool, bytes]] = deque()
        self._sequence: int | None = None
        self._due: int | None = None
        self._owed = 0
        self._last = b""
        self._fades = 0

    def take(self, packet: RtpPacket) -> None:
        """Take the next packet; numbers between it and the one before belong to packets that were lost."""
        ticks = self._codec.ticks_in(packet.payload)
        gap = 0 if self._due is None else _ahead(self._due, packet.timestamp)
        if not 0 <= gap <= MAX_FILLED * self._codec.clock_rate:
            gap = 0
        was_lost = self._sequence is not None and packet.sequence != self._sequence
        self._sequence = (packet.sequence + 1) & 0xFFFF
        self._due = (packet.timestamp + ticks) & 0xFFFFFFFF
        self._deferred.append((gap, was_lost, packet.payload))
        if len(self._deferred) >= BATCH and self._listens():
            self.flush()
        elif len(self._deferred) > MAX_DEFERRED:
            self._give(BATCH)

    def flush(self) -> None:
        """Decode what was kept."""
        while self._deferred:
            self._give(MAX_TOGETHER)

    def restart(self) -> None:
        """Begin another stream: its timestamps say nothing of the time since the last one."""
        self.flush()
        self._sequence = self._due = None
        self._decoder = self._codec.new_decoder()

    def _give(self, most: int) -> None:
        """Decode packets up to the next gap, behind what fills the one before them."""
        gap, was_lost, payload = self._deferred.popleft()
        filled = self._fill(gap, was_lost=was_lost) if gap else b""
        payloads = [payload]
        while self._deferred and len(payloads) < most and not self._deferred[0][0]:
            payloads.append(self._deferred.popleft()[2])
        pcm = self._decoder.decode(*payloads)
        if pcm:
            self._last, self._fades = pcm[-_FRAME_BYTES:], 0
        if filled and was_lost:
            self._hear(filled + pcm, ((0, len(filled) // 2),))
        elif filled or pcm:
            self._hear(filled + pcm if filled else pcm)

    def _fill(self, gap: int, *, was_lost: bool) -> bytes:
        """Sound for `gap` ticks: what was heard last, fading, where packets were lost, and silence otherwise."""
        samples, self._owed = divmod(gap * SAMPLE_RATE + self._owed, self._codec.clock_rate)
        sound = bytearray()
        if was_lost:
            self.concealed += samples * 1000 // SAMPLE_RATE
            while self._last and self._fades < len(_FADE) and len(sound) < samples * 2:
                sound += pcm_of(samples_of(self._last) * _FADE[self._fades])
                self._fades += 1
        return bytes(sound[: samples * 2]).ljust(samples * 2, b"\0")


def _ahead(due: int, timestamp: int) -> int:
    """How many ticks a timestamp lies ahead, around its 32 bits; below zero where it lies behind."""
    return ((timestamp - due + 2**31) & 0xFFFFFFFF) - 2**31
