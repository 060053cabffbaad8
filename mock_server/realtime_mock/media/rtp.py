"""RTP and RTCP as bytes (RFC 3550): the packets that a call sends and receives, and the reports on both.

Pure: whoever owns the clock and the keys passes times and plain packets. Nothing but audio with one source each way
is served, so a report holds at most one block.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

NTP_EPOCH: Final = 2_208_988_800
"""Seconds from 1900, where NTP time begins, to 1970 (RFC 3550, section 4)."""

_HEADER = struct.Struct("!BBHLL")
_REPORT_HEAD = struct.Struct("!BBHL")
_SENDER_INFO = struct.Struct("!QLLL")
_BLOCK = struct.Struct("!LLLLLL")
_VERSION = 0x80
_PADDING, _EXTENSION, _MARKER = 0x20, 0x10, 0x80
_SR, _RR, _SDES, _BYE = 200, 201, 202, 203
_CNAME = 1
_LOST_LIMIT = 0x7FFFFF


class RtpPacket(NamedTuple):
    """What of an RTP packet matters here. A tuple, because thousands are made in a second."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def read_packet(packet: bytes) -> RtpPacket | None:
    """Read a decrypted packet; None for one that is cut short."""
    if len(packet) < _HEADER.size:
        return None
    flags, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
    if flags == _VERSION:
        return RtpPacket(kind & 0x7F, sequence, timestamp, ssrc, packet[12:])
    start = _HEADER.size + 4 * (flags & 0x0F)
    end = len(packet)
    if flags & _EXTENSION:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    if flags & _PADDING:
        end -= packet[-1]
    if start > end:
        return None
    return RtpPacket(kind & 0x7F, sequence, timestamp, ssrc, packet[start:end])


class OutboundStream:
    """Numbers the packets of one source and counts them.

    Args:
        payload_type: what the SDP says of the payload.
        ssrc: the source's number.
        sequence: of the first packet; below 2**15, so that SRTP has no early wrap to guess at (RFC 3711, 3.3.1).
        timestamp: of the first packet.
    """

    def __init__(self, *, payload_type: int, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self._payload_type = payload_type
        self._sequence = sequence & 0x7FFF
        self._timestamp = timestamp & 0xFFFFFFFF

    @property
    def timestamp(self) -> int:
        """That of the packet which leaves next."""
        return self._timestamp

    def skip(self, ticks: int) -> None:
        """Let time pass in which nothing is sent."""
        self._timestamp = (self._timestamp + ticks) & 0xFFFFFFFF

    def packet(self, payload: bytes, *, ticks: int, marker: bool = False) -> bytes:
        """The next packet; `ticks` of the media's clock are in it, `marker` begins a talkspurt (RFC 3551, 4.1)."""
        kind = self._payload_type | _MARKER if marker else self._payload_type
        head = _HEADER.pack(_VERSION, kind, self._sequence, self._timestamp, self.ssrc)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + ticks) & 0xFFFFFFFF
        self.packets += 1
        self.octets += len(payload)
        return head + payload


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """One block of a report: how a source arrives (RFC 3550, section 6.4.1).

    `lsr` is the middle of the NTP time in the source's last report, `dlsr` how long ago that came, in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    lsr: int = 0
    dlsr: int = 0


def sender_report(stream: OutboundStream, *, now: float, timestamp: int, block: ReceptionReport | None) -> bytes:
    """A report of what was sent: `timestamp` is the media's clock at `now`, in Unix seconds."""
    info = _SENDER_INFO.pack(ntp_time(now), timestamp, stream.packets & 0xFFFFFFFF, stream.octets & 0xFFFFFFFF)
    return _report(_SR, stream.ssrc, info, block)


def receiver_report(ssrc: int, block: ReceptionReport | None) -> bytes:
    """A report of a participant that has sent nothing."""
    return _report(_RR, ssrc, b"", block)


def source_description(ssrc: int, cname: str) -> bytes:
    """Names the participant, as every compound packet must (RFC 3550, section 6.1)."""
    name = cname.encode()[:255]
    chunk = ssrc.to_bytes(4, "big") + bytes((_CNAME, len(name))) + name
    # At least one zero byte ends the items.
    chunk += bytes(4 - len(chunk) % 4)
    return bytes((_VERSION | 1, _SDES)) + (len(chunk) // 4).to_bytes(2, "big") + chunk


def goodbye(ssrc: int) -> bytes:
    """Ends a source."""
    return _REPORT_HEAD.pack(_VERSION | 1, _BYE, 1, ssrc)


def sender_times(compound: bytes) -> dict[int, int]:
    """The middle 32 bits of the NTP time in each sender report of a compound packet, by the sender's SSRC."""
    times: dict[int, int] = {}
    at = 0
    while len(compound) - at >= _REPORT_HEAD.size:
        _, kind, words, ssrc = _REPORT_HEAD.unpack_from(compound, at)
        if kind == _SR and len(compound) - at >= _REPORT_HEAD.size + _SENDER_INFO.size:
            times[ssrc] = int.from_bytes(compound[at + 10 : at + 14], "big")
        at += 4 * (words + 1)
    return times


def ntp_time(now: float) -> int:
    """A moment in Unix seconds as NTP time: seconds and their 2**-32ths."""
    seconds = int(now)
    return (seconds + NTP_EPOCH) << 32 | int((now - seconds) * 2**32)


def _report(kind: int, ssrc: int, info: bytes, block: ReceptionReport | None) -> bytes:
    blocks = b"" if block is None else _written(block)
    words = (_REPORT_HEAD.size + len(info) + len(blocks)) // 4 - 1
    return _REPORT_HEAD.pack(_VERSION | (block is not None), kind, words, ssrc) + info + blocks


def _written(block: ReceptionReport) -> bytes:
    lost = max(-_LOST_LIMIT, min(block.packets_lost, _LOST_LIMIT)) & 0xFFFFFF
    fraction = block.fraction_lost << 24 | lost
    return _BLOCK.pack(block.ssrc, fraction, block.highest_sequence, block.jitter, block.lsr, block.dlsr)
