"""The network between the mock and one client: as good as nothing between them, until faults make it worse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from realtime_mock.faults.call_kinds import PacketKind, RtpDuplicate, RtpGap, RtpJitter, RtpLoss, RtpReorder, RtpSilence
from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.impairment import PacketSchedule
from realtime_mock.faults.model import Fault
from realtime_mock.transports.rtp import is_rtp, sequence_number, with_payload

Deliver = Callable[[bytes], object]
OnStruck = Callable[[Fault, list[int]], None]
"""Told of the numbers (RTP sequence numbers) of the packets that a fault befell."""

REPORT_INTERVAL = 1.0
"""Seconds of packets in one report: fifty packets a second would drown a journal."""

_ON_THE_WAY: tuple[type[PacketKind], ...] = (RtpLoss, RtpReorder, RtpDuplicate, RtpJitter, RtpGap)
_AT_THE_SOURCE: tuple[type[PacketKind], ...] = (RtpSilence,)


class Network:
    """Carries the datagrams of one call, and does to them what faults ask for.

    Whoever sends or receives on a socket hands each datagram through; what is not RTP passes as it is, unless the mock
    has vanished. Sound is replaced before it is encrypted, which is why that has entrances of its own.

    Args:
        sets: the faults in force, which may change at any time.
        on_struck: told once a second, and at the end, what has befallen which packets.
        silence: the payload that takes the place of sound.
    """

    def __init__(self, sets: Sequence[FaultSet], *, on_struck: OnStruck, silence: bytes) -> None:
        self._loop = asyncio.get_running_loop()
        self._in_force = tuple(each.in_force for each in sets)
        self._on_struck = on_struck
        self._silence = silence
        self._outbound = PacketSchedule[bytes](sets, direction="out", kinds=_ON_THE_WAY)
        self._inbound = PacketSchedule[bytes](sets, direction="in", kinds=_ON_THE_WAY)
        self._spoken = PacketSchedule[bytes](sets, direction="out", kinds=_AT_THE_SOURCE)
        self._heard = PacketSchedule[bytes](sets, direction="in", kinds=_AT_THE_SOURCE)
        self._schedules = (self._outbound, self._inbound, self._spoken, self._heard)
        self._is_at_work = False
        self._waiting: set[asyncio.TimerHandle] = set()
        self._struck: dict[int, tuple[Fault, list[int]]] = {}
        self._report: asyncio.TimerHandle | None = None
        self._absences = 0
        self._closed = asyncio.Event()

    @property
    def has_vanished(self) -> bool:
        """Whether nothing is carried."""
        return self._absences > 0

    async def outlasts(self, seconds: float) -> bool:
        """Whether the call is still there after so many seconds; False as soon as it is not."""
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return True
        return False

    def begin(self, strike: Strike) -> None:
        """Let a fault befall the packets that come next."""
        for schedule in self._schedules:
            schedule.begin(strike, self._loop.time())
        self._look_whether_at_work()

    def vanish(self) -> None:
        """Carry nothing, until as many returns as there were calls of this."""
        self._absences += 1

    def come_back(self) -> None:
        """End one absence."""
        self._absences -= 1

    def send(self, datagram: bytes, deliver: Deliver) -> None:
        """Let a datagram leave, some time or never."""
        if self.is_perfect:
            deliver(datagram)
            return
        self._carry(self._outbound, datagram, deliver)

    def receive(self, datagram: bytes, deliver: Deliver) -> None:
        """Let a datagram arrive, some time or never."""
        if self.is_perfect:
            deliver(datagram)
            return
        self._carry(self._inbound, datagram, deliver)

    def speak(self, packet: bytes) -> bytes:
        """The RTP packet that is encrypted in place of this one."""
        return packet if self.is_perfect else self._sound(self._spoken, packet)

    def hear(self, packet: bytes) -> bytes:
        """The RTP packet that was decrypted, or one of silence."""
        return packet if self.is_perfect else self._sound(self._heard, packet)

    def close(self) -> None:
        """Forget what has not left or arrived, and tell the rest of what was struck."""
        for timer in self._waiting:
            timer.cancel()
        if self._report is not None:
            self._report.cancel()
        self._waiting.clear()
        self._closed.set()
        self._tell()

    @property
    def is_perfect(self) -> bool:
        """Whether no fault of any kind is in force, or still at work: asked for every packet, so it is quick.

        Whoever finds it so need not hand a datagram through.
        """
        if self._is_at_work or self._absences:
            return False
        # Not `any`: a generator would cost as much again.
        for in_force in self._in_force:  # noqa: SIM110
            if in_force:
                return False
        return True

    def _carry(self, schedule: PacketSchedule[bytes], datagram: bytes, deliver: Deliver) -> None:
        if self.has_vanished:
            return
        if schedule.is_idle or not is_rtp(datagram):
            deliver(datagram)
            return
        now = self._loop.time()
        departures, strikes = schedule.take(datagram, now)
        self._look_whether_at_work()
        self._note(strikes, datagram)
        for departure in departures:
            if departure.due <= now:
                deliver(departure.packet)
            else:
                self._deliver_at(departure.due, departure.packet, deliver)

    def _sound(self, schedule: PacketSchedule[bytes], packet: bytes) -> bytes:
        if schedule.is_idle or not is_rtp(packet):
            return packet
        [departure], strikes = schedule.take(packet, self._loop.time())
        self._look_whether_at_work()
        self._note(strikes, packet)
        return with_payload(packet, self._silence) if departure.is_silent else packet

    def _look_whether_at_work(self) -> None:
        self._is_at_work = any(schedule.is_at_work for schedule in self._schedules)

    def _deliver_at(self, due: float, packet: bytes, deliver: Deliver) -> None:
        if self._closed.is_set():
            # The last packets of a call leave after this, and the socket is gone when they are due.
            return

        def arrive() -> None:
            self._waiting.discard(timer)
            if not self.has_vanished:
                deliver(packet)

        timer = self._loop.call_at(due, arrive)
        self._waiting.add(timer)

    def _note(self, strikes: Sequence[Strike], packet: bytes) -> None:
        for strike in strikes:
            self._struck.setdefault(id(strike.fault), (strike.fault, []))[1].append(sequence_number(packet))
        if strikes and self._report is None:
            self._report = self._loop.call_later(REPORT_INTERVAL, self._tell)

    def _tell(self) -> None:
        self._report = None
        struck, self._struck = self._struck, {}
        for fault, numbers in struck.values():
            self._on_struck(fault, numbers)
