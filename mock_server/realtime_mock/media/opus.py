"""Opus for calls: an encoder for speech, and a decoder for what clients send."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

import av
from av.audio.codeccontext import AudioCodecContext
from av.error import FFmpegError

from realtime_mock.audio.halving import Halver
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media.libopus import DecoderUnavailable, MonoDecoder

SILENCE: Final = b"\xf8\xff\xfe"
"""A packet of 20 ms of silence, in one frame of full-band mono."""

CLOCK_RATE: Final = 48_000
"""Ticks per second of Opus timestamps in RTP, whatever rate was encoded (RFC 7587, section 4.1)."""

PACKET_MS: Final = 20

_BIT_RATE = 32_000
_FRAME_SAMPLES = SAMPLE_RATE * PACKET_MS // 1000
_LOST = bytes(2 * _FRAME_SAMPLES)
_ENCODER_DELAY_SAMPLES = 156
"""How much later libopus's output is than its input, at 24 kHz (6.5 ms, its `pre-skip`)."""

# The length of a frame by the number of its configuration, in ticks (RFC 6716, table 2).
_FRAME_TICKS: Final = tuple(
    CLOCK_RATE * tenths // 10_000
    for lengths in ((100, 200, 400, 600),) * 3 + ((100, 200),) * 2 + ((25, 50, 100, 200),) * 4
    for tenths in lengths
)

_LONGEST_TICKS: Final = CLOCK_RATE * 120 // 1000
"""No packet holds more than 120 ms."""


def ticks_in(payload: bytes) -> int:
    """How much sound a packet holds, in ticks of its timestamps (RFC 6716, section 3.1); none for an empty one."""
    if not payload:
        return 0
    frame = _FRAME_TICKS[payload[0] >> 3]
    match payload[0] & 3:
        case 0:
            return frame
        case 3:
            return min(frame * (payload[1] & 0x3F), _LONGEST_TICKS) if len(payload) > 1 else 0
        case _:
            return 2 * frame


def encode(pcm24k: bytes) -> tuple[bytes, ...]:
    """Encode speech (24 kHz PCM) to packets of 20 ms: mono, 32 kbit/s; no samples give no packets.

    The last packet is filled up with silence. Takes 5 to 10 ms per second of speech; may be called in a thread.
    """
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
        try:
            self._decoder: MonoDecoder | PyAvDecoder = MonoDecoder()
        except DecoderUnavailable:
            self._decoder = PyAvDecoder()

    def decode(self, *payloads: bytes) -> bytes:
        """Give the audio of packets, less than a millisecond late.

        An empty payload gives nothing. One that is not Opus gives 20 ms of silence.
        """
        decoded = [self._decoder.decode(payload) or _LOST for payload in payloads if payload]
        return decoded[0] if len(decoded) == 1 else b"".join(decoded)


class PyAvDecoder:
    """What decodes where libopus is not at hand: PyAV at 48 kHz, of which every other sample is kept."""

    def __init__(self) -> None:
        self._codec = _codec("r")
        self._halver = Halver()

    def decode(self, payload: bytes) -> bytes | None:
        """The audio of one packet, a little late (the rate conversion looks ahead); None for one that is not Opus."""
        try:
            frames = self._codec.decode(av.Packet(payload))
        except FFmpegError:
            # After an error the codec takes nothing more.
            self._codec = _codec("r")
            return None
        # A plane may be longer than its samples: it is padded for the codec's alignment.
        return self._halver.feed(b"".join([bytes(frame.planes[0])[: frame.samples * 2] for frame in frames]))


def _codec(mode: Literal["r", "w"]) -> AudioCodecContext:
    """Open libopus for writing at 24 kHz or reading at 48 kHz, the only rate its reader gives."""
    codec = av.CodecContext.create("libopus", mode)
    codec.sample_rate = SAMPLE_RATE if mode == "w" else CLOCK_RATE
    codec.layout = "mono"
    codec.format = "s16"
    return codec
