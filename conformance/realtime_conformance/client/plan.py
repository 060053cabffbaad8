"""What to run against a client."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager

from realtime_conformance.capabilities import CLIENT
from realtime_conformance.case import Case, selected
from realtime_conformance.client.driver import Driver
from realtime_conformance.client.passive import judged
from realtime_conformance.client.subject import ClientUnderTest, client_under_test, own_fault
from realtime_conformance.requirement import Requirements
from realtime_conformance.requirement import requirement_set as checks_of_set
from realtime_conformance.runner import Plan

PASSIVE = ("SENT", "LIFE")
"""The areas of the checks that hold in every case."""

JOBS = 3
"""Cases that run at once: each waits most of its time, for a process to start and for what the mock says late."""


def client_plan(
    driver: Driver,
    *,
    wanted: Iterable[str] = (),
    without: Iterable[str] = (),
    requirement_set: str | None = None,
    scale: float = 1.0,
    jobs: int = JOBS,
    with_slow: bool = False,
) -> Plan[ClientUnderTest]:
    """The cases for a client, to be given to `runner.run`.

    Args:
        driver: what `describe` gave.
        wanted: areas, cases and checks; all where there is none.
        without: capabilities that the driver claims and that are left out all the same.
        requirement_set: the name of a frozen set of checks; what came later is left out.
        scale: multiplies every deadline.
        jobs: cases that run at once.
        with_slow: whether cases run that wait for long.

    Raises:
        ValueError: something wanted names no area, case or check, or there is no such capability.
        RequirementError: there is no such set.
    """
    # The cases know what a client is, and this package makes their plan.
    from realtime_conformance.client_cases import CASES  # noqa: PLC0415

    if unknown := sorted(set(without) - set(CLIENT)):
        raise ValueError(f"there is no capability {', '.join(unknown)}; there are: {', '.join(CLIENT)}")
    requirements = Requirements.read("client")
    words = tuple(wanted)
    # What judges every case is asked wherever whole cases run.
    asked = (*words, *PASSIVE) if any("." not in word for word in words) else words
    chosen = selected(requirements.checks, asked)
    if requirement_set is not None:
        frozen = checks_of_set(requirement_set)
        chosen = tuple(check for check in chosen if check in frozen)

    def new_subject(case: Case[ClientUnderTest]) -> AbstractAsyncContextManager[ClientUnderTest]:
        return client_under_test(driver, case.deadline * scale)

    return Plan(
        cases=CASES,
        wanted=frozenset(chosen),
        requirements=requirements,
        capabilities=driver.can - frozenset(without),
        new_subject=new_subject,
        judge_stream=judged,
        own_fault=own_fault,
        scale=scale,
        jobs=jobs,
        with_slow=with_slow,
    )
