"""Faults of RTP reach a client on libwebrtc, and none is there that nobody asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from realtime_mock.faults.reading import parse_faults
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.settings import Settings

DEADLINE = 20.0
LOUD, QUIET = -45.0, -70.0
STORY = "Tell me a very long story, word for word, about a fox and a dog and the sea " * 3


def set_faults(mock: Any, text: str) -> None:
    mock.factory.lanes.default.faults.set.replace(parse_faults(text, "faults", mock.factory.registry))


def struck(mock: Any, word: str) -> list[int]:
    """The RTP packets that the journal says were struck."""
    entries = [entry.event for entry in mock.journal.entries(kind="fault") if entry.fault == word]
    return [number for entry in entries for number in entry["packets"]]


async def until_struck(mock: Any, word: str, *, packets: int) -> None:
    """Wait until the journal knows of so many packets."""
    came = asyncio.Event()
    stop = mock.journal.listen(lambda _: came.set())
    try:
        async with asyncio.timeout(DEADLINE):
            while len(struck(mock, word)) < packets:
                await came.wait()
                came.clear()
    finally:
        stop()


async def stats(caller: Any, kind: str) -> Any:
    """One report of libwebrtc's, such as the one of the audio that it receives."""
    reports = (await caller.pc.get_stats()).values()
    return next((report for report in reports if type(report).__name__ == kind), None)


async def inbound_until(caller: Any, is_so: Callable[[Any], bool]) -> Any:
    """What libwebrtc says of the audio that it receives, as soon as that is so."""
    async with asyncio.timeout(DEADLINE):
        # libwebrtc tells its statistics only when asked.
        while (report := await stats(caller, "RTCInboundRtpStreamStats")) is None or not is_so(report):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return report


async def inbound_after(caller: Any, packets: int) -> Any:
    """The same, as soon as so many packets have come or are known to be lost."""
    return await inbound_until(caller, lambda report: report.packets_received + report.packets_lost >= packets)


async def test_nothing_is_lost_that_no_fault_takes(caller: Any, mock: Any) -> None:
    assert (await inbound_after(caller, 60)).packets_lost == 0
    assert mock.journal.entries(kind="fault") == []


async def test_as_many_packets_are_lost_as_were_asked_for(caller: Any, mock: Any) -> None:
    await inbound_after(caller, 10)
    set_faults(mock, "rtp_loss: {}\nprobability: 0.5\ncount: 10")
    await until_struck(mock, "rtp_loss", packets=10)
    assert (await inbound_until(caller, lambda report: report.packets_lost >= 10)).packets_lost == 10
    assert len(struck(mock, "rtp_loss")) == 10


async def test_a_burst_is_lost_as_one(caller: Any, mock: Any) -> None:
    await inbound_after(caller, 10)
    set_faults(mock, "rtp_loss: 12\ncount: 1")
    report = await inbound_until(caller, lambda report: report.packets_lost >= 12)
    assert report.packets_lost == 12
    assert report.concealment_events >= 1


async def test_a_gap_is_heard_as_missing_sound(caller: Any, mock: Any) -> None:
    await inbound_after(caller, 10)
    set_faults(mock, "rtp_gap: 500ms\ncount: 1")
    report = await inbound_until(caller, lambda report: report.packets_lost > 15)
    assert report.concealed_samples > 48_000 * 0.2


async def test_jitter_is_measured_by_the_client(caller: Any, mock: Any) -> None:
    set_faults(mock, "rtp_jitter: 200ms")
    assert (await inbound_until(caller, lambda report: report.jitter > 0.015)).packets_received > 0


async def test_packets_that_come_too_late_are_not_played(caller: Any, mock: Any) -> None:
    await inbound_after(caller, 20)
    set_faults(mock, "rtp_reorder: 8\nprobability: 0.2")
    report = await inbound_until(caller, lambda report: report.packets_discarded > 0)
    assert report.concealment_events > 0


async def test_copies_arrive_and_are_thrown_away_by_srtp(caller: Any, mock: Any) -> None:
    """A receiver must not take the same SRTP packet twice (RFC 3711 section 3.3.2): only the datagrams are more."""
    set_faults(mock, "rtp_duplicate: 5")
    report = await inbound_after(caller, 60)
    transport = await stats(caller, "RTCTransportStats")
    assert transport.packets_received > 3 * report.packets_received


async def test_silence_in_place_of_speech_is_heard_as_silence(caller: Any, mock: Any) -> None:
    ear = await caller.ear()
    set_faults(mock, "on: response.created\nrtp_silence: 3600s")
    caller.say_text(STORY)
    caller.send({"type": "response.create"})
    await caller.until("output_audio_buffer.started")
    await ear.until(lambda level: level < QUIET, frames=50)
    set_faults(mock, "[]")
    await ear.until(lambda level: level > LOUD)


@pytest.mark.parametrize("text", ["rtp_loss: {direction: in}", "rtp_silence: {for: 3600s, direction: in}"])
async def test_the_mock_does_not_hear_what_is_lost_on_the_way_to_it(
    caller: Any, mock: Any, spoken: bytes, text: str
) -> None:
    set_faults(mock, text)
    await caller.microphone.say(spoken)
    caller.send({"type": "input_audio_buffer.clear"})
    assert (await caller.next())["type"] == "input_audio_buffer.cleared"
    set_faults(mock, "[]")
    speech = asyncio.create_task(caller.microphone.say(spoken))
    await caller.until("input_audio_buffer.speech_started")
    await speech


async def test_the_same_seed_loses_packets_at_the_same_places(caller: Any, new_caller: Any, mock: Any) -> None:
    set_faults(mock, "rtp_loss: {}\nprobability: 0.1\ncount: 5")
    await until_struck(mock, "rtp_loss", packets=5)
    first = struck(mock, "rtp_loss")
    set_faults(mock, "rtp_loss: {}\nprobability: 0.1\ncount: 5")
    await until_struck(mock, "rtp_loss", packets=10)
    second = struck(mock, "rtp_loss")[5:]
    assert [number - first[0] for number in first] == [number - second[0] for number in second]


async def test_a_scenario_loses_the_packets_of_each_of_its_calls(new_caller: Any, mock: Any) -> None:
    rules = "rules:\n  - on: response.create\n    turns: [{say: Hi.}]\n"
    text = f"scenario: lossy\n{rules}faults:\n  - rtp_loss: {{}}\n    nth: 20\n"
    mock.factory.scenario = parse_scenario(text, "lossy.yaml")
    for _ in range(2):
        caller = new_caller()
        caller.open_microphone()
        caller.open_channel()
        await caller.dial()
        await caller.until("session.created")
        assert (await inbound_after(caller, 40)).packets_lost == 1


async def test_another_lane_loses_nothing(caller: Any, mock: Any) -> None:
    other = mock.factory.lanes.open("other")
    other.faults.set.replace(parse_faults("rtp_loss: {}", "faults", mock.factory.registry))
    assert (await inbound_after(caller, 40)).packets_lost == 0


class TestOnOneUdpPortForAllCalls:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(port=0, rtc_port=0)

    async def test_packets_are_lost_there_too(self, caller: Any, mock: Any) -> None:
        await inbound_after(caller, 10)
        set_faults(mock, "rtp_loss: 12\ncount: 1")
        assert (await inbound_until(caller, lambda report: report.packets_lost >= 12)).packets_lost == 12
