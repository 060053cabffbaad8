"""How cases are run: each for itself, in order, and none of them forever."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.suites.examples import TRANSCRIPT

from realtime_conformance.case import Case
from realtime_conformance.checks import Unreached
from realtime_conformance.requirement import Requirement, Requirements
from realtime_conformance.runner import Plan, run, shuffled
from realtime_conformance.transcript import Passage, Transcript
from realtime_conformance.verdicts import CheckResult, Level, Verdict


class Subject:
    def __init__(self):
        self.transcript = Transcript(list(TRANSCRIPT))


class Silent:
    def __init__(self):
        self.transcript = Transcript()


def plan_of(*scripts, subject=Subject, **values):
    """A plan with a case and a check `A-00N.seen` for each script."""
    cases = tuple(Case(f"A-{number:03}", "", script, deadline=0.05) for number, script in enumerate(scripts, 1))
    checks = tuple(f"{case.id}.seen" for case in cases)

    @asynccontextmanager
    async def new_subject(_case):
        yield subject()

    stream = Requirement("stream", "", Level.SHOULD, {"schema": ""}, ("WIRE-001.schema",))
    found = Plan(
        cases=cases,
        wanted=frozenset((*checks, *stream.checks)),
        requirements=Requirements((Requirement("all", "", Level.MUST, {"schema": ""}, checks), stream)),
        capabilities=frozenset(),
        new_subject=new_subject,
        judge_stream=lambda _transcript, levels: tuple(CheckResult(check, Verdict.PASSED) for check in levels),
        own_fault=lambda _transcript: None,
    )
    return replace(found, **values)


def results_of(plan):
    async def collect():
        return [result async for result in run(plan)]

    return sorted(asyncio.run(collect()), key=lambda result: result.id)


async def passes(_subject, checks):
    checks.passed("seen")


async def hangs(_subject, _checks):
    await asyncio.Event().wait()


async def breaks(_subject, _checks):
    raise KeyError("id")


async def gets_nothing(_subject, _checks):
    raise Unreached("no response.done came")


def test_a_case_that_hangs_costs_its_deadline_and_no_more():
    first, second = results_of(plan_of(hangs, passes))
    assert first.checks[0].evidence.actual == "the case was not over after 0.05 s"
    assert second.verdict is Verdict.PASSED


def test_the_scale_multiplies_a_deadline():
    [result] = results_of(plan_of(hangs, scale=0.1))
    assert result.checks[0].evidence.actual == "the case was not over after 0.005 s"


def test_a_case_that_breaks_says_nothing_of_the_subject():
    first, second = results_of(plan_of(breaks, passes))
    assert "KeyError: 'id'" in first.error
    assert {check.verdict for check in first.checks} == {Verdict.ERROR}
    assert second.verdict is Verdict.PASSED


def test_a_case_that_cannot_read_a_broken_stream_is_not_at_fault():
    plan = plan_of(
        breaks, judge_stream=lambda _transcript, levels: tuple(CheckResult(check, Verdict.FAILED) for check in levels)
    )
    must = tuple(replace(one, level=Level.MUST) for one in plan.requirements.all)
    [result] = results_of(replace(plan, requirements=Requirements(must)))
    assert result.error is None
    assert result.checks[0].evidence.actual.endswith("KeyError('id')")


def test_what_is_missing_fails_what_needs_it():
    [result] = results_of(plan_of(gets_nothing))
    assert result.checks[0].verdict is Verdict.FAILED
    assert result.checks[0].evidence.actual == "no response.done came"


def test_a_subject_that_is_gone_is_not_asked_again():
    ran = []

    async def waits_in_vain(_subject, _checks):
        ran.append(1)
        raise Unreached("nothing came")

    async def probe():
        return "nobody there"

    first, second = results_of(plan_of(waits_in_vain, waits_in_vain, subject=Silent, probe=probe))
    assert len(ran) == 1
    assert first.checks[0].evidence.actual == "nothing came"
    assert second.checks[0].evidence.actual == "the subject is gone since A-001: nobody there"


def test_a_subject_that_was_only_silent_goes_on():
    results = results_of(plan_of(passes, passes, subject=Silent))
    assert [result.verdict for result in results] == [Verdict.PASSED] * 2


def test_silence_passes_no_check_of_a_stream():
    [result] = results_of(plan_of(passes, subject=Silent))
    assert [check.id for check in result.checks] == ["A-001.seen"]


def test_where_only_streams_are_wanted_every_case_runs_for_them():
    results = results_of(plan_of(passes, passes, wanted=frozenset({"WIRE-001.schema"})))
    assert [[check.id for check in result.checks] for result in results] == [["WIRE-001.schema"]] * 2


def test_slow_cases_are_left_out_unless_asked_for():
    plan = plan_of(passes, passes)
    slow = replace(plan, cases=(replace(plan.cases[0], slow=True), plan.cases[1]))
    assert [case.id for case in slow.chosen] == ["A-002"]
    assert [case.id for case in slow.left_out] == ["A-001"]
    assert replace(slow, with_slow=True).chosen == slow.cases


@pytest.mark.parametrize(("jobs", "most"), [(1, 1), (3, 3)])
def test_as_many_cases_run_at_once_as_there_are_jobs(jobs, most):
    running = [0]
    seen = []

    async def counts(_subject, checks):
        running[0] += 1
        seen.append(running[0])
        for _ in range(5):
            await asyncio.sleep(0)
        running[0] -= 1
        checks.passed("seen")

    results_of(plan_of(*[counts] * 6, jobs=jobs))
    assert max(seen) == most


def test_a_seed_gives_one_order_of_the_same_cases():
    plan = plan_of(*[passes] * 9)
    orders = [[case.id for case in shuffled(plan, seed).cases] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(order) == [case.id for case in plan.cases] for order in orders)


def test_times_are_told_from_the_first_that_is_known():
    transcript = Transcript(
        [Passage(0.0, "http", "sent", {}), Passage(900.0, "1", "sent", {}), Passage(900.5, "1", "received", {})]
    )
    assert [passage.at for passage in transcript.from_start()] == [0.0, 0.0, 0.5]
