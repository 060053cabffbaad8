"""The codecs of calls: Opus, and G.711 for clients without it. Speech is encoded once and shared by all calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import Final, Protocol

from realtime_mock.audio import g711
from realtime_mock.audio.pcm import Resampler, resample
from realtime_mock.core.speech import SAMPLE_RATE
from realtime_mock.media import opus
from realtime_mock.media.cache import WeightedCache
from realtime_mock.media.playout import PACKET_MS

Packets = tuple[bytes, ...]

_CACHE_BYTES = 32 * 2**20
_PACKET_OVERHEAD = 40
"""Bytes that Python needs for a packet beside its content."""

# Shared by all servers of a process: a memory of pure functions, bounded by weight.
_encoded: WeightedCache[tuple[str, bytes], Packets] = WeightedCache(capacity=_CACHE_BYTES)


class Decoder(Protocol):
    """Decodes the payloads of one stream, in order."""

    def decode(self, *payloads: bytes) -> bytes:
        """The audio of payloads, 24 kHz mono PCM; what cannot be decoded is silence."""
        ...


@dataclass(frozen=True, slots=True)
class Codec:
    """How speech is carried in RTP.

    Args:
        name: as in an `a=rtpmap` of SDP, in lower case.
        clock_rate: ticks per second of its RTP timestamps.
        silence: the payload of 20 ms of silence.
        ticks_in: how many ticks of sound a payload holds.
    """

    name: str
    clock_rate: int
    silence: bytes
    ticks_in: Callable[[bytes], int]
    new_decoder: Callable[[], Decoder]
    _encode: Callable[[bytes], Packets]

    @property
    def ticks(self) -> int:
        """Ticks in a packet of 20 ms."""
        return self.clock_rate * PACKET_MS // 1000

    def encode(self, pcm24k: bytes) -> Packets:
        """Packets of 20 ms, the last one filled up; the same tuple again for speech heard before, while it is kept.

        Opus takes 5 to 10 ms per second of speech. May be called in a thread.
        """
        key = self._key(pcm24k)
        packets = _encoded.get(key)
        if packets is None:
            packets = self._encode(pcm24k)
            weight = sum(len(packet) + _PACKET_OVERHEAD for packet in packets)
            packets = _encoded.keep(key, packets, weight=weight)
        return packets

    def encoded(self, pcm24k: bytes) -> Packets | None:
        """The packets of speech that was encoded before; None where they are not kept."""
        return _encoded.get(self._key(pcm24k))

    def _key(self, pcm24k: bytes) -> tuple[str, bytes]:
        return self.name, _digest(pcm24k)


@lru_cache(maxsize=8)
def _digest(pcm24k: bytes) -> bytes:
    """Of the same speech again and again, as calls are answered: of a long one it takes half a millisecond."""
    return blake2b(pcm24k, digest_size=16).digest()


class _G711Decoder:
    def __init__(self, expand: Callable[[bytes], bytes]) -> None:
        self._expand = expand
        self._resampler = Resampler(source=g711.SAMPLE_RATE, target=SAMPLE_RATE)

    def decode(self, *payloads: bytes) -> bytes:
        return self._resampler.feed(self._expand(b"".join(payloads)))


def _g711(name: str, *, compress: Callable[[bytes], bytes], expand: Callable[[bytes], bytes]) -> Codec:
    size = g711.SAMPLE_RATE * PACKET_MS // 1000
    silence = compress(bytes(2 * size))

    def encode(pcm24k: bytes) -> Packets:
        if not pcm24k:
            return ()
        codes = compress(resample(pcm24k, source=SAMPLE_RATE, target=g711.SAMPLE_RATE))
        codes += silence[: -len(codes) % size]
        return tuple(codes[at : at + size] for at in range(0, len(codes), size))

    return Codec(name, g711.SAMPLE_RATE, silence, len, lambda: _G711Decoder(expand), encode)


OPUS: Final = Codec("opus/48000/2", opus.CLOCK_RATE, opus.SILENCE, opus.ticks_in, opus.OpusDecoder, opus.encode)
PCMU: Final = _g711("pcmu/8000", compress=g711.encode_ulaw, expand=g711.decode_ulaw)
PCMA: Final = _g711("pcma/8000", compress=g711.encode_alaw, expand=g711.decode_alaw)

CODECS: Final[Mapping[str, Codec]] = MappingProxyType({codec.name: codec for codec in (OPUS, PCMU, PCMA)})
"""By name, the preferred one first."""
