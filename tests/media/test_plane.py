"""The audio of one call on the plane: what leaves, what comes back, and the reports on both."""

from typing import Any

import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpRrPacket, RtcpSrPacket, RtpPacket

from realtime_mock.clock import VIRTUAL_START, VirtualClock
from realtime_mock.core.effects import PlayoutCleared, PlayoutStarted, PlayoutStopped
from realtime_mock.core.speech import Speech
from realtime_mock.media import rtp
from realtime_mock.media.codecs import OPUS
from realtime_mock.media.microphone import BATCH, Microphone
from realtime_mock.media.plane import CallAudio, MediaPlane, Terms
from realtime_mock.media.speaker import CallSpeaker

SPEECH = Speech("la", b"\x10\x20\x10\xe0" * 6_000)


class Line:
    """A call on a plane of its own, without a network."""

    def __init__(self, *, speaks: bool = True) -> None:
        self.clock = VirtualClock()
        self.plane = MediaPlane(self.clock)
        self.sent: list[tuple[float, RtpPacket]] = []
        self.reports: list[list[Any]] = []
        self.heard: list[bytes] = []
        self.told: list[object] = []
        self.speaker = CallSpeaker(OPUS, self.told.append)
        self.microphone = Microphone(OPUS, hear=lambda pcm, _lost=(): self.heard.append(pcm), listens=lambda: True)
        self.audio = CallAudio(
            Terms(OPUS, 111, ssrc=5, cname="us"),
            send=lambda packet: self.sent.append((round(self.clock.time(), 4), RtpPacket.parse(packet))),
            send_report=lambda packet: self.reports.append(RtcpPacket.parse(packet)),
            speaker=self.speaker if speaks else None,
            microphone=self.microphone,
            clock=self.clock,
        )
        self.plane.open(self.audio)
        self._client = rtp.OutboundStream(payload_type=111, ssrc=9, sequence=100, timestamp=0)

    @property
    def payloads(self) -> list[bytes]:
        return [packet.payload for _, packet in self.sent]

    def client_packets(self, count: int) -> list[bytes]:
        return [self._client.packet(OPUS.silence, ticks=960) for _ in range(count)]


@pytest.fixture
def line() -> Line:
    OPUS.encode(SPEECH.pcm)
    return Line()


def test_silence_leaves_until_there_is_something_to_say(line: Line) -> None:
    line.clock.advance(0.1)
    assert [moment for moment, _ in line.sent] == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]
    assert set(line.payloads) == {OPUS.silence}


def test_speech_leaves_in_its_packets_and_the_first_is_marked(line: Line) -> None:
    line.clock.advance(0.05)
    line.speaker.play("r1", SPEECH)
    line.speaker.end("r1")
    line.clock.advance(1.0)
    packets = OPUS.encode(SPEECH.pcm)
    assert tuple(line.payloads[3 : 3 + len(packets)]) == packets
    assert [number for number, (_, packet) in enumerate(line.sent) if packet.marker] == [3]
    assert line.told == [PlayoutStarted("r1"), PlayoutStopped("r1")]


def test_numbers_and_timestamps_have_no_gap(line: Line) -> None:
    line.speaker.play("r1", SPEECH)
    line.clock.advance(1.0)
    sequences = [packet.sequence_number for _, packet in line.sent]
    stamps = [packet.timestamp for _, packet in line.sent]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert stamps == [stamps[0] + 960 * number for number in range(len(stamps))]


def test_what_is_cleared_stops_with_the_next_packet(line: Line) -> None:
    line.speaker.play("r1", SPEECH)
    line.clock.advance(0.1)
    line.speaker.clear("r1")
    line.clock.advance(0.1)
    assert line.told == [PlayoutStarted("r1"), PlayoutCleared("r1", played_ms=120)]
    assert set(line.payloads[6:]) == {OPUS.silence}


def test_sender_reports_count_truly_and_tie_both_clocks(line: Line) -> None:
    line.clock.advance(3.0)
    reports = [compound[0] for compound in line.reports]
    assert [type(report) for report in reports] == [RtcpSrPacket] * 3
    assert [report.sender_info.packet_count for report in reports] == [25, 75, 125]
    assert [report.sender_info.octet_count for report in reports] == [75, 225, 375]
    sent = {packet.timestamp: moment for moment, packet in line.sent}
    for report in reports:
        moment = report.sender_info.ntp_timestamp / 2**32 - rtp.NTP_EPOCH - VIRTUAL_START
        assert moment == pytest.approx(sent[report.sender_info.rtp_timestamp], abs=0.001)


def test_reports_tell_the_client_what_was_lost_and_give_its_time_back(line: Line) -> None:
    packets = line.client_packets(10)
    for packet in packets[:4] + packets[5:]:
        line.audio.receive(packet)
    source = rtp.OutboundStream(payload_type=111, ssrc=9, sequence=0, timestamp=0)
    line.audio.receive_report(rtp.sender_report(source, now=1000.0, timestamp=0, block=None))
    line.clock.advance(0.49)
    [[report, _]] = line.reports
    [block] = report.reports
    assert (block.ssrc, block.packets_lost, block.lsr) == (9, 1, rtp.ntp_time(1000.0) >> 16 & 0xFFFFFFFF)
    assert block.dlsr / 65536 == pytest.approx(0.48, abs=0.001)


def test_who_may_not_speak_still_reports(line: Line) -> None:
    mute = Line(speaks=False)
    mute.audio.receive(mute.client_packets(1)[0])
    mute.clock.advance(1.0)
    assert mute.sent == []
    assert [type(compound[0]) for compound in mute.reports] == [RtcpRrPacket]


def test_a_gap_at_the_end_of_speech_does_not_hold_what_follows_for_ever(line: Line) -> None:
    *before, _, after = line.client_packets(BATCH + 2)
    for packet in (*before, after):
        line.audio.receive(packet)
    assert sum(map(len, line.heard)) == BATCH * 960
    line.clock.advance(0.2)
    line.microphone.flush()
    assert sum(map(len, line.heard)) == (BATCH + 2) * 960


def test_a_new_source_begins_a_new_stream(line: Line) -> None:
    line.audio.receive(line.client_packets(1)[0])
    other = rtp.OutboundStream(payload_type=111, ssrc=10, sequence=9, timestamp=2**31)
    line.audio.receive(other.packet(OPUS.silence, ticks=960))
    line.microphone.flush()
    assert sum(map(len, line.heard)) == 2 * 960


def test_another_payload_type_is_not_heard(line: Line) -> None:
    other = rtp.OutboundStream(payload_type=13, ssrc=9, sequence=9, timestamp=0)
    line.audio.receive(other.packet(b"\x40", ticks=960))
    assert line.heard == []


def test_a_closed_call_says_goodbye_and_leaves_no_timer(line: Line) -> None:
    first, _, third = line.client_packets(3)
    for packet in (first, third):
        line.audio.receive(packet)
    line.plane.close(line.audio)
    assert [type(packet) for packet in line.reports[-1]] == [RtcpByePacket]
    assert line.clock.next_timer() is None
