"""How the benchmark of calls finds the most that are in time."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture
def calls(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    yield import_module("calls")
    for module in tuple(sys.modules.values()):
        if str(getattr(module, "__file__", "")).startswith(str(BENCH)):
            del sys.modules[module.__name__]


@pytest.fixture
def search(calls, monkeypatch):
    """`search(most)`: a search among servers that carry so many; `asked` is how many calls were tried."""

    def make(most):
        asked = []

        def answered(_side, count, *, seconds):
            asked.append(count)
            if count > 3 * most:
                raise RuntimeError("a call was not connected")
            seen = dict.fromkeys(("late_p99", "gap_p99", "rate", "load_late_p99"), 1.0)
            return SimpleNamespace(**seen, cpu_percent=count / 2, keeps_pace=count <= most)

        monkeypatch.setattr(calls, "answered", answered)
        side = SimpleNamespace(name="side", first=100)
        return SimpleNamespace(most=calls.Search(side, seconds=1).most, asked=asked)

    return make


def test_it_goes_up_by_a_quarter_until_packets_are_late(search):
    found = search(170)
    assert found.most() == (157, 78.5)
    assert found.asked == [100, 125, 157, 197]


def test_a_later_round_begins_where_the_one_before_ended(search):
    found = search(170)
    found.most()
    found.asked.clear()
    assert found.most()[0] == 157
    assert found.asked == [157, 197]


@pytest.mark.parametrize(("most", "found"), [(60, 51), (20, 20), (0, 0)])
def test_it_goes_down_where_the_first_are_too_many(search, most, found):
    assert search(most).most()[0] == found
