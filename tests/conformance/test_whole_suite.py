"""The whole server suite against the mock, on each of its targets."""

import pytest

from realtime_conformance.runner import run
from realtime_conformance.server_suite import server_plan
from realtime_conformance.targets.virtual import VirtualTarget
from realtime_conformance.verdicts import Verdict

SCALE = 2.0
"""Waits are twice as long as for users: other tests run beside these."""

JOBS = 8
"""Cases at once. Most of a call is waiting, but for the two cores of a small machine."""


async def findings_of(target, *, jobs=JOBS, with_slow=False):
    """What does not pass, and how many checks were judged."""
    plan = server_plan(target, scale=SCALE, jobs=jobs, with_slow=with_slow)
    wrong, count = [], 0
    async for case in run(plan):
        assert case.error is None, case.error
        seen = [check for check in case.checks if check.verdict is not Verdict.SKIPPED]
        count += len(seen)
        wrong += [check for check in seen if check.verdict is not Verdict.PASSED]
    return wrong, count


@pytest.mark.parametrize("as_call", [False, True], ids=["session", "call"])
async def test_the_core_passes_everything_that_needs_no_network(as_call):
    wrong, count = await findings_of(VirtualTarget(as_call=as_call), jobs=1, with_slow=True)
    assert wrong == []
    assert count > 150


async def test_the_mock_passes_everything_over_websockets(websocket):
    wrong, count = await findings_of(websocket)
    assert wrong == []
    assert count > 300


async def test_the_mock_passes_everything_over_data_channels(webrtc):
    wrong, count = await findings_of(webrtc)
    assert wrong == []
    assert count > 250
