"""Which fault happens to which event, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.chance import Chance
from realtime_mock.faults.changes import Delivery
from realtime_mock.faults.connection_kinds import Close, HalfOpen, Reset
from realtime_mock.faults.event_kinds import Drop
from realtime_mock.faults.fault_set import FaultSet
from realtime_mock.faults.injector import Injector, Torn
from realtime_mock.faults.model import Fault, OnEvent
from realtime_mock.wire import event_text

DELTA = {"type": "response.output_text.delta", "delta": "Hello", "item_id": "item_1"}
DONE = {"type": "response.done", "response": {"status": "completed"}}


def struck(injector: Injector, event: dict[str, Any], times: int) -> list[bool]:
    return [injector.outgoing(event, event_text(event)).strike is not None for _ in range(times)]


def test_without_faults_everything_passes(read):
    injector = Injector([FaultSet()])
    assert injector.is_idle
    assert injector.outgoing(DONE, "text").steps == (Delivery("text"),)


def test_a_fault_happens_to_the_events_that_it_is_on_and_to_no_others(read):
    injector = Injector([FaultSet(read("on: response.done, drop: {}"))])
    assert (struck(injector, DONE, 2), struck(injector, DELTA, 2)) == ([True, True], [False, False])


def test_a_pattern_may_have_operators(read):
    injector = Injector([FaultSet(read("{on: {type: response.output_text.delta, delta: {$regex: ^He}}, drop: {}}"))])
    assert struck(injector, DELTA, 1) == [True]
    assert struck(injector, {**DELTA, "delta": "Oh"}, 1) == [False]


@pytest.mark.parametrize(
    "on, sides", [("client", (True, False)), ("server", (False, True)), ("{item_id: item_1}", (True, True))]
)
def test_a_fault_may_be_for_one_side_or_for_both(read, on, sides):
    injector = Injector([FaultSet(read(f"{{on: {on}, drop: {{}}}}"))])
    client = injector.incoming(DELTA, "text").strike is not None
    assert (client, struck(injector, DELTA, 1)[0]) == sides


def test_only_the_nth_of_those_that_fit(read):
    injector = Injector([FaultSet(read("on: response.done, drop: {}, nth: 2"))])
    assert struck(injector, DELTA, 2) + struck(injector, DONE, 3) == [False, False, False, True, False]


def test_at_most_as_often_as_the_count(read):
    assert struck(Injector([FaultSet(read("drop: {}, count: 2"))]), DONE, 4) == [True, True, False, False]


def test_a_probability_is_kept_and_goes_by_the_seed(read):
    def pattern(seed: int) -> list[bool]:
        return struck(Injector([FaultSet(read("drop: {}, probability: 0.3"), chance=Chance(seed))]), DONE, 1000)

    assert 250 < sum(pattern(1)) < 350
    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)


def test_a_count_is_of_what_happened_and_not_of_what_could_have(read):
    assert sum(struck(Injector([FaultSet(read("drop: {}, probability: 0.3, count: 5"))]), DONE, 1000)) == 5


def test_the_first_fault_that_fits_happens_and_the_others_count_it(read):
    faults = FaultSet(read("[{on: response.done, drop: {}, nth: 1}, {on: response.done, malformed: {}, nth: 2}]"))
    kinds = [Injector([faults]).outgoing(DONE, "text").strike.fault.kind.word for _ in range(2)]
    assert kinds == ["drop", "malformed"]
    assert [(each["seen"], each["happened"]) for each in faults.shown()] == [(2, 1), (2, 1)]


def test_a_later_set_counts_what_happens_by_an_earlier_one(read):
    first, second = FaultSet(read("drop: {}, nth: 1")), FaultSet(read("malformed: {}, nth: 2"))
    injector = Injector([first, second])
    assert [injector.outgoing(DONE, "t").strike.fault.kind.word for _ in range(2)] == ["drop", "malformed"]


def test_a_fault_that_finds_nothing_to_change_does_not_happen(read):
    faults = FaultSet(read("missing_keys: delta, count: 1"))
    injector = Injector([faults])
    assert struck(injector, DONE, 2) + struck(injector, DELTA, 2) == [False, False, True, False]


@pytest.mark.parametrize(
    "text, steps",
    [
        ("close: {code: 1006, when: before}", (Close(1006, when="before"),)),
        ("close: {code: 1006, when: instead}", (Close(1006, when="before"),)),
        ("reset: {when: during}", (Torn("te"), Reset("during"))),
        ("half_open: {}", (Delivery("text"), HalfOpen())),
    ],
)
def test_a_connection_breaks_before_during_or_after_an_event(read, text, steps):
    injector = Injector([FaultSet(read(f"on: response.done, {text}"))])
    assert injector.outgoing(DONE, "text").steps == steps


def test_of_a_clients_event_there_is_no_half(read):
    injector = Injector([FaultSet(read("{on: {response: {}}, reset: {when: during}}"))])
    assert injector.incoming(DONE, "text").steps == (Reset("during"),)


def test_a_fault_may_name_the_event_as_the_session_made_it(read):
    injector = Injector([FaultSet(read("on: response.output_text.delta, drop: {}"))])
    beta = {**DELTA, "type": "response.text.delta"}
    assert injector.outgoing(beta, "text", meant=DELTA).steps == ()
    assert injector.outgoing(beta, "text", meant=None).steps == (Delivery("text"),)


def test_a_connection_may_be_ended_some_time_after_it_was_opened(read):
    injector = Injector([FaultSet(read("{on: {connect: websocket}, close: {code: 1011, after: 3s}, count: 1}"))])
    assert injector.connected("sideband") is None
    strike = injector.connected("websocket")
    assert strike.fault.kind == Close(1011, after=3.0)
    assert injector.connected("websocket") is None


def test_faults_can_be_added_stopped_and_replaced(read):
    faults = FaultSet(read("[{drop: {}}, {malformed: {}, id: mine}]"))
    assert faults.add(read("drop: {}")) == ("fault_2",)
    assert (faults.stop("fault_1"), faults.stop("fault_1")) == (True, False)
    assert [fault.id for fault in faults.faults] == ["mine", "fault_2"]
    assert faults.replace(read("drop: {}")) == ("fault_1",)


def test_an_id_that_is_taken_adds_nothing(read):
    faults = FaultSet(read("drop: {}, id: mine"))
    with pytest.raises(ValueError, match="'mine' is in force already"):
        faults.add(read("[{drop: {}}, {drop: {}, id: mine}]"))
    assert len(faults.faults) == 1


def test_a_fault_shows_how_it_was_written_and_how_often_it_happened(read):
    faults = FaultSet(read("{on: response.done, close: {code: 1006}, nth: 2}"))
    struck(Injector([faults]), DONE, 3)
    assert faults.shown() == [
        {"on": "response.done", "close": {"code": 1006}, "nth": 2, "id": "fault_1", "seen": 3, "happened": 1}
    ]


def test_a_fault_made_in_python_is_one_like_any_other():
    faults = FaultSet([Fault(Drop(), OnEvent({"type": "response.done"}, "server"))])
    assert struck(Injector([faults]), DONE, 1) == [True]
    shown = {"on": {"type": "response.done"}, "drop": {}, "id": "fault_1", "seen": 1, "happened": 1}
    assert faults.shown() == [shown]
