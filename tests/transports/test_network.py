"""The network of one call: what it does to datagrams when faults ask for it, on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from realtime_mock.faults.call_kinds import RtpDuplicate, RtpGap, RtpJitter, RtpLoss, RtpReorder, RtpSilence
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.model import Fault, OnEvent
from realtime_mock.transports.network import Network
from realtime_mock.transports.rtp import is_rtp, sequence_number, with_payload

SILENCE = b"\xf8\xff\xfe"


def rtp(number: int, payload: bytes = b"sound") -> bytes:
    return bytes([0x80, 111]) + number.to_bytes(2, "big") + bytes(8) + payload


class Ends:
    """A network with both its ends: what left, what arrived, what was struck."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = FaultSet(faults)
        self.left: list[bytes] = []
        self.arrived: list[bytes] = []
        self.struck: list[tuple[str, list[int]]] = []
        self.network = Network(
            [self.faults],
            on_struck=lambda fault, numbers: self.struck.append((fault.kind.word, numbers)),
            silence=SILENCE,
        )

    def send(self, *datagrams: bytes) -> list[bytes]:
        for datagram in datagrams:
            self.network.send(datagram, self.left.append)
        return self.left

    def receive(self, *datagrams: bytes) -> list[bytes]:
        for datagram in datagrams:
            self.network.receive(datagram, self.arrived.append)
        return self.arrived


PACKETS = tuple(rtp(number) for number in range(4))
OTHERS = (b"\x00\x01stun-binding", b"\x17\xfe\xfddtls-record", bytes([0x80, 200]) + bytes(20), b"\x80")


async def test_without_faults_everything_passes_both_ways() -> None:
    ends = Ends([])
    assert ends.send(*PACKETS, *OTHERS) == [*PACKETS, *OTHERS]
    assert ends.receive(*PACKETS, *OTHERS) == [*PACKETS, *OTHERS]
    assert (ends.network.speak(PACKETS[0]), ends.network.hear(PACKETS[0])) == (PACKETS[0], PACKETS[0])


async def test_loss_takes_rtp_and_nothing_else() -> None:
    assert Ends([Fault(RtpLoss())]).send(*PACKETS, *OTHERS) == list(OTHERS)


async def test_each_direction_has_faults_of_its_own() -> None:
    ends = Ends([Fault(RtpLoss(direction="in"))])
    assert (ends.send(*PACKETS), ends.receive(*PACKETS)) == (list(PACKETS), [])


async def test_packets_go_twice_or_behind_others() -> None:
    assert Ends([Fault(RtpDuplicate(), nth=2)]).send(*PACKETS[:2]) == [PACKETS[0], PACKETS[1], PACKETS[1]]
    assert Ends([Fault(RtpReorder(), nth=1)]).send(*PACKETS[:3]) == [PACKETS[1], PACKETS[0], PACKETS[2]]


async def test_a_late_packet_goes_after_those_that_follow() -> None:
    ends = Ends([Fault(RtpJitter(0.02), nth=1)])
    left: asyncio.Queue[bytes] = asyncio.Queue()
    for packet in PACKETS:
        ends.network.send(packet, left.put_nowait)
    async with asyncio.timeout(5):
        assert [await left.get() for _ in PACKETS] == [*PACKETS[1:], PACKETS[0]]


async def test_what_is_late_when_the_call_ends_never_goes() -> None:
    ends = Ends([Fault(RtpJitter(0.01))])
    ends.send(*PACKETS)
    ends.network.close()
    await asyncio.sleep(0.02)
    assert ends.left == []


async def test_what_is_late_after_the_end_never_arrives() -> None:
    ends = Ends([Fault(RtpJitter(0.01))])
    ends.network.close()
    ends.send(*PACKETS)
    await asyncio.sleep(0.02)
    assert ends.left == []


async def test_who_has_vanished_sends_and_receives_nothing_until_back() -> None:
    ends = Ends([])
    ends.network.vanish()
    assert (ends.send(*PACKETS, *OTHERS), ends.receive(*PACKETS, *OTHERS)) == ([], [])
    ends.network.come_back()
    assert ends.send(*OTHERS) == list(OTHERS)


async def test_silence_takes_the_place_of_sound_under_the_same_header() -> None:
    ends = Ends([Fault(RtpSilence(60.0))])
    assert ends.network.speak(rtp(7)) == rtp(7, SILENCE)
    assert ends.network.hear(rtp(7)) == rtp(7)


async def test_what_was_struck_is_told_when_the_call_ends() -> None:
    ends = Ends([Fault(RtpLoss(), nth=2), Fault(RtpGap(60.0), nth=4)])
    ends.send(*PACKETS)
    ends.network.close()
    assert ends.struck == [("rtp_loss", [1]), ("rtp_gap", [3])]


async def test_a_fault_on_an_event_begins_when_it_is_told_to() -> None:
    ends = Ends([Fault(RtpLoss(2), OnEvent())])
    ends.send(PACKETS[0])
    [strike] = ends.faults.strikes(lambda _: True)
    ends.network.begin(strike)
    assert ends.send(*PACKETS[1:]) == [PACKETS[0], PACKETS[3]]


def test_a_payload_is_replaced_behind_every_header() -> None:
    plain, sources = rtp(1), bytes([0x82, *rtp(1)[1:12], *bytes(8)])
    extended = bytes([0x90, *rtp(1)[1:12]]) + b"\xbe\xde\x00\x02" + bytes(8)
    for header in (plain[:12], sources, extended):
        assert with_payload(header + b"sound", SILENCE) == header + SILENCE
    padded = bytes([0xA0, *rtp(1)[1:]]) + b"\0\0\3"
    assert with_payload(padded, SILENCE) == rtp(1, SILENCE)
    assert (is_rtp(plain), sequence_number(rtp(65535))) == (True, 65535)
