"""The outbound track: packets encoded beforehand, at the pace of speech."""

import asyncio

import pytest
from aiortc.mediastreams import MediaStreamError

from realtime_mock.core.effects import PlayoutCleared, PlayoutReport, PlayoutStarted, PlayoutStopped
from realtime_mock.core.speech import SAMPLE_RATE, Speech
from realtime_mock.media import opus
from realtime_mock.media.codecs import OPUS
from realtime_mock.media.speaker import LARGEST_LAG, CallSpeaker, SpeakerTrack


def tone(milliseconds: int) -> Speech:
    period = b"".join(int(value).to_bytes(2, "little", signed=True) for value in (0, 9000, 0, -9000))
    return Speech("la", (period * SAMPLE_RATE)[: SAMPLE_RATE * 2 * milliseconds // 1000])


class Reports(list[PlayoutReport]):
    """What a speaker reported; `until` waits for one more report of a kind."""

    def __init__(self) -> None:
        super().__init__()
        self.speaker = CallSpeaker(OPUS, self.append)
        self.track = SpeakerTrack(self.speaker)

    async def play_until(self, kind: type[PlayoutReport]) -> list[bytes]:
        packets = []
        async with asyncio.timeout(5):
            while not any(isinstance(report, kind) for report in self):
                packets.append(bytes(await self.track.recv()))
        return packets


@pytest.fixture
async def reports() -> Reports:
    return Reports()


async def test_it_is_silent_until_it_has_something_to_say(reports: Reports) -> None:
    assert [bytes(await reports.track.recv()) for _ in range(3)] == [opus.SILENCE] * 3


async def test_speech_leaves_as_the_packets_it_was_encoded_to(reports: Reports) -> None:
    speech = tone(100)
    reports.speaker.play("r1", speech)
    reports.speaker.end("r1")
    packets = await reports.play_until(PlayoutStopped)
    assert tuple(packet for packet in packets if packet != opus.SILENCE) == OPUS.encode(speech.pcm)
    assert reports == [PlayoutStarted("r1"), PlayoutStopped("r1")]


async def test_clearing_reports_at_once_and_silences_the_next_packet(reports: Reports) -> None:
    reports.speaker.play("r1", tone(2000))
    await reports.play_until(PlayoutStarted)
    reports.speaker.clear("r1")
    assert reports == [PlayoutStarted("r1"), PlayoutCleared("r1", played_ms=20)]
    assert bytes(await reports.track.recv()) == opus.SILENCE


async def test_timestamps_count_samples_at_48_khz(reports: Reports) -> None:
    packets = [await reports.track.recv() for _ in range(3)]
    assert [packet.pts for packet in packets] == [0, 960, 1920]
    assert [(packet.time_base.numerator, packet.time_base.denominator) for packet in packets] == [(1, 48000)] * 3


async def test_packets_keep_the_pace_of_speech(reports: Reports) -> None:
    clock = asyncio.get_running_loop().time
    start = clock()
    for _ in range(11):
        await reports.track.recv()
    assert clock() - start == pytest.approx(0.2, abs=0.1)


async def test_a_late_packet_does_not_delay_those_after_it(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    delays = await delays_at(reports.track, monkeypatch, [0.0, 0.030, 0.040, 0.060])
    assert delays == pytest.approx([0.0, 0.0, 0.0, 0.0])


async def test_a_long_pause_moves_the_schedule(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    late = 0.020 + LARGEST_LAG + 0.1
    delays = await delays_at(reports.track, monkeypatch, [0.0, late, late, late + 0.020])
    assert delays == pytest.approx([0.0, 0.0, 0.020, 0.020])


async def delays_at(speaker: SpeakerTrack, monkeypatch: pytest.MonkeyPatch, moments: list[float]) -> list[float]:
    """How long the speaker waits when it is asked for packets at these moments."""
    delays: list[float] = []

    async def sleep(delay: float) -> None:
        delays[-1] = delay

    monkeypatch.setattr("realtime_mock.media.speaker.asyncio.sleep", sleep)
    loop = asyncio.get_running_loop()
    real = loop.time
    for moment in moments:
        delays.append(0.0)
        monkeypatch.setattr(loop, "time", lambda moment=moment: 1000.0 + moment)
        await speaker.recv()
    monkeypatch.setattr(loop, "time", real)
    return delays


async def test_a_stopped_speaker_gives_nothing_more(reports: Reports) -> None:
    reports.speaker.play("r1", tone(5000))
    reports.track.stop()
    with pytest.raises(MediaStreamError):
        await reports.track.recv()
