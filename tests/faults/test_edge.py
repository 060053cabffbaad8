"""Events that are held back: by a delay, or until others have passed; and channels that go meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from realtime_mock.clock import VirtualClock
from realtime_mock.faults.edge import Edge
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.injector import Injector
from realtime_mock.faults.line import Carrier
from realtime_mock.journal import Journal, SessionJournal


class Channel:
    """A channel that knows no way of breaking."""

    def __init__(self, name: str = "websocket") -> None:
        self.name = name
        self.texts: list[str] = []
        self.closed: tuple[int, str] | None = None

    def send_text(self, text: str) -> None:
        self.texts.append(text)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class Wire:
    """An edge with one channel: what was sent, what came, what was lost, and when."""

    def __init__(self, faults: FaultSet) -> None:
        self.clock = VirtualClock()
        self.journal = Journal(clock=self.clock.now)
        self.edge = Edge(Injector([faults]), clock=self.clock, journal=SessionJournal(self.journal, "sess_1"))
        self.channel = Channel()
        self.came: list[tuple[float, str]] = []
        self.lost: list[tuple[str, str | None]] = []

    def send(self, *names: str) -> None:
        for name in names:
            carrier = Carrier(
                lambda text, _: self.came.append((self.clock.time(), text)),
                lambda text, fault: self.lost.append((text, fault)),
            )
            self.edge.outgoing({"type": name}, name, self.channel, carrier, meant=None)


@pytest.fixture
def wire(read) -> Callable[[str], Wire]:
    return lambda text: Wire(FaultSet(read(text)))


def test_a_delayed_event_comes_later_and_others_pass_it(wire):
    line = wire("{on: {type: {$in: [late]}}, delay: 500ms}")
    line.send("late", "a")
    line.clock.advance(0.4)
    line.send("b")
    line.clock.advance(1)
    assert line.came == [(0.0, "a"), (0.4, "b"), (0.5, "late")]


def test_a_reordered_event_comes_as_soon_as_enough_have_passed(wire):
    line = wire("{on: {type: {$in: [late]}}, reorder: 2}")
    line.send("late", "a", "b", "c")
    assert [text for _, text in line.came] == ["a", "b", "late", "c"]


def test_a_reordered_event_that_nothing_follows_waits_a_second(wire):
    line = wire("{on: {type: {$in: [late]}}, reorder: 2}")
    line.send("late", "a")
    line.clock.advance(5)
    assert line.came == [(0.0, "a"), (1.0, "late")]


def test_how_long_a_reordered_event_waits_can_be_said(wire):
    line = wire("{on: {type: {$in: [late]}}, reorder: {passes: 1, within: 3s}}")
    line.send("late")
    line.clock.advance(5)
    assert line.came == [(3.0, "late")]


def test_an_event_that_comes_late_lets_another_go_on(wire):
    line = wire(
        "[{on: {type: {$in: [slow]}}, delay: 1s}, {on: {type: {$in: [late]}}, reorder: {passes: 1, within: 9s}}]"
    )
    line.send("slow", "late")
    line.clock.advance(1)
    assert line.came == [(1.0, "slow"), (1.0, "late")]


def test_what_is_held_back_is_lost_with_its_channel(wire):
    line = wire("[{on: {type: {$in: [late]}}, delay: 1s}, {on: {type: {$in: [last]}}, reorder: 1}]")
    line.send("late", "last")
    line.edge.detached(line.channel)
    line.clock.advance(5)
    assert (line.came, line.lost) == ([], [("late", "delay"), ("last", "reorder")])


def test_an_edge_is_idle_again_when_nothing_is_held_back_and_no_fault_is_in_force(read):
    faults = FaultSet(read("delay: 1s"))
    line = Wire(faults)
    line.send("late")
    faults.replace(())
    assert not line.edge.is_idle
    line.clock.advance(1)
    assert line.edge.is_idle


def test_each_channel_has_faults_of_its_own(wire):
    line = wire("{on: {type: {$in: [late]}}, reorder: 1}")
    line.send("late")
    other = Channel("sideband")
    carrier = Carrier(lambda text, _: other.send_text(text), lambda *_: None)
    line.edge.outgoing({"type": "a"}, "a", other, carrier, meant=None)
    assert (line.came, other.texts) == ([], ["a"])


def test_a_channel_that_cannot_be_reset_is_left_alone_and_the_journal_says_so(wire):
    line = wire("{on: {type: {$in: [last]}}, reset: {}}")
    line.send("last")
    assert [entry.text for entry in line.journal.entries(kind="note")] == [
        "the fault 'reset' cannot happen here: it is for WebSockets"
    ]


def test_after_its_end_nothing_leaves_by_a_channel(wire):
    line = wire("{on: {type: {$in: [last]}}, close: 4000}")
    line.send("last", "more")
    assert (line.channel.closed, line.lost) == ((4000, ""), [("more", "close")])


def test_an_end_may_come_some_time_after_an_event(wire):
    line = wire("{on: {type: {$in: [last]}}, close: {code: 4000, after: 2s}}")
    line.send("last", "more")
    line.clock.advance(1.9)
    assert line.channel.closed is None
    line.clock.advance(0.1)
    assert (line.channel.closed, line.lost) == ((4000, ""), [])


def test_a_channel_that_has_gone_is_not_ended(wire):
    line = wire("{on: {type: {$in: [last]}}, close: {code: 4000, after: 2s}}")
    line.send("last")
    line.edge.detached(line.channel)
    line.clock.advance(5)
    assert line.channel.closed is None


def test_the_journal_tells_what_happened_to_what(wire):
    line = wire("{on: {type: {$in: [last]}}, drop: {}, id: mine}")
    line.send("first", "last")
    (entry,) = line.journal.entries(kind="fault")
    assert (entry.fault, entry.channel, entry.direction, entry.session_id) == ("drop", "websocket", "out", "sess_1")
    assert entry.event == {"id": "mine", "fault": "drop", "occurrence": 1, "event": {"type": "last"}}
