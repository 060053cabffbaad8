"""The agenda: pauses add up, holds end, the earliest goes first."""

from realtime_mock.core.agenda import Agenda, Hold, Pause
from realtime_mock.core.effects import Hangup


def beats(*sequence):
    yield from sequence


def mark(number):
    return Hangup(number, "")


def test_pauses_add_up_from_the_start_however_late_the_driver_is():
    agenda = Agenda()
    agenda.start(beats(Pause(1), mark(1), Pause(1), mark(2)))
    assert list(agenda.run(0)) == []
    assert list(agenda.run(1.7)) == [mark(1)]
    assert agenda.next_due() == 2


def test_the_earliest_performance_goes_first():
    agenda = Agenda()
    agenda.start(beats(Pause(2), mark(2)))
    agenda.start(beats(Pause(1), mark(1)))
    assert list(agenda.run(5)) == [mark(1), mark(2)]


def test_a_hold_ends_when_resumed_or_when_patience_does():
    agenda = Agenda()
    performance = agenda.start(beats(Hold(9), mark(1), Hold(9), mark(2)))
    assert list(agenda.run(0)) == []
    agenda.resume(performance)
    assert list(agenda.run(1)) == [mark(1)]
    assert agenda.next_due() == 9


def test_a_stopped_performance_does_nothing_more():
    agenda = Agenda()
    agenda.stop(agenda.start(beats(mark(1))))
    assert list(agenda.run(0)) == []
    assert agenda.next_due() is None
