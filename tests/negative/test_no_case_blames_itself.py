"""Whatever a server sends, a case ends with verdicts about the server, and never with a fault of its own."""

import asyncio
import json
import random

import pytest
from tests.negative.breaking import BrokenTarget, Negative
from tests.negative.test_every_check_can_fail import plan_against

from realtime_conformance.runner import run_case
from realtime_conformance.server_cases import CASES
from realtime_conformance.targets.virtual import VirtualTarget

VALUES = (None, "x", 7, [], {}, [None], True)


def places(value):
    """Every key of every object and every place of every list."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inner:
        yield value, key
        yield from places(member)


def garbled(seed):
    """A server that says something wrong in every third event."""

    def new():
        drawn = random.Random(seed)

        def changed(event):
            if drawn.random() > 0.3:
                return [event]
            event = json.loads(json.dumps(event))
            owner, key = drawn.choice([place for place in places(event) if place[1] != "type"])
            if isinstance(owner, dict) and drawn.random() < 0.3:
                del owner[key]
            else:
                owner[key] = drawn.choice(VALUES)
            return [event]

        return changed

    return new


ON_CORE = [case for case in CASES if case.needs <= VirtualTarget().capabilities]


@pytest.mark.parametrize("case", ON_CORE, ids=lambda case: case.id)
def test_a_server_that_sends_anything_is_judged(case):
    for seed in range(3):
        target = BrokenTarget(VirtualTarget(), Negative(garbled(f"{case.id}/{seed}")))
        result = asyncio.run(run_case(case, plan_against(target)))
        assert result.error is None, result.error
