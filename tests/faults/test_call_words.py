"""Faults of calls and of time as they are written."""

from __future__ import annotations

import pytest

from realtime_mock.faults import call_kinds as call
from realtime_mock.faults import time_kinds as time
from realtime_mock.faults.model import Always, Fault, OnConnect, OnEvent, OnRequest
from realtime_mock.scenario.document import ScenarioError


@pytest.mark.parametrize(
    "text, kind",
    [
        ("rtp_loss: {}", call.RtpLoss()),
        ("rtp_loss:", call.RtpLoss()),
        ("rtp_loss: 3", call.RtpLoss(3)),
        ("rtp_loss: {burst: 5, direction: in}", call.RtpLoss(5, "in")),
        ("rtp_loss: {direction: in}", call.RtpLoss(1, "in")),
        ("rtp_reorder: {}", call.RtpReorder()),
        ("rtp_reorder: {passes: 2}", call.RtpReorder(2)),
        ("rtp_duplicate: {}", call.RtpDuplicate()),
        ("rtp_duplicate: 3", call.RtpDuplicate(3)),
        ("rtp_jitter: 60ms", call.RtpJitter(0.06)),
        ("rtp_jitter: {up_to: 60ms, direction: in}", call.RtpJitter(0.06, "in")),
        ("rtp_gap: 2s", call.RtpGap(2.0)),
        ("rtp_silence: {for: 1.5s, direction: out}", call.RtpSilence(1.5)),
        ("channel_stall: 3", call.ChannelStall(3.0)),
        ("channel_stall: {for: 3s, direction: in}", call.ChannelStall(3.0, "in")),
        ("channel_late: 2s", call.ChannelLate(2.0)),
        ("session_created: at_once", call.SessionCreated(0.0)),
        ("session_created: 2s", call.SessionCreated(2.0)),
        ("clock_skew: 300", time.ClockSkew(300.0)),
        ("clock_skew: -300", time.ClockSkew(-300.0)),
        ("clock_skew: -300s", time.ClockSkew(-300.0)),
        ("secret_expires: 0", time.SecretExpires(0.0)),
        ("session_expires: 5s", time.SessionExpires(5.0)),
    ],
)
def test_a_word_becomes_its_kind(read, text, kind):
    assert read(text) == (Fault(kind),)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("channel_close: {}", call.ChannelClose()),
        ("channel_close: {after: 2s}", call.ChannelClose(2.0)),
        ("vanish: {}", call.Vanish()),
        ("vanish: 5s", call.Vanish(5.0)),
        ("vanish: {for: 5s, after: 1s}", call.Vanish(5.0, 1.0)),
        ("vanish: {after: 1s}", call.Vanish(None, 1.0)),
    ],
)
@pytest.mark.parametrize(
    "on, trigger",
    [("{connect: call}", OnConnect("call")), ("response.created", OnEvent({"type": "response.created"}, "server"))],
)
def test_a_word_for_a_moment_becomes_its_kind(read, text, kind, on, trigger):
    assert read(f"on: {on}\n{text}") == (Fault(kind, trigger),)


def test_packets_are_struck_by_chance_and_no_more_than_counted(read):
    assert read("rtp_loss: 2, probability: 0.1, count: 9") == (Fault(call.RtpLoss(2), Always(), 0.1, 9),)


def test_the_clock_is_wrong_for_some_requests(read):
    on = OnRequest("/v1/realtime/client_secrets", "POST")
    [fault] = read("on: {path: /v1/realtime/client_secrets, method: POST}, clock_skew: -1s, nth: 1")
    assert fault == Fault(time.ClockSkew(-1.0), on, nth=1)


@pytest.mark.parametrize(
    "text, message",
    [
        ("rtp_loss: 0", "faults:1:11: 'rtp_loss' must be between 1 and 10000; change the number"),
        ("rtp_loss: {bursts: 3}", "faults:1:12: unknown key 'bursts' in 'rtp_loss'; did you mean 'burst'?"),
        ("rtp_duplicate: 1", "faults:1:16: 'rtp_duplicate' must be between 2 and 10; change the number"),
        ("rtp_jitter: {}", "faults:1:13: 'rtp_jitter' must be a duration, not a mapping; write 120ms, 1.5s, or 2 for"),
        ("rtp_gap: {direction: out}", "faults:1:10: 'rtp_gap' has no 'for'; add it"),
        ("rtp_gap: {for: 1s, direction: up}", "faults:1:31: 'direction' cannot be 'up'; use one of: out, in"),
        ("vanish: 3s", "faults:1:1: 'vanish' needs an 'on'; name an event type there, or write 'connect: call'"),
        ("channel_close: {}", "faults:1:1: 'channel_close' needs an 'on'; name an event type there, or write"),
        (
            "on: connect, rtp_loss: 1",
            "faults:1:5: 'rtp_loss' cannot happen on that; leave 'on' out for every RTP packet",
        ),
        (
            "on: {connect: websocket}, vanish: 3s",
            "faults:1:35: this happens to calls alone; write 'connect: call' under",
        ),
        (
            "session_created: soon",
            "faults:1:18: 'session_created', unless it is at_once, must be a duration, not 'soon'",
        ),
        (
            "clock_skew: soon",
            "faults:1:13: 'clock_skew' must be a duration, not 'soon'; write 300s, or -300s for a clock",
        ),
        ("clock_skew: {}", "faults:1:13: 'clock_skew' must be a duration, not a mapping; write 300s"),
        ("clock_skew: 1000000000", "faults:1:13: 'clock_skew' must be within 316224000 seconds; change the duration"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(read, text, message):
    with pytest.raises(ScenarioError) as caught:
        read(text)
    assert str(caught.value).startswith(message)
