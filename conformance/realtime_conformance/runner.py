"""Runs cases and tells what becomes of each, in the order in which they end.

A case that hangs costs its own deadline and no more: where nothing at all came, the subject is asked whether it is
still there, and the cases after it are not run if it is not. What a case raises is the suite's fault, unless it says
that the subject gave it nothing to go on with, or that sent what no stream may have in it.
"""

from __future__ import annotations

import asyncio
import random
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from realtime_conformance.case import Case
from realtime_conformance.checks import Checks, Unreached
from realtime_conformance.passive import StreamJudge
from realtime_conformance.report import CaseResult
from realtime_conformance.requirement import Requirements
from realtime_conformance.transcript import Passage, Transcript
from realtime_conformance.verdicts import CheckResult, Level, Verdict


class Subject(Protocol):
    """What a case talks to; it keeps what passed."""

    @property
    def transcript(self) -> Transcript:
        """What passed in this case."""


Tested = TypeVar("Tested", bound=Subject)
Probe = Callable[[], Awaitable[str | None]]
"""Asks whether the subject is there; gives what is wrong, or None."""


async def always_there() -> None:
    """The probe of a subject that each case starts anew."""


@dataclass(frozen=True, slots=True)
class Plan(Generic[Tested]):
    """What to run.

    Args:
        cases: in this order.
        wanted: the ids of the checks that are reported.
        requirements: what the checks of these cases show.
        capabilities: what the subject claims; a check that needs more is skipped.
        new_subject: makes the subject of one case.
        judge_stream: judges what passed in a case as a whole, with the level of each check that is wanted.
        own_fault: what the suite itself did wrong in what passed, or None.
        scale: multiplies every deadline.
        jobs: cases that run at once.
        with_slow: whether slow cases run too.
        probe: asked after a case in which the subject said nothing.
    """

    cases: tuple[Case[Tested], ...]
    wanted: frozenset[str]
    requirements: Requirements
    capabilities: frozenset[str]
    new_subject: Callable[[Case[Tested]], AbstractAsyncContextManager[Tested]]
    judge_stream: StreamJudge
    own_fault: Callable[[Transcript], str | None]
    scale: float = 1.0
    jobs: int = 1
    with_slow: bool = False
    probe: Probe = always_there

    @property
    def chosen(self) -> tuple[Case[Tested], ...]:
        """The cases of which something is wanted; all where only checks of the stream are, since each shows them."""
        chosen = [case for case in self.cases if self.declared(case)] or self.cases
        return tuple(case for case in chosen if self.with_slow or not case.slow)

    @property
    def left_out(self) -> tuple[Case[Tested], ...]:
        """The slow cases of which something is wanted, where slow cases do not run."""
        return () if self.with_slow else tuple(case for case in self.cases if case.slow and self.declared(case))

    def declared(self, case: Case[Tested]) -> Mapping[str, Level]:
        """The slugs of a case's checks that are wanted, with their levels."""
        found = self.requirements.of_case(case.id)
        return {slug: one.level for slug, one in found.items() if f"{case.id}.{slug}" in self.wanted}

    @property
    def stream_checks(self) -> Mapping[str, Level]:
        """The checks of a stream that are wanted, by their whole ids."""
        checks = self.requirements.checks
        return {check: one.level for check, one in checks.items() if is_of_stream(check) and check in self.wanted}

    def is_misread(self, transcript: Transcript) -> bool:
        """Whether what passed breaks a MUST of every stream: a case that cannot read it is not at fault."""
        checks = self.requirements.checks
        musts = {check: one.level for check, one in checks.items() if is_of_stream(check) and one.level is Level.MUST}
        return any(result.verdict is Verdict.FAILED for result in self.judge_stream(transcript, musts))


STREAM_AREAS = ("WIRE-", "SENT-", "LIFE-")
"""How the ids of checks begin that no case asks: they judge what passed, in every case."""


def is_of_stream(check: str) -> bool:
    """Whether a check judges what passed in every case."""
    return check.startswith(STREAM_AREAS)


