"""Each check has a broken server that trips it, and only what follows from it."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from tests.negative import response
from tests.negative.breaking import BrokenTarget, Negative

from realtime_conformance.passive import own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import Plan, run_case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import CASES
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.verdicts import Verdict

NEGATIVES: dict[str, Negative] = {**response.NEGATIVES}
REQUIREMENTS = Requirements.read("server")
ACTIVE = [check for check in REQUIREMENTS.checks if not check.startswith("WIRE-")]


def failed_against(target, case_id):
    """The slugs of a case's checks that do not pass against a target."""

    @asynccontextmanager
    async def new_subject(_case):
        yield Server(target, scale=0.2)

    plan = Plan(
        CASES,
        wanted=frozenset(ACTIVE),
        requirements=REQUIREMENTS,
        capabilities=target.capabilities,
        new_subject=new_subject,
        judge_stream=lambda _transcript, _levels: (),
        own_fault=own_fault,
    )
    [case] = [case for case in CASES if case.id == case_id]
    result = asyncio.run(run_case(case, plan))
    assert result.error is None, result.error
    return {check.slug for check in result.checks if check.verdict is not Verdict.PASSED}


def test_each_check_has_a_negative():
    assert sorted(NEGATIVES) == sorted(ACTIVE)


@pytest.mark.parametrize("check", sorted(NEGATIVES))
def test_a_broken_server_trips_it(check):
    case_id, _, slug = check.partition(".")
    negative = NEGATIVES[check]
    assert failed_against(BrokenTarget(VirtualTarget(), negative), case_id) == {slug, *negative.follows}


@pytest.mark.parametrize("case_id", [case.id for case in CASES])
def test_the_mock_passes(case_id):
    assert failed_against(VirtualTarget(), case_id) == set()
