"""The clocks, and sessions that live in virtual time."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.clock import VIRTUAL_START, LoopClock, VirtualClock
from realtime_mock.core.effects import Effect, Hangup, SendEvent
from realtime_mock.driver import SessionDriver
from realtime_mock.journal import Journal


def test_a_virtual_clock_stands_still_from_a_fixed_start():
    clock = VirtualClock()
    assert (clock.time(), clock.now(), clock.next_timer()) == (0.0, VIRTUAL_START, None)


def test_advancing_moves_both_times_alike():
    clock = VirtualClock(start=100.0)
    clock.advance(2.5)
    assert (clock.time(), clock.now()) == (2.5, 102.5)


def test_ten_tenths_are_one():
    clock, ran = VirtualClock(), []
    clock.call_at(1.0, partial(ran.append, "due"))
    for _ in range(10):
        clock.advance(0.1)
    assert (clock.time(), ran) == (1.0, ["due"])


def test_a_deadline_that_was_added_up_is_due_at_its_round_time():
    clock, ran = VirtualClock(), []
    clock.call_at(0.1 + 0.2, partial(ran.append, "due"))
    clock.advance(0.3)
    assert ran == ["due"]


def test_timers_run_in_the_order_of_their_times_then_of_their_making():
    clock, ran = VirtualClock(), []
    for name, when in (("late", 3.0), ("first", 1.0), ("second", 1.0), ("never", 5.0)):
        clock.call_at(when, partial(ran.append, name))
    clock.advance(4.0)
    assert (ran, clock.next_timer()) == (["first", "second", "late"], 5.0)


def test_a_timer_runs_at_its_own_time():
    clock, seen = VirtualClock(), []
    clock.call_at(1.5, lambda: seen.append(clock.time()))
    clock.advance(10.0)
    assert seen == [1.5]


def test_what_a_timer_sets_runs_in_the_same_advance_if_it_is_due():
    clock, seen = VirtualClock(), []

    def tick() -> None:
        seen.append(clock.time())
        clock.call_at(clock.time() + 1.0, tick)

    clock.call_at(1.0, tick)
    clock.advance(3.5)
    assert seen == [1.0, 2.0, 3.0]


def test_a_cancelled_timer_is_gone():
    clock, ran = VirtualClock(), []
    timer = clock.call_at(1.0, partial(ran.append, "due"))
    timer.cancel()
    assert clock.next_timer() is None
    clock.advance(2.0)
    assert ran == []


def test_what_is_overdue_waits_for_the_next_advance_even_by_nothing():
    clock, ran = VirtualClock(), []
    clock.advance(5.0)
    clock.call_at(1.0, partial(ran.append, "due"))
    assert ran == []
    clock.advance(0.0)
    assert (ran, clock.time()) == (["due"], 5.0)


def test_time_does_not_go_back():
    clock = VirtualClock()
    with pytest.raises(ValueError, match="time does not go back"):
        clock.advance(-1.0)


async def test_the_loop_clock_is_the_loops_time_and_the_wall_it_is_given():
    clock = LoopClock(lambda: 12.0)
    before = asyncio.get_running_loop().time()
    assert before <= clock.time() <= asyncio.get_running_loop().time()
    assert clock.now() == 12.0


async def test_the_loop_clock_calls_back():
    clock, ran = LoopClock(), asyncio.Event()
    clock.call_at(clock.time(), ran.set)
    async with asyncio.timeout(5):
        await ran.wait()


class Ticking:
    """A session with one timer a second that ends after an hour; it notes the times that it is given."""

    id = "sess_1"
    has_more = False

    def __init__(self) -> None:
        self.times: list[float] = []
        self.due: float | None = 1.0

    def open(self, now: float) -> list[Effect]:
        return []

    def handle_timer(self, now: float) -> list[Effect]:
        self.times.append(now)
        self.due = now + 1.0
        return [Hangup(1001, "expired")] if now >= 3600 else [SendEvent({"type": "tick"})]

    def next_timer(self) -> float | None:
        return self.due

    def receive_event(self, event: object, now: float) -> list[Effect]:
        self.times.append(now)
        return []

    def receive_audio(self, pcm: bytes, now: float) -> list[Effect]:
        return []

    def receive_playout(self, report: Any, now: float) -> list[Effect]:
        return []

    def refuse(self, error: ApiError, now: float, *, event_id: str | None = None) -> list[Effect]:
        return []

    def close(self, now: float) -> list[Effect]:
        return []

    def snapshot(self) -> dict[str, Any]:
        return {}


async def test_a_driver_lives_an_hour_at_once():
    clock, session = VirtualClock(), Ticking()
    driver = SessionDriver(session, journal=Journal(clock=clock.now), clock=clock)
    driver.start()
    clock.advance(7200)
    assert driver.closed.is_set()
    assert session.times == [float(second) for second in range(1, 3601)]
    assert clock.next_timer() is None


async def test_a_driver_journals_at_the_time_of_its_clock():
    clock = VirtualClock(start=0.0)
    journal = Journal(clock=clock.now)
    SessionDriver(Ticking(), journal=journal, clock=clock).start()
    clock.advance(2.5)
    assert [entry.at for entry in journal.entries()] == [1.0, 2.0]
