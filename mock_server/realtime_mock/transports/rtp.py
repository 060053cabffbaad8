"""RTP packets as bytes (RFC 3550 section 5.1), whatever is inside them."""

from __future__ import annotations

_FIXED_HEADER = 12
_EXTENSION, _PADDING = 0x10, 0x20


def is_rtp(datagram: bytes) -> bool:
    """Whether a datagram is RTP, encrypted or not, and neither RTCP, STUN nor DTLS (RFC 7983, RFC 5761 section 4)."""
    return len(datagram) >= _FIXED_HEADER and 128 <= datagram[0] <= 191 and not 192 <= datagram[1] <= 223


def sequence_number(packet: bytes) -> int:
    """The packet's number, which encryption leaves readable."""
    return int.from_bytes(packet[2:4], "big")


def with_payload(packet: bytes, payload: bytes) -> bytes:
    """The same header over another payload, without padding. The packet must not be encrypted."""
    end = _FIXED_HEADER + 4 * (packet[0] & 0x0F)
    if packet[0] & _EXTENSION:
        end += 4 + 4 * int.from_bytes(packet[end + 2 : end + 4], "big")
    return bytes([packet[0] & ~_PADDING]) + packet[1:end] + payload
