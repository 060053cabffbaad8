"""docs/reference/scenarios.md is what the files say, and every case is in it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from realtime_mock.scenario.loader import bundled_scenarios, parse_scenario
from realtime_mock.scenario.placeholders import NAMES
from realtime_mock.scenario.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
GROUPS = (
    "RESP 8, TOOL 4, TRUNC 7, BARGE 4, SYNC 2, EVT 6, GA 5, SESS 3, CONN 6, ERR 2, AUTH 2, LIM 1, VAD 4, FMT 1, "
    "DC 4, SDP 3, ICE 1, CI 8, SRV 1"
)
"""How many cases of each kind were collected."""


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "write_scenario_reference.py"))


def test_the_page_is_what_the_files_say(script: dict[str, Any]):
    assert (ROOT / "docs" / "reference" / "scenarios.md").read_text(encoding="utf-8") == script["page"]()


def test_every_case_has_a_scenario_or_a_reason(script: dict[str, Any]):
    groups = [group.split() for group in GROUPS.split(", ")]
    known = {f"{group}/{number}" for group, count in groups for number in range(1, int(count) + 1)}
    assert set(script["cases"]()) | set(script["LATER"]) == known


def test_what_happens_by_default_is_staged_by_a_scenario_that_says_so(script: dict[str, Any]):
    staged = {case: name for case, (_, name) in script["BY_DEFAULT"].items()}
    assert {case: name for case, name in staged.items() if name not in script["cases"]().get(case, ())} == {}


def test_every_scenario_is_played_by_a_test():
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "scenario").rglob("test_*.py"))
    played = set(re.findall(r'play(?:_\w+)?\(\s*"([\w-]+)"', sources))
    assert set(bundled_scenarios()) - played == set()


@pytest.mark.parametrize("name", bundled_scenarios())
def test_a_scenario_says_how_to_play_it(name: str):
    text = bundled_scenarios()[name].read_text(encoding="utf-8")
    head = text.partition("\nscenario:")[0]
    assert re.search(rf"^#   realtime-mock serve (--pace 1?[01] )?--scenario {name}$", head, re.MULTILINE)
    assert all(line.startswith("#") for line in head.splitlines())


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", blocks("scenario-format.md"))
def test_an_example_of_the_format_is_a_scenario(block: str):
    assert parse_scenario(block).name == block.partition("\n")[0].split()[1]


def test_the_format_names_every_step_and_placeholder():
    text = (ROOT / "docs" / "reference" / "scenario-format.md").read_text(encoding="utf-8")
    assert [word for word in (*STEPS, *NAMES) if f"`{word}`" not in text] == []
