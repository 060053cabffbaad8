"""Each check has a broken server that trips it, and only what follows from it."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from tests.negative import cancelling, errors, items, out_of_band, response, session, tools, usage, wire
from tests.negative.breaking import BrokenTarget, Negative

from realtime_conformance.checks import Unreached
from realtime_conformance.passive import judged, own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import Plan, run_case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import CASES
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.verdicts import Verdict

NEGATIVES: dict[str, Negative] = {
    **session.NEGATIVES,
    **items.NEGATIVES,
    **response.NEGATIVES,
    **cancelling.NEGATIVES,
    **out_of_band.NEGATIVES,
    **tools.NEGATIVES,
    **errors.NEGATIVES,
    **usage.NEGATIVES,
}
REQUIREMENTS = Requirements.read("server")
ACTIVE = [check for check in REQUIREMENTS.checks if not check.startswith("WIRE-")]
PASSIVE = [check for check in REQUIREMENTS.checks if check.startswith("WIRE-")]


def plan_against(target):
    @asynccontextmanager
    async def new_subject(_case):
        yield Server(target, scale=0.2)

    return Plan(
        CASES,
        wanted=frozenset(REQUIREMENTS.checks),
        requirements=REQUIREMENTS,
        capabilities=target.capabilities,
        new_subject=new_subject,
        judge_stream=judged,
        own_fault=own_fault,
    )


def unmet(target, case_id):
    """The checks that do not pass when a case runs against a target: the case's own, and those of the stream."""
    [case] = [case for case in CASES if case.id == case_id]
    result = asyncio.run(run_case(case, plan_against(target)))
    assert result.error is None, result.error
    return [check for check in result.checks if check.verdict is not Verdict.PASSED]


def failed_against(target, case_id):
    """The slugs of a case's own checks that do not pass."""
    return {check.slug for check in unmet(target, case_id) if not check.id.startswith("WIRE-")}


def test_each_check_has_a_negative():
    assert sorted(NEGATIVES) == sorted(ACTIVE)
    assert sorted(wire.NEGATIVES) == sorted(PASSIVE)


@pytest.mark.parametrize("check", sorted(NEGATIVES))
def test_a_broken_server_trips_it(check):
    case_id, _, slug = check.partition(".")
    negative = NEGATIVES[check]
    assert failed_against(BrokenTarget(VirtualTarget(), negative), case_id) == {slug, *negative.follows}


async def broken_rules(scene, target):
    """The checks of a stream that do not pass when something happens on a target."""
    server = Server(target, scale=0.2)
    with suppress(Unreached):
        await scene(server)
    levels = {check: REQUIREMENTS.checks[check].level for check in PASSIVE}
    return {check.id for check in judged(server.transcript, levels) if check.verdict is not Verdict.PASSED}


@pytest.mark.parametrize("check", sorted(wire.NEGATIVES))
async def test_a_broken_stream_trips_it(check):
    scene, target, negative = wire.NEGATIVES[check]
    assert await broken_rules(scene, target) == set()
    assert await broken_rules(scene, BrokenTarget(target, negative)) == {check, *negative.follows}


@pytest.mark.parametrize("case_id", [case.id for case in CASES])
def test_the_mock_passes(case_id):
    assert [check.id for check in unmet(VirtualTarget(), case_id)] == []
