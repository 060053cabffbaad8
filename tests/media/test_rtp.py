"""RTP and RTCP as bytes, read back by aiortc's own parser."""

import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpRrPacket, RtcpSdesPacket, RtcpSrPacket
from aiortc.rtp import RtpPacket as TheirPacket
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.media import rtp
from realtime_mock.media.rtp import OutboundStream, ReceptionReport


def stream(**changes: int) -> OutboundStream:
    return OutboundStream(**{"payload_type": 111, "ssrc": 0xDEADBEEF, "sequence": 7, "timestamp": 1000, **changes})


def test_packets_count_up() -> None:
    source = stream()
    packets = [TheirPacket.parse(source.packet(b"abc", ticks=960, marker=number == 1)) for number in range(3)]
    assert [one.sequence_number for one in packets] == [7, 8, 9]
    assert [one.timestamp for one in packets] == [1000, 1960, 2920]
    assert [one.marker for one in packets] == [0, 1, 0]
    assert {(one.payload_type, one.ssrc, one.payload) for one in packets} == {(111, 0xDEADBEEF, b"abc")}
    assert (source.packets, source.octets) == (3, 9)


def test_numbers_and_timestamps_wrap() -> None:
    source = stream(sequence=0x7FFF, timestamp=2**32 - 960)
    for _ in range(0x8000):
        source.packet(b"", ticks=960)
    packet = TheirPacket.parse(source.packet(b"", ticks=960))
    assert (packet.sequence_number, packet.timestamp) == (0xFFFF, 0x7FFF * 960)
    assert TheirPacket.parse(source.packet(b"", ticks=960)).sequence_number == 0


def test_time_without_packets_moves_the_timestamp_only() -> None:
    source = stream()
    source.skip(4800)
    packet = TheirPacket.parse(source.packet(b"", ticks=960))
    assert (packet.sequence_number, packet.timestamp) == (7, 5800)


@pytest.mark.parametrize(
    ("packet", "payload"),
    [
        (bytes.fromhex("806f0001 00000002 00000003") + b"hi", b"hi"),
        (bytes.fromhex("816f0001 00000002 00000003 00000009") + b"hi", b"hi"),
        (bytes.fromhex("906f0001 00000002 00000003 bede0001 10aa0000") + b"hi", b"hi"),
        (bytes.fromhex("a06f0001 00000002 00000003") + b"hi\0\0\3", b"hi"),
    ],
)
def test_the_payload_is_found_behind_sources_extensions_and_padding(packet: bytes, payload: bytes) -> None:
    assert rtp.read_packet(packet) == rtp.RtpPacket(111, 1, 2, 3, payload)


@given(st.binary(max_size=40))
def test_no_bytes_raise(packet: bytes) -> None:
    rtp.read_packet(packet)
    rtp.read_packet(b"\xb0" + packet)
    rtp.sender_times(packet)
    rtp.sender_times(b"\x80\xc8" + packet)


BLOCK = ReceptionReport(5, fraction_lost=25, packets_lost=-3, highest_sequence=70_000, jitter=9, lsr=11, dlsr=12)


def test_a_sender_report_says_what_was_sent_and_when() -> None:
    source = stream()
    source.packet(b"abcd", ticks=960)
    compound = rtp.sender_report(source, now=1_800_000_000.5, timestamp=1000, block=BLOCK)
    compound += rtp.source_description(source.ssrc, "realtimeapi")
    report, description = RtcpPacket.parse(compound)
    assert isinstance(report, RtcpSrPacket)
    assert (report.ssrc, report.sender_info.packet_count, report.sender_info.octet_count) == (0xDEADBEEF, 1, 4)
    assert report.sender_info.rtp_timestamp == 1000
    assert report.sender_info.ntp_timestamp == (1_800_000_000 + rtp.NTP_EPOCH << 32) + 2**31
    [block] = report.reports
    assert (block.ssrc, block.fraction_lost, block.packets_lost, block.highest_sequence) == (5, 25, -3, 70_000)
    assert (block.jitter, block.lsr, block.dlsr) == (9, 11, 12)
    assert isinstance(description, RtcpSdesPacket)
    assert [(chunk.ssrc, chunk.items) for chunk in description.chunks] == [(0xDEADBEEF, [(1, b"realtimeapi")])]


def test_who_sends_nothing_reports_what_comes() -> None:
    [report] = RtcpPacket.parse(rtp.receiver_report(9, BLOCK))
    assert isinstance(report, RtcpRrPacket)
    assert (report.ssrc, [block.ssrc for block in report.reports]) == (9, [5])


@pytest.mark.parametrize("cname", ["", "a", "abcd", "x" * 255, "é" * 200])
def test_a_name_of_any_length_makes_a_whole_packet(cname: str) -> None:
    description = rtp.source_description(1, cname)
    assert len(description) % 4 == 0
    assert isinstance(RtcpPacket.parse(description)[0], RtcpSdesPacket)


def test_a_goodbye_names_the_source() -> None:
    [packet] = RtcpPacket.parse(rtp.goodbye(9))
    assert isinstance(packet, RtcpByePacket)
    assert packet.sources == [9]


def test_the_time_of_a_senders_report_is_found_in_a_compound() -> None:
    source = stream()
    report = rtp.sender_report(source, now=10.25, timestamp=0, block=None)
    compound = rtp.receiver_report(4, None) + report + rtp.source_description(4, "x")
    assert rtp.sender_times(compound) == {0xDEADBEEF: rtp.ntp_time(10.25) >> 16 & 0xFFFFFFFF}
