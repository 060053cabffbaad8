"""Which faults happen to a call, and when: without a call."""

from __future__ import annotations

import pytest

from realtime_mock.chance import Chance
from realtime_mock.faults.call_injector import CallInjector
from realtime_mock.faults.call_kinds import (
    ChannelClose,
    ChannelLate,
    ChannelStall,
    RtpGap,
    RtpLoss,
    SessionCreated,
    Vanish,
)
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.model import Always, Fault, OnConnect, OnEvent

CREATED = {"type": "response.created", "response": {"id": "resp_1"}}
ON_CREATED = OnEvent({"type": "response.created"}, "server")


def injector(*faults: Fault, seed: int = 0) -> CallInjector:
    return CallInjector([FaultSet(faults, chance=Chance(seed))])


def words(strikes: object) -> list[str]:
    assert isinstance(strikes, tuple)
    return [strike.fault.kind.word for strike in strikes]


@pytest.mark.parametrize("kind", [ChannelStall(1.0), ChannelClose(), Vanish(), RtpLoss(5), RtpGap(1.0)])
def test_what_is_on_an_event_happens_with_that_event_alone(kind):
    of_call = injector(Fault(kind, ON_CREATED))
    assert of_call.watches_events
    assert words(of_call.passing(CREATED, "out")) == [kind.word]
    assert of_call.passing({"type": "response.done"}, "out") == ()
    assert of_call.passing(CREATED, "in") == ()


def test_an_event_of_the_clients_begins_a_fault_too():
    of_call = injector(Fault(RtpGap(1.0), OnEvent({"type": "response.cancel"}, "client")))
    assert words(of_call.passing({"type": "response.cancel"}, "in")) == ["rtp_gap"]


def test_a_stall_on_nothing_in_particular_is_drawn_for_each_message_of_its_direction():
    of_call = injector(Fault(ChannelStall(1.0), Always(), probability=0.5))
    stalled = sum(bool(of_call.passing(CREATED, "out")) for _ in range(100))
    assert 30 < stalled < 70
    assert [of_call.passing(CREATED, "in") for _ in range(100)] == [()] * 100


def test_what_is_stalled_does_not_stall_again():
    of_call = injector(Fault(ChannelStall(1.0)), Fault(Vanish(), ON_CREATED))
    assert words(of_call.passing(CREATED, "out", stalled=["out"])) == ["vanish"]
    assert words(of_call.passing(CREATED, "out", stalled=["in"])) == ["channel_stall", "vanish"]


def test_packets_are_not_drawn_for_events():
    assert injector(Fault(RtpLoss())).passing(CREATED, "out") == ()


@pytest.mark.parametrize("on", [Always(), OnConnect(), OnConnect("call")])
@pytest.mark.parametrize("kind", [ChannelLate(1.0), SessionCreated(1.0)])
def test_every_call_opens_as_its_faults_say(kind, on):
    of_call = injector(Fault(kind, on, count=1))
    assert [strike and strike.fault.kind for strike in (of_call.opening(type(kind)) for _ in range(2))] == [kind, None]


def test_other_connections_are_no_calls():
    of_call = injector(Fault(SessionCreated(1.0), OnConnect("websocket")), Fault(Vanish(), OnConnect("sideband")))
    assert of_call.opening(SessionCreated) is None
    assert of_call.connected() == ()


def test_what_happens_after_connecting_happens_together():
    faults = [Fault(ChannelClose(1.0), OnConnect("call")), Fault(Vanish(after=2.0), OnConnect())]
    assert words(injector(*faults).connected()) == ["channel_close", "vanish"]


def test_without_faults_no_event_is_looked_at():
    assert not injector().watches_events
    assert not injector(Fault(ChannelLate(1.0))).watches_events
