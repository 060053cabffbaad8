"""One pacer for all calls, on a clock of its own."""

import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.media.pacer import LARGEST_LAG, PHASES, Pacer


class Line:
    """Notes when it sent, and how much before that was given up."""

    def __init__(self, clock: VirtualClock, *, takes: float = 0.0) -> None:
        self.sent: list[float] = []
        self.missed: list[int] = []
        self._clock = clock
        self._takes = takes

    def send_due(self, missed: int) -> None:
        self.sent.append(round(self._clock.time(), 4))
        self.missed.append(missed)
        if self._takes:
            takes, self._takes = self._takes, 0.0
            self._clock._time += takes


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def pacer(clock: VirtualClock) -> Pacer:
    return Pacer(clock)


def test_a_line_sends_every_20_ms(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(line := Line(clock))
    clock.advance(0.1)
    assert line.sent == [0.0, 0.02, 0.04, 0.06, 0.08, 0.1]


def test_lines_take_turns_within_20_ms(clock: VirtualClock, pacer: Pacer) -> None:
    lines = [Line(clock) for _ in range(2 * PHASES)]
    for line in lines:
        pacer.add(line)
    clock.advance(0.0199)
    firsts = sorted(line.sent[0] for line in lines)
    assert firsts == sorted(2 * [round(number * 0.02 / PHASES, 4) for number in range(PHASES)])


def test_a_slow_line_does_not_delay_the_packets_after(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(line := Line(clock, takes=0.03))
    clock.advance(0.1)
    assert line.sent == [0.0, 0.03, 0.04, 0.06, 0.08, 0.1]


def test_after_a_long_pause_the_schedule_moves_and_no_burst_follows(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(line := Line(clock, takes=LARGEST_LAG + 0.1))
    clock.advance(LARGEST_LAG + 0.1 + 0.04)
    assert line.sent == [0.0, 0.35, 0.36, 0.38]
    assert line.missed == [0, 16, 0, 0]


def test_a_line_that_was_removed_sends_no_more_and_no_timer_is_left(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(line := Line(clock))
    clock.advance(0.03)
    pacer.remove(line)
    clock.advance(1.0)
    assert (line.sent, clock.next_timer()) == ([0.0, 0.02], None)


def test_a_line_that_joins_later_keeps_to_the_grid(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(first := Line(clock))
    clock.advance(0.005)
    pacer.remove(first)
    clock.advance(0.0525)
    pacer.add(line := Line(clock))
    clock.advance(0.05)
    assert line.sent == [0.06, 0.08, 0.1]


def test_a_line_that_fails_does_not_stop_the_others(clock: VirtualClock, pacer: Pacer) -> None:
    class Broken:
        def send_due(self, missed: int) -> None:
            raise RuntimeError("broken")

    pacer.add(Broken())
    pacer.add(line := Line(clock))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            clock.advance(0.02)
    clock.advance(0.0)
    assert line.sent[0] == round(0.02 / PHASES, 4)


def test_lateness_is_counted_in_milliseconds(clock: VirtualClock, pacer: Pacer) -> None:
    pacer.add(Line(clock, takes=0.0035))
    clock.advance(0.05)
    assert {late: count for late, count in enumerate(pacer.lateness) if count} == {0: 2, 3: 1}
