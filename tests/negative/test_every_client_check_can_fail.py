"""Each check of a client has a broken client that trips it, and only what follows from it."""

import asyncio

import pytest
from tests.negative.clients import call, connection, conversation, interruption, never, size, speech, survival, tools
from tests.negative.clients.breaking import InProcess, Negative

from realtime_conformance.capabilities import CLIENT
from realtime_conformance.client import Driver, client_plan
from realtime_conformance.client_cases import CASES
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import is_of_stream, run_case
from realtime_conformance.verdicts import Verdict

AT_ONCE = 4
"""Runs at the same time: they wait most of theirs."""

MORE_TRIES = 2
NOTHING = ".nothing"
"""Ends what stands for a check where none is to be tripped."""

NEGATIVES: dict[str, Negative] = {
    **conversation.NEGATIVES,
    **survival.NEGATIVES,
    **speech.NEGATIVES,
    **tools.NEGATIVES,
    **interruption.NEGATIVES,
    **connection.NEGATIVES,
    **size.NEGATIVES,
    **call.NEGATIVES,
    **never.NEGATIVES,
}
CHECKS = Requirements.read("client").checks
AREAS = sorted({check.partition("-")[0] for check in CHECKS})


async def tripped(negative, case_id):
    """The checks that do not pass with a client in one case: slugs of the case, and whole ids of the passive ones."""
    can = frozenset(CLIENT) - ({"websocket"} if case_id.startswith("CALL-") else {"webrtc"})
    driver = Driver(InProcess(negative), "reference client", "", can)
    plan = client_plan(driver, scale=negative.scale)
    [case] = [case for case in CASES if case.id == case_id]
    result = await run_case(case, plan)
    assert result.error is None, result.error
    failed = [check for check in result.checks if check.verdict is not Verdict.PASSED]
    return {check.id if is_of_stream(check.id) else check.slug for check in failed}


async def surprises(negatives):
    """What negatives trip, by the check of each, where it is not what they should.

    Everything here runs in real time, and on a busy machine a client is late, which is a fault, too. So what surprises
    is run again, by itself.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(check, negative):
        async with room:
            return check, await tripped(negative, case_of(check, negative))

    found = dict(await asyncio.gather(*(one(check, negative) for check, negative in negatives.items())))
    surprising = {check: what for check, what in found.items() if what != expected(check, negatives[check])}
    for check in tuple(surprising):
        for _ in range(MORE_TRIES):
            surprising[check] = await tripped(negatives[check], case_of(check, negatives[check]))
            if surprising[check] == expected(check, negatives[check]):
                del surprising[check]
                break
    return surprising


def case_of(check, negative):
    return negative.case or check.partition(".")[0]


def expected(check, negative):
    if check.endswith(NOTHING):
        return set()
    return {check if is_of_stream(check) else check.partition(".")[2], *negative.follows}


@pytest.mark.parametrize("area", AREAS)
async def test_each_check_is_tripped_by_a_broken_client(area):
    mine = {check: negative for check, negative in NEGATIVES.items() if check.startswith(f"{area}-")}
    assert await surprises(mine) == {}


@pytest.mark.parametrize("area", [area for area in AREAS if area not in ("LIFE", "SENT")])
async def test_the_reference_client_trips_nothing(area):
    cases = [case.id for case in CASES if case.area == area]
    wire = call.over() if area == "CALL" else None
    assert await surprises({f"{case}{NOTHING}": Negative(wire=wire) for case in cases}) == {}


def test_each_check_has_a_broken_client():
    assert sorted(NEGATIVES) == sorted(CHECKS)
