"""Each check has a broken server that trips it, and only what follows from it."""

import asyncio
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from tests.negative import (
    cancelling,
    connection,
    errors,
    http,
    input_audio,
    interruption,
    items,
    out_of_band,
    response,
    session,
    sideband,
    tools,
    usage,
    webrtc,
    wire,
)
from tests.negative.breaking import BrokenTarget, Negative

from realtime_conformance.capabilities import without
from realtime_conformance.checks import Unreached
from realtime_conformance.passive import judged, own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.runner import Plan, run_case
from realtime_conformance.server import Server
from realtime_conformance.server_cases import CASES
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.targets.websocket import Place, WebSocketTarget
from realtime_conformance.verdicts import Verdict
from realtime_mock.server import serve_in_thread
from realtime_mock.settings import Settings

NEGATIVES: dict[str, Negative] = {
    **session.NEGATIVES,
    **items.NEGATIVES,
    **response.NEGATIVES,
    **cancelling.NEGATIVES,
    **out_of_band.NEGATIVES,
    **tools.NEGATIVES,
    **errors.NEGATIVES,
    **usage.NEGATIVES,
    **connection.NEGATIVES,
    **http.NEGATIVES,
    **input_audio.NEGATIVES,
    **interruption.NEGATIVES,
    **webrtc.NEGATIVES,
    **sideband.NEGATIVES,
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


BY_ID = {case.id: case for case in CASES}
CORE = VirtualTarget()


@pytest.fixture(scope="module")
def base_url():
    """A mock on loopback, for what the core alone cannot show."""
    with serve_in_thread(Settings(port=0)) as mock:
        yield mock.base_url


def runs_on_core(check):
    return BY_ID[check.partition(".")[0]].needs | REQUIREMENTS.checks[check].needs <= CORE.capabilities


async def unmet(target, case_id):
    """The checks that do not pass when a case runs against a target: the case's own, and those of the stream."""
    result = await run_case(BY_ID[case_id], plan_against(target))
    assert result.error is None, result.error
    return [check for check in result.checks if check.verdict not in (Verdict.PASSED, Verdict.SKIPPED)]


async def failed_against_broken(check, url=None):
    """The slugs of a case that do not pass against the broken server of a check: the core or, by its URL, a mock."""
    case_id, negative = check.partition(".")[0], NEGATIVES[check]
    if url is None:
        found = await unmet(BrokenTarget(VirtualTarget(), negative), case_id)
    else:
        async with aiohttp.ClientSession() as http:
            target = WebSocketTarget(Place.of(url), without(()), http)
            found = await unmet(BrokenTarget(target, negative), case_id)
    return {one.slug for one in found if not one.id.startswith("WIRE-")}


def test_each_check_has_a_negative():
    assert sorted(NEGATIVES) == sorted(ACTIVE)
    assert sorted(wire.NEGATIVES) == sorted(PASSIVE)


@pytest.mark.parametrize("check", sorted(filter(runs_on_core, NEGATIVES)))
def test_a_broken_server_trips_it(check):
    slug = check.partition(".")[2]
    assert asyncio.run(failed_against_broken(check)) == {slug, *NEGATIVES[check].follows}


@pytest.mark.parametrize("check", sorted(check for check in NEGATIVES if not runs_on_core(check)))
def test_a_broken_server_on_the_network_trips_it(check, base_url):
    slug = check.partition(".")[2]
    assert asyncio.run(failed_against_broken(check, base_url)) == {slug, *NEGATIVES[check].follows}


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


@pytest.mark.parametrize("case_id", [case.id for case in CASES if case.needs <= CORE.capabilities])
def test_the_core_passes(case_id):
    assert [check.id for check in asyncio.run(unmet(VirtualTarget(), case_id))] == []
