"""Opus for calls: speech encoded once and shared by all of them, and a decoder for what clients send."""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b
from typing import Final, Literal

import av
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from realtime_mock.audio.pcm import Resampler
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.cache import WeightedCache

SILENCE: Final = b"\xf8\xff\xfe"
"""A packet of 20 ms of silence, in one frame of full-band mono."""

CLOCK_RATE: Final = 48_000
"""Ticks per second of Opus timestamps in RTP, whatever rate was encoded (RFC 7587, section 4.1)."""

PACKET_MS: Final = 20

_BIT_RATE = 32_000
_FRAME_SAMPLES = SAMPLE_RATE * PACKET_MS // 1000
_ENCODER_DELAY_SAMPLES = 156
"""How much later libopus's output is than its input, at 24 kHz (6.5 ms, its `pre-skip`)."""

_CACHE_BYTES = 16 * 2**20
_PACKET_OVERHEAD = 40
"""Bytes that Python needs for a packet beside its content."""

# Shared by all servers of a process: a memory of a pure function, bounded by weight.
_encoded: WeightedCache[bytes, tuple[bytes, ...]] = WeightedCache(capacity=_CACHE_BYTES)


def encode(pcm24k: bytes) -> tuple[bytes, ...]:
    """Encode speech (24 kHz PCM) to packets of 20 ms: mono, 32 kbit/s; no samples give no packets.

    The last packet is filled up with silence. Speech heard before gives the same tuple again
    while it is cached. Takes 5 to 10 ms per second of speech otherwise; may be called in a thread.
    """
    key = blake2b(pcm24k, digest_size=16).digest()
    packets = _encoded.get(key)
    if packets is None:
        packets = _encode(pcm24k)
        weight = sum(len(packet) + _PACKET_OVERHEAD for packet in packets)
        packets = _encoded.keep(key, packets, weight=weight)
    return packets


def _encode(pcm24k: bytes) -> tuple[bytes, ...]:
    samples = len(pcm24k) // 2
    if samples == 0:
        return ()
    frames = -(-(samples + _ENCODER_DELAY_SAMPLES) // _FRAME_SAMPLES)
    padded = pcm24k[: samples * 2].ljust(frames * _FRAME_SAMPLES * 2, b"\0")
    encoder = _codec("w")
    encoder.bit_rate = _BIT_RATE
    encoder.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    packets: list[bytes] = []
    for number in range(frames):
        start = number * _FRAME_SAMPLES * 2
        frame = av.AudioFrame(format="s16", layout="mono", samples=_FRAME_SAMPLES)
        frame.planes[0].update(padded[start : start + _FRAME_SAMPLES * 2])
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, number * _FRAME_SAMPLES, Fraction(1, SAMPLE_RATE)
        packets += (bytes(packet) for packet in encoder.encode(frame))
    return tuple(packets)


class OpusDecoder:
    """Decodes the packets of one stream, in order, to 24 kHz mono PCM; one per call."""

    def __init__(self) -> None:
        self._begin()

    def decode(self, payload: bytes) -> bytes:
        """Give the audio of one packet, about a millisecond late (the rate conversion looks ahead).

        An empty payload gives nothing. One that is not Opus gives 20 ms of silence.
        """
        if not payload:
            # To the codec an empty packet is the end of the stream.
            return b""
        try:
            frames = self._codec.decode(av.Packet(payload))
        except FFmpegError:
            # After an error the codec takes nothing more.
            self._begin()
            return bytes(_FRAME_SAMPLES * 2)
        # A plane may be longer than its samples: it is padded for the codec's alignment.
        decoded = b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)
        return self._resampler.feed(decoded)

    def _begin(self) -> None:
        self._codec = _codec("r")
        self._resampler = Resampler(source=CLOCK_RATE, target=SAMPLE_RATE)


def _codec(mode: Literal["r", "w"]) -> AudioCodecContext:
    """Open libopus for writing at 24 kHz or reading at 48 kHz, the only rate its reader gives."""
    codec = av.CodecContext.create("libopus", mode)
    codec.sample_rate = SAMPLE_RATE if mode == "w" else CLOCK_RATE
    codec.layout = "mono"
    codec.format = "s16"
    return codec
