"""The suite against whole programs: each case starts one, and judges it by what passed."""

import re
import sys
from pathlib import Path

import pytest

from realtime_conformance.capabilities import CLIENT
from realtime_conformance.client import Driver, client_plan, describe
from realtime_conformance.client.passive import CHECKS, LIFE, SENT
from realtime_conformance.client.program import Command, Outcome
from realtime_conformance.client_cases import CASES
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import is_of_stream, run
from realtime_conformance.verdicts import Verdict

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "driver.md"
REQUIREMENTS = Requirements.read("client")


async def failed(words, *wanted):
    """The checks that do not pass, with the client that this command drives."""
    driver = await describe(Command(words))
    plan = client_plan(driver, wanted=wanted, scale=3)
    results = [result async for result in run(plan)]
    assert [result.error for result in results if result.error] == []
    checks = [check for result in results for check in result.checks]
    return {check.id for check in checks if check.verdict in (Verdict.FAILED, Verdict.WARNED)}


async def test_the_reference_client_passes_as_a_process():
    words = [sys.executable, "-m", "realtime_conformance.reference"]
    assert await failed(words, "CONV-001", "TOOLS-002", "RECON-007") == set()


async def test_the_driver_of_the_page_does_what_the_page_says(tmp_path):
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "driver.py").write_text(program, encoding="utf-8")
    words = [sys.executable, str(tmp_path / "driver.py")]
    expected = {"SURV-005.tells", "SURV-014.waits-for-its-own-end"}
    assert expected <= await failed(words, "CONV-001", "SURV-005", "SURV-014")


class CountsItsRuns:
    runs = 0

    async def run(self, environment, *, within):
        self.runs += 1
        return Outcome(0, 0.0)


async def test_what_a_client_does_not_claim_is_skipped_unrun():
    program = CountsItsRuns()
    plan = client_plan(Driver(program, "mute", "", frozenset({"websocket"})), wanted=["TOOLS"])
    results = [result async for result in run(plan)]
    assert {result.verdict for result in results} == {Verdict.SKIPPED}
    assert program.runs == 0


async def test_capabilities_can_be_left_out():
    plan = client_plan(Driver(CountsItsRuns(), "all", "", frozenset(CLIENT)), without=["tools"])
    assert plan.capabilities == frozenset(CLIENT) - {"tools"}


def plan_of(*wanted):
    return client_plan(Driver(CountsItsRuns(), "all", "", frozenset(CLIENT)), wanted=wanted)


def test_a_case_is_judged_by_what_holds_in_every_case_too():
    assert {check.partition("-")[0] for check in plan_of("TOOLS-001").wanted} == {"TOOLS", "SENT", "LIFE"}


def test_a_check_alone_is_a_check_alone():
    assert plan_of("TOOLS-001.sends-output").wanted == {"TOOLS-001.sends-output"}


def test_what_holds_in_every_case_is_seen_in_every_case():
    assert len(plan_of("SENT").chosen) == len([case for case in CASES if not case.slow])


def test_what_names_no_check_is_refused():
    with pytest.raises(ValueError, match="NOPE names no area, case or check"):
        client_plan(Driver(CountsItsRuns(), "all", "", frozenset(CLIENT)), wanted=["NOPE"])


def test_every_check_belongs_to_a_case_or_to_the_stream():
    cases = {case.id for case in CASES}
    assert [
        check for check in REQUIREMENTS.checks if check.partition(".")[0] not in cases and not is_of_stream(check)
    ] == []


def test_every_passive_check_is_required():
    asked = {f"{SENT}.{slug}" for slug in CHECKS.values()} | {
        f"{LIFE}.{slug}" for slug in ("in-time", "in-order", "hangs-up")
    }
    assert {check for check in REQUIREMENTS.checks if is_of_stream(check)} == asked


def test_there_are_as_many_cases_as_are_promised():
    assert len(CASES) >= 50


def test_every_capability_that_is_needed_can_be_claimed():
    needed = {word for case in CASES for word in case.needs} | {word for one in REQUIREMENTS.all for word in one.needs}
    assert needed - set(CLIENT) == set()
