"""What a bad network does to packets, by properties: nothing is made up, and the seed decides the rest."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.chance import Chance
from realtime_mock.faults.call_kinds import RtpDuplicate, RtpGap, RtpJitter, RtpLoss, RtpReorder, RtpSilence
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.impairment import Departure, PacketSchedule
from realtime_mock.faults.model import Fault, OnEvent

PACKET_SECONDS = 0.02

kinds = st.one_of(
    st.builds(RtpLoss, burst=st.integers(1, 5)),
    st.builds(RtpReorder, passes=st.integers(1, 4)),
    st.builds(RtpDuplicate, times=st.integers(2, 4)),
    st.builds(RtpJitter, most=st.floats(0, 0.2)),
    st.builds(RtpGap, seconds=st.floats(0, 0.5)),
    st.builds(RtpSilence, seconds=st.floats(0, 0.5)),
)
faults = st.lists(
    st.builds(
        Fault,
        kinds,
        probability=st.floats(0, 1),
        count=st.none() | st.integers(1, 9),
        nth=st.none() | st.integers(1, 50),
    ),
    max_size=4,
)


def play(*faults: Fault, packets: int = 100, seed: int = 0, **options: Any) -> list[Departure[int]]:
    """What becomes of packets that would go every 20 ms."""
    schedule = PacketSchedule[int]([FaultSet(faults, chance=Chance(seed))], **options)
    return [one for number in range(packets) for one in schedule.take(number, number * PACKET_SECONDS)[0]]


def order(departures: list[Departure[int]]) -> list[int]:
    return [one.packet for one in departures]


def lost(departures: list[Departure[int]], packets: int = 100) -> set[int]:
    return set(range(packets)) - set(order(departures))


def test_without_faults_every_packet_goes_at_once() -> None:
    assert play(packets=3) == [Departure(0, 0.0), Departure(1, 0.02), Departure(2, 0.04)]


@given(faults, st.integers(0, 5))
def test_the_same_seed_gives_the_same_departures(given: list[Fault], seed: int) -> None:
    assert play(*given, seed=seed) == play(*given, seed=seed)


@given(faults, st.integers(0, 5))
def test_no_packet_goes_before_its_time(given: list[Fault], seed: int) -> None:
    assert [one for one in play(*given, seed=seed) if one.due < one.packet * PACKET_SECONDS] == []


@given(faults)
def test_a_fault_that_never_happens_changes_nothing(given: list[Fault]) -> None:
    never = [Fault(fault.kind, probability=0.0) for fault in given]
    assert play(*never) == play()


@given(faults)
def test_a_fault_of_the_other_direction_changes_nothing(given: list[Fault]) -> None:
    assert play(*given, direction="in") == play()


@given(st.floats(0, 1), st.none() | st.integers(1, 20), st.integers(1, 5))
def test_losses_lose_no_more_than_they_count_times_their_burst(
    probability: float, count: int | None, burst: int
) -> None:
    gone = lost(play(Fault(RtpLoss(burst), probability=probability, count=count)))
    assert len(gone) <= 100 if count is None else len(gone) <= count * burst


@given(st.integers(1, 20), st.integers(1, 5))
def test_certain_losses_lose_the_first_packets(count: int, burst: int) -> None:
    assert lost(play(Fault(RtpLoss(burst), count=count))) == set(range(count * burst))


def test_as_many_packets_are_lost_as_is_likely() -> None:
    assert 250 < len(lost(play(Fault(RtpLoss(), probability=0.3), packets=1000), 1000)) < 350


def test_another_seed_loses_other_packets() -> None:
    fault = Fault(RtpLoss(), probability=0.3)
    assert lost(play(fault, seed=1)) != lost(play(fault, seed=2))


@given(st.floats(0, 1), st.none() | st.integers(1, 9), st.integers(1, 4))
def test_reordering_loses_and_copies_nothing(probability: float, count: int | None, passes: int) -> None:
    found = order(play(Fault(RtpReorder(passes), probability=probability, count=count)))
    assert len(set(found)) == len(found)
    assert set(range(100 - passes)) <= set(found)


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_a_packet_is_passed_by_as_many_as_it_says(passes: int) -> None:
    found = order(play(Fault(RtpReorder(passes), nth=3), packets=8))
    assert found.index(2) == 2 + passes
    assert [packet for packet in found if packet != 2] == [0, 1, 3, 4, 5, 6, 7]


@given(st.floats(0, 1), st.integers(2, 5), st.none() | st.integers(1, 20))
def test_a_duplicate_goes_with_its_original(probability: float, times: int, count: int | None) -> None:
    copies = Counter(order(play(Fault(RtpDuplicate(times), probability=probability, count=count))))
    assert set(copies.values()) <= {1, times}
    assert count is None or sum(number == times for number in copies.values()) <= count


@given(st.floats(0, 0.3))
def test_jitter_keeps_every_packet_and_its_bound(most: float) -> None:
    found = play(Fault(RtpJitter(most)))
    assert order(found) == list(range(100))
    assert max(one.due - one.packet * PACKET_SECONDS for one in found) <= most + 1e-9


def test_jitter_delays_packets_differently() -> None:
    assert len({round(one.due - one.packet * PACKET_SECONDS, 6) for one in play(Fault(RtpJitter(0.1)))}) > 90


def test_a_gap_lasts_as_long_as_it_says_and_ends() -> None:
    assert lost(play(Fault(RtpGap(0.09), nth=11))) == {10, 11, 12, 13, 14}


def test_silence_goes_in_place_of_sound_for_its_time() -> None:
    found = play(Fault(RtpSilence(0.09), nth=11))
    assert [one.packet for one in found if one.is_silent] == [10, 11, 12, 13, 14]
    assert order(found) == list(range(100))


def test_what_an_event_begins_befalls_the_packets_that_come_next() -> None:
    faults = FaultSet([Fault(RtpLoss(burst=2), OnEvent(), id="x")])
    schedule = PacketSchedule[int]([faults])
    first = schedule.take(0, 0.0)[0]
    [strike] = faults.strikes(lambda fault: True)
    schedule.begin(strike, 0.01)
    rest = [schedule.take(number, number * 0.02)[0] for number in (1, 2, 3)]
    assert [order(one) for one in (first, *rest)] == [[0], [], [], [3]]


def test_a_fault_that_is_stopped_ends_at_once() -> None:
    faults = FaultSet([Fault(RtpGap(60.0), id="gap")])
    schedule = PacketSchedule[int]([faults])
    before = schedule.take(0, 0.0)[0]
    faults.stop("gap")
    assert (order(before), order(schedule.take(1, 0.02)[0]), schedule.is_idle) == ([], [1], True)


def test_two_sets_of_faults_strike_together() -> None:
    sets = [FaultSet([Fault(RtpDuplicate(), nth=1)]), FaultSet([Fault(RtpDuplicate(3), nth=1)])]
    schedule = PacketSchedule[int](sets)
    assert order(schedule.take(0, 0.0)[0]) == [0] * 6
