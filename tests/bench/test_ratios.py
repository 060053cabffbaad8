"""The benchmarks run, and their ratios keep floors that are generous: machines are busy.

Both sides of a comparison are measured in turn in one run, and by processor time where they can be.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
OURS, PLAIN, BARE = "realtime-mock", "plain aiortc", "bare aiohttp"
NEED_CALLERS = ("calls", "setup")

pytestmark = [pytest.mark.ratios, pytest.mark.timeout(300)]


@pytest.fixture
def measured(monkeypatch):
    """`measured(name, ...)`: the figures of a short run, by quantity and side."""

    def measure(name, **options):
        monkeypatch.syspath_prepend(str(BENCH))
        if name in NEED_CALLERS and not import_module("callers").has_callers():
            pytest.skip("Node and npm are not here to make calls with")
        figures = import_module(name).measure(short=True, **options)
        return {(figure.quantity, figure.side): figure.median for figure in figures}

    yield measure
    for module in tuple(sys.modules.values()):
        if str(getattr(module, "__file__", "")).startswith(str(BENCH)):
            del sys.modules[module.__name__]


def test_an_event_is_judged_at_least_twenty_times_as_fast_as_by_the_reference(measured):
    figures = measured("validation")
    for event in {quantity for quantity, _ in figures}:
        floor = 1 if "append" in event else 20
        assert figures[event, "jsonschema"] > floor * figures[event, "jsonschema-rs"], figures


def test_a_call_costs_less_than_two_thirds_of_a_plain_answerers(measured):
    figures = measured("calls", rounds=1)
    cost = {side: value for (quantity, side), value in figures.items() if quantity.startswith("cost")}
    assert cost[f"{OURS}, all decoded, VAD on"] < cost[PLAIN] * 2 / 3, figures
    assert cost[f"{OURS}, nobody listens"] < cost[PLAIN] / 2, figures


def test_a_call_is_set_up_for_no_more_processor_time_than_a_plain_answerers(measured):
    figures = measured("setup", rounds=2)
    used = {side: value for (quantity, side), value in figures.items() if quantity == "processor time of a call"}
    assert used[OURS] < 1.5 * used[PLAIN], figures


def test_an_event_costs_no_more_than_four_bare_ones_and_little_more_than_aimocks(measured):
    figures = measured("websocket", rounds=2, only=("events",))
    sent = {side: value for (quantity, side), value in figures.items() if quantity == "events per CPU second"}
    assert sent[OURS] > sent[BARE] / 4, figures
    others = [value for side, value in sent.items() if side.startswith("aimock")]
    assert all(sent[OURS] > 0.75 * value for value in others), figures
