"""Packets in order at once, late ones as soon as can be, lost ones given up."""

import random

from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.media.jitter import MAX_HELD, MAX_WAIT, JitterBuffer, Reception
from realtime_mock.media.rtp import RtpPacket


def packet(number: int, *, timestamp: int | None = None) -> RtpPacket:
    stamp = number * 960 if timestamp is None else timestamp
    return RtpPacket(111, number & 0xFFFF, stamp & 0xFFFFFFFF, 7, b"x")


def push(buffer: JitterBuffer, *numbers: int, now: float = 0.0) -> list[int]:
    return [one.sequence for number in numbers for one in buffer.push(packet(number), now)]


def test_what_comes_in_order_passes_at_once() -> None:
    buffer = JitterBuffer()
    assert [push(buffer, number) for number in (5, 6, 7)] == [[5], [6], [7]]
    assert buffer.deadline is None


def test_a_packet_that_overtook_another_waits_for_it() -> None:
    buffer = JitterBuffer()
    assert [push(buffer, number) for number in (5, 7, 8, 6)] == [[5], [], [], [6, 7, 8]]


def test_what_does_not_come_in_time_is_lost() -> None:
    buffer = JitterBuffer()
    push(buffer, 5, 7, now=1.0)
    assert buffer.deadline == 1.0 + MAX_WAIT
    assert buffer.release(1.0 + MAX_WAIT / 2) == []
    assert [one.sequence for one in buffer.release(1.0 + MAX_WAIT)] == [7]
    assert buffer.deadline is None


def test_what_comes_after_it_was_given_up_is_late() -> None:
    buffer = JitterBuffer()
    push(buffer, 5, 7)
    buffer.release(MAX_WAIT)
    assert (push(buffer, 6), buffer.late) == ([], 1)


def test_a_second_gap_has_its_own_time() -> None:
    buffer = JitterBuffer()
    push(buffer, 5, 7, now=0.0)
    push(buffer, 9, now=0.1)
    assert [one.sequence for one in buffer.release(MAX_WAIT)] == [7]
    assert buffer.deadline == 2 * MAX_WAIT


def test_no_more_than_a_few_packets_wait() -> None:
    buffer = JitterBuffer()
    passed = push(buffer, 0, *range(2, 3 + MAX_HELD))
    assert passed == [0, *range(2, 3 + MAX_HELD)]


def test_a_packet_that_comes_twice_passes_once() -> None:
    assert push(JitterBuffer(), 5, 5, 7, 7, 6, 6) == [5, 6, 7]


def test_numbers_wrap() -> None:
    assert push(JitterBuffer(), 65534, 0, 65535, 1) == [65534, 65535, 0, 1]


def test_one_stray_packet_changes_nothing() -> None:
    assert push(JitterBuffer(), 5, 40_000, 6) == [5, 6]


def test_a_stream_that_numbers_anew_goes_on_with_its_second_packet() -> None:
    assert push(JitterBuffer(), 5, 7, 40_000, 40_001, 40_002) == [5, 7, 40_001, 40_002]


@given(st.integers(0, 65535), st.randoms(use_true_random=False), st.integers(0, 4))
def test_packets_that_come_a_few_places_off_all_pass_in_order(first: int, chance: random.Random, places: int) -> None:
    numbers = [first + each for each in range(60)]
    arrivals = sorted(numbers[1:], key=lambda number: number + chance.uniform(0, places))
    passed = push(JitterBuffer(), first, *arrivals)
    assert passed == [number & 0xFFFF for number in numbers]


@given(st.lists(st.integers(0, 65535), max_size=200))
def test_whatever_comes_the_numbers_never_go_back_but_by_a_jump(numbers: list[int]) -> None:
    buffer = JitterBuffer()
    for moment, number in enumerate(numbers):
        push(buffer, number, now=moment / 50)
        buffer.release(moment / 50)
        assert len(buffer._held) <= MAX_HELD


def receive(*numbers: int) -> Reception:
    reception = Reception(7, clock_rate=48_000)
    for at, number in enumerate(numbers):
        reception.add(packet(number), at * 0.02)
    return reception


def test_a_report_counts_what_was_lost() -> None:
    reception = receive(10, 11, 13, 14)
    report = reception.report(lsr=3, dlsr=4)
    assert report is not None
    assert (report.ssrc, report.packets_lost, report.highest_sequence, report.lsr, report.dlsr) == (7, 1, 14, 3, 4)
    assert report.fraction_lost == 256 // 5


def test_the_fraction_is_of_the_time_since_the_last_report() -> None:
    reception = receive(10, 12)
    reception.report()
    reception.add(packet(13), 0.06)
    report = reception.report()
    assert report is not None
    assert (report.fraction_lost, report.packets_lost) == (0, 1)


def test_the_highest_number_counts_the_times_around() -> None:
    report = receive(65535, 65536, 65537).report()
    assert report is not None
    assert (report.highest_sequence, report.packets_lost) == (65537, 0)


def test_even_arrivals_have_no_jitter_and_uneven_ones_have() -> None:
    even, uneven = receive(1, 2, 3), Reception(7, clock_rate=48_000)
    for number, moment in ((1, 0.0), (2, 0.03), (3, 0.04)):
        uneven.add(packet(number), moment)
    assert [report.jitter for each in (even, uneven) if (report := each.report())] == [0, 58]


def test_nothing_received_is_nothing_to_report() -> None:
    assert Reception(7, clock_rate=48_000).report() is None