def shuffled(plan: Plan[Tested], seed: int) -> Plan[Tested]:
    """The plan with its cases in an order of chance: two cases keep their order for a seed, whatever else runs."""

    def place(case: Case[Tested]) -> float:
        return random.Random(f"{seed} {case.id}").random()  # noqa: S311 - the same each time is the purpose

    return replace(plan, cases=tuple(sorted(plan.cases, key=place)))


async def run(plan: Plan[Tested]) -> AsyncIterator[CaseResult]:
    """Run the chosen cases, `plan.jobs` at a time."""
    room = asyncio.Semaphore(plan.jobs)
    gone: list[str] = []

    async def one(case: Case[Tested]) -> CaseResult:
        async with room:
            return await run_unless_gone(case, plan, gone)

    tasks = [asyncio.create_task(one(case)) for case in plan.chosen]
    try:
        for finished in asyncio.as_completed(tasks):
            yield await finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_unless_gone(case: Case[Tested], plan: Plan[Tested], gone: list[str]) -> CaseResult:
    """Run one case, unless `gone` says since when there is no subject; where that shows now, it is written there."""
    if gone:
        return _not_run(case, plan, gone[0])
    result = await run_case(case, plan)
    if _is_silent(result) and (reason := await plan.probe()):
        gone.append(f"the subject is gone since {case.id}: {reason}")
    return result


async def run_case(case: Case[Tested], plan: Plan[Tested]) -> CaseResult:
    """Run one case to its end or to its deadline."""
    began = time.monotonic()
    requirements = plan.requirements.of_case(case.id)
    lacking = {slug for slug, one in requirements.items() if not (case.needs | one.needs) <= plan.capabilities}
    levels = {slug: one.level for slug, one in requirements.items()}
    wanted = plan.declared(case)
    if lacking >= set(wanted or levels):
        skipped = tuple(CheckResult(f"{case.id}.{slug}", Verdict.SKIPPED) for slug in wanted)
        return CaseResult(case.id, case.title, skipped)
    transcript, error, unreached = Transcript(), None, "its case never came to it"
    checks = Checks(case.id, levels, without=lacking, place=lambda: transcript.newest)
    try:
        async with asyncio.timeout(case.deadline * plan.scale), plan.new_subject(case) as subject:
            transcript = subject.transcript
            await case.run(subject, checks)
    except Unreached as reason:
        unreached = str(reason)
    except TimeoutError:
        unreached = f"the case was not over after {case.deadline * plan.scale:g} s"
    except Exception as fault:  # noqa: BLE001 - a fault of one case must not end the run
        if plan.is_misread(transcript):
            unreached = f"the case cannot read what came, which breaks its schema or order: {fault!r}"
        else:
            error = traceback.format_exc()
    error = error or plan.own_fault(transcript)
    results = _of(wanted, checks.results(unreached=unreached))
    if _has_received(transcript.passages):
        results += plan.judge_stream(transcript, plan.stream_checks)
    return CaseResult(
        case.id,
        case.title,
        results if error is None else tuple(CheckResult(result.id, Verdict.ERROR) for result in results),
        seconds=time.monotonic() - began,
        transcript=transcript.from_start(),
        error=error,
    )


def _is_silent(result: CaseResult) -> bool:
    """Whether a case ran and its subject said nothing at all."""
    is_run = any(check.verdict is not Verdict.SKIPPED for check in result.checks)
    return is_run and not _has_received(result.transcript)


def _has_received(passages: Iterable[Passage]) -> bool:
    return any(passage.direction == "received" for passage in passages)


def _not_run(case: Case[Tested], plan: Plan[Tested], reason: str) -> CaseResult:
    levels = plan.declared(case)
    return CaseResult(case.id, case.title, Checks(case.id, levels).results(unreached=reason))


def _of(wanted: Iterable[str], results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    names = set(wanted)
    return tuple(result for result in results if result.slug in names)
