"""docs/performance.md holds the figures that were measured last, and says of each target whether it was reached."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "performance.md"


@pytest.fixture
def writer():
    return runpy.run_path(str(DOCS / "write_performance.py"))


def document(**quantities):
    """Figures by quantity, each with its sides' rounds."""
    figures = [
        {"benchmark": "b", "quantity": quantity, "unit": unit, "side": side, "rounds": rounds}
        for quantity, (unit, sides) in quantities.items()
        for side, rounds in sides.items()
    ]
    machine = {"cpu": "a CPU", "cores": 2, "system": "a system", "python": "3", "libraries": {}}
    return {"machine": machine, "figures": figures}


def rows(writer, figures):
    return {line.split(" | ")[0].removeprefix("| "): line for line in writer["targets"](figures)}


def test_the_page_is_what_the_kept_figures_give(writer):
    kept = json.loads((DOCS / "results" / "performance.json").read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    assert writer["filled"](page, writer["Figures"](kept)) == page, "run python docs/write_performance.py"


def test_a_target_is_met_missed_or_not_measured(writer):
    sides = {"aimock 1.0.0": [90.0, 100.0, 110.0], "realtime-mock": [140.0]}
    slow = {"aimock 1.0.0": [1.0], "realtime-mock": [2.0]}
    told = rows(writer, writer["Figures"](document(events=("events/s", sides), connect=("ms", slow))))
    assert told["WebSocket events a second against aimock, inbound validation on"].endswith("| 1.4 times | met |")
    assert told["time to connect against aimock"].endswith("| 2 times | **missed** |")
    assert told["data channel open after the POST, median"].endswith("| not measured | |")


def test_what_is_held_is_told_apart_by_its_unit(writer):
    held = document(**{"held after 600 calls": ("MB", {"realtime-mock": [150.0]})})
    held["figures"] += document(**{"held after 1000 calls": ("MB", {"realtime-mock": [152.0]})})["figures"]
    for count in (600, 1000):
        held["figures"] += document(**{f"held after {count} calls": ("threads", {"realtime-mock": [1.0]})})["figures"]
    told = rows(writer, writer["Figures"](held))
    assert told["memory after 1,000 calls beyond that after 600"].endswith("| 2 MB | met |")
    assert told["threads after 1,000 calls beyond those after 600"].endswith("| 0 more | met |")


def test_every_figure_stands_beside_its_ratio_to_the_first_side(writer):
    figures = writer["Figures"](document(x=("ms", {"one": [1.0, 2.0, 4.0], "other": [3.0]})))
    assert list(writer["everything"](figures))[2:] == [
        "| b | x, ms | one | 2 | 1 - 4 |  |",
        "| b | x, ms | other | 3 | 3 - 3 | 1.50 |",
    ]


def test_a_page_without_its_marks_is_refused(writer):
    with pytest.raises(SystemExit, match="has no lines '<!-- machine -->'"):
        writer["filled"]("# A page\n", writer["Figures"](document()))
