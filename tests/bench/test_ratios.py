"""The benchmarks run, and their ratios keep floors that are generous: machines are busy."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
OURS = "realtime-mock"

pytestmark = [pytest.mark.ratios, pytest.mark.timeout(300)]


@pytest.fixture
def measured(monkeypatch):
    """`measured(name)`: the figures of a short run, by quantity and side."""

    def measure(name):
        monkeypatch.syspath_prepend(str(BENCH))
        callers, servers = import_module("callers"), import_module("servers")
        if name == "calls" and not callers.has_callers():
            pytest.skip("Node and npm are not here to make calls with")
        figures = import_module(name).measure(short=True)
        for module in (callers, servers):
            sys.modules.pop(module.__name__, None)
        return {(figure.quantity, figure.side): figure.median for figure in figures}

    return measure


def test_an_event_is_judged_at_least_twenty_times_as_fast_as_by_the_reference(measured):
    figures = measured("validation")
    for event in {quantity for quantity, _ in figures}:
        floor = 1 if "append" in event else 20
        assert figures[event, "jsonschema"] > floor * figures[event, "jsonschema-rs"], figures


def test_a_call_costs_less_than_two_thirds_of_a_plain_answerers(measured):
    figures = measured("calls")
    assert figures["cost", f"{OURS}, all decoded, VAD on"] < figures["cost", "plain aiortc"] * 2 / 3, figures
