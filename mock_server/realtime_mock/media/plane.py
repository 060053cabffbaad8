"""The media plane: the audio of all calls of a server, without a task, a thread or a timer for any one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime_mock.clock import Clock, LoopClock, Timer
from realtime_mock.media import rtp
from realtime_mock.media.codecs import Codec
from realtime_mock.media.jitter import JitterBuffer, Reception
from realtime_mock.media.microphone import Microphone
from realtime_mock.media.pacer import Pacer
from realtime_mock.media.rtp import OutboundStream, RtpPacket
from realtime_mock.media.speaker import CallSpeaker

REPORT_PACKETS = 50
"""One report a second, as browsers send them."""

Send = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the SDP says of a call's audio; `ssrc` and `cname` are ours."""

    codec: Codec
    payload_type: int
    ssrc: int
    cname: str


class CallAudio:
    """The audio of one call: what the pacer sends of it, and what comes in.

    Args:
        terms: what was agreed.
        send: takes a plain RTP packet, and `send_report` a plain RTCP one.
        speaker: where speech comes from; None where the client does not hear us.
        microphone: where the client's packets go.
        clock: the time of the network.
        chance: 48 random bits, of which the first sequence number and timestamp are made (RFC 3550, section 5.1).
    """

    def __init__(
        self,
        terms: Terms,
        *,
        send: Send,
        send_report: Send,
        speaker: CallSpeaker | None,
        microphone: Microphone,
        clock: Clock,
        chance: int = 0,
    ) -> None:
        self.jitter = JitterBuffer()
        self.stream = OutboundStream(
            payload_type=terms.payload_type, ssrc=terms.ssrc, sequence=chance >> 32, timestamp=chance
        )
        self._terms = terms
        self._send = send
        self._send_report = send_report
        self._speaker = speaker
        self._microphone = microphone
        self._clock = clock
        self._is_speaking = False
        self._reception: Reception | None = None
        self._heard_reports: tuple[int, float] = (0, 0.0)
        self._until_report = REPORT_PACKETS // 2
        self._release: Timer | None = None

    @property
    def lost(self) -> int:
        """Packets of the client that never came."""
        return 0 if self._reception is None else max(self._reception.lost, 0)

    def send_due(self, missed: int) -> None:
        """Send what is due in this 20 ms: a packet, and every second a report."""
        ticks = self._terms.codec.ticks
        if missed:
            self.stream.skip(missed * ticks)
        timestamp = self.stream.timestamp
        if self._speaker is not None:
            payload = self._speaker.next_payload()
            begins = payload is not None and not self._is_speaking
            self._is_speaking = payload is not None
            self._send(self.stream.packet(payload or self._terms.codec.silence, ticks=ticks, marker=begins))
        self._until_report -= 1
        if self._until_report <= 0:
            self._until_report = REPORT_PACKETS
            self._send_report(self._report(timestamp))

    def receive(self, packet: bytes) -> None:
        """Take a decrypted RTP packet of the client."""
        read = rtp.read_packet(packet)
        if read is None or read.payload_type != self._terms.payload_type:
            return
        now = self._clock.time()
        if self._reception is None or self._reception.ssrc != read.ssrc:
            self._begin(read)
        assert self._reception is not None  # noqa: S101 - just begun
        self._reception.add(read, now)
        for ordered in self.jitter.push(read, now):
            self._microphone.take(ordered)
        if self.jitter.deadline is not None:
            self._wait(now)

    def receive_report(self, compound: bytes) -> None:
        """Take a decrypted RTCP packet of the client: of its reports, the time, which ours give back."""
        for ssrc, when in rtp.sender_times(compound).items():
            if self._reception is not None and ssrc == self._reception.ssrc:
                self._heard_reports = (when, self._clock.time())

    def close(self) -> None:
        """Take and send nothing more; give what was held back."""
        if self._release is not None:
            self._release.cancel()
        self._send_report(rtp.goodbye(self.stream.ssrc))

    def _begin(self, packet: RtpPacket) -> None:
        self._reception = Reception(packet.ssrc, clock_rate=self._terms.codec.clock_rate)
        self._heard_reports = (0, 0.0)
        late = self.jitter.late
        self.jitter = JitterBuffer()
        self.jitter.late = late
        self._microphone.restart()

    def _wait(self, now: float) -> None:
        deadline = self.jitter.deadline
        if self._release is None and deadline is not None:
            self._release = self._clock.call_at(max(deadline, now), self._give_up)

    def _give_up(self) -> None:
        self._release = None
        now = self._clock.time()
        for ordered in self.jitter.release(now):
            self._microphone.take(ordered)
        self._wait(now)

    def _report(self, timestamp: int) -> bytes:
        block = None
        if self._reception is not None:
            lsr, heard_at = self._heard_reports
            dlsr = int((self._clock.time() - heard_at) * 65536) & 0xFFFFFFFF if lsr else 0
            block = self._reception.report(lsr=lsr, dlsr=dlsr)
        if self.stream.packets:
            report = rtp.sender_report(self.stream, now=self._clock.now(), timestamp=timestamp, block=block)
        else:
            report = rtp.receiver_report(self.stream.ssrc, block)
        return report + rtp.source_description(self.stream.ssrc, self._terms.cname)


class MediaPlane:
    """What the calls of a server share.

    Args:
        clock: the time of the network; tests have another.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = LoopClock() if clock is None else clock
        self.pacer = Pacer(self.clock)

    def open(self, audio: CallAudio) -> None:
        """Let a call send and report from now on."""
        self.pacer.add(audio)

    def close(self, audio: CallAudio) -> None:
        """Let it send no more."""
        self.pacer.remove(audio)
        audio.close()
