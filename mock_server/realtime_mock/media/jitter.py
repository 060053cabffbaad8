"""What arrives of a stream: its packets in order at once, and those that come out of order as soon as can be.

Pure: time is an argument, and nothing waits here. A packet that is next in order passes without delay. One that
comes too early is held until those before it arrive; when that takes too long they are lost, and the stream goes on.
"""

from __future__ import annotations

from realtime_mock.media.rtp import ReceptionReport, RtpPacket

MAX_WAIT = 0.12
"""Seconds that a packet is held for those before it: a jitter of 100 ms passes whole."""

MAX_HELD = 12
"""Packets held at most: 240 ms of speech in packets of 20 ms."""

LARGEST_JUMP = 3000
"""A packet further ahead or behind is no part of the stream, until a second one follows it (RFC 3550, A.1)."""

_NOTHING: list[RtpPacket] = []


class JitterBuffer:
    """Puts the packets of one source into order."""

    def __init__(self) -> None:
        self.late = 0
        """Packets that came when they had been given up, or twice."""
        self._next: int | None = None
        self._held: dict[int, RtpPacket] = {}
        self._held_since = 0.0
        self._stray: int | None = None

    @property
    def deadline(self) -> float | None:
        """When `release` gives up waiting; None while nothing is held."""
        return self._held_since + MAX_WAIT if self._held else None

    def push(self, packet: RtpPacket, now: float) -> list[RtpPacket]:
        """Take what arrived and give what is in order now; a gap in the numbers is lost for good."""
        if self._next is None:
            self._next = packet.sequence
        if packet.sequence == self._next:
            self._next = (self._next + 1) & 0xFFFF
            return [packet, *self._follow()] if self._held else [packet]
        ahead = _distance(self._next, packet.sequence)
        if abs(ahead) > LARGEST_JUMP:
            return self._jump(packet)
        if ahead < 0 or packet.sequence in self._held:
            self.late += 1
            return _NOTHING
        if not self._held:
            self._held_since = now
        self._held[packet.sequence] = packet
        return self._skip(now) if len(self._held) > MAX_HELD else _NOTHING

    def release(self, now: float) -> list[RtpPacket]:
        """Give what has waited long enough, and what follows it."""
        deadline = self.deadline
        return _NOTHING if deadline is None or now < deadline else self._skip(now)

    def _skip(self, now: float) -> list[RtpPacket]:
        """Give up what is missing before the first packet held."""
        assert self._next is not None  # noqa: S101 - something is held
        expected = self._next
        self._next = min(self._held, key=lambda sequence: _distance(expected, sequence))
        self._held_since = now
        return self._follow()

    def _follow(self) -> list[RtpPacket]:
        assert self._next is not None  # noqa: S101 - something came
        followers: list[RtpPacket] = []
        while (packet := self._held.pop(self._next, None)) is not None:
            followers.append(packet)
            self._next = (self._next + 1) & 0xFFFF
        return followers

    def _jump(self, packet: RtpPacket) -> list[RtpPacket]:
        if packet.sequence != self._stray:
            self._stray = (packet.sequence + 1) & 0xFFFF
            self.late += 1
            return _NOTHING
        rest = [self._held[sequence] for sequence in sorted(self._held)]
        self._held.clear()
        self._next = (packet.sequence + 1) & 0xFFFF
        return [*rest, packet]


class Reception:
    """Counts how a source arrives, for reports to it (RFC 3550, sections 6.4.1 and A.3, A.8)."""

    def __init__(self, ssrc: int, *, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.received = 0
        self._clock_rate = clock_rate
        self._first = 0
        self._highest = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._reported = (0, 0)

    @property
    def expected(self) -> int:
        """Packets that would have come if none were lost."""
        return self._highest - self._first + 1 if self.received else 0

    @property
    def lost(self) -> int:
        """How many of them have not; below zero where some came twice."""
        return self.expected - self.received

    def add(self, packet: RtpPacket, now: float) -> None:
        """Count a packet that arrived at `now`."""
        if not self.received:
            self._first = self._highest = packet.sequence
        self.received += 1
        ahead = ((packet.sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if ahead == 1:
            # As nearly always.
            self._highest += 1
        elif abs(ahead) > LARGEST_JUMP:
            # The numbers have begun anew: nothing is known of what lies between.
            self._first += ahead
            self._highest += ahead
        elif ahead > 0:
            self._highest += ahead
        transit = now * self._clock_rate - packet.timestamp
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < 2**31:
                # A timestamp that has wrapped says nothing of the network.
                self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def report(self, *, lsr: int = 0, dlsr: int = 0) -> ReceptionReport | None:
        """The block for the next report; None while nothing has come."""
        if not self.received:
            return None
        expected, received = self.expected - self._reported[0], self.received - self._reported[1]
        self._reported = (self.expected, self.received)
        lost = max(expected - received, 0)
        fraction = min(lost * 256 // expected, 255) if expected > 0 else 0
        return ReceptionReport(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            packets_lost=self.lost,
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            lsr=lsr,
            dlsr=dlsr,
        )


def _distance(before: int, after: int) -> int:
    """How far `after` is ahead, around the 16 bits of a sequence number."""
    return ((after - before + 0x8000) & 0xFFFF) - 0x8000
