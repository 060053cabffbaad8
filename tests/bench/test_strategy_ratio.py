"""Events are drawn several times as fast as by hypothesis-jsonschema, from the same schemas."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.mark.clients
@pytest.mark.timeout(600)
def test_events_are_drawn_at_least_five_times_as_fast_as_by_hypothesis_jsonschema(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    figures = import_module("strategies").measure(short=True)
    speeds = {}
    for figure in figures:
        if figure.unit == "examples/s" and figure.median:
            speeds.setdefault(figure.quantity, []).append(figure.median)
    if len(speeds["all server events, speed"]) < 2:
        pytest.skip("hypothesis-jsonschema cannot be installed")
    for quantity, (ours, *theirs) in speeds.items():
        assert ours > 5 * max(theirs), (quantity, figures)
