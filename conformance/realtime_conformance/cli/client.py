"""`realtime-conformance client`: the client suite against a client, through its driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import click

from realtime_conformance.cli.options import RunOptions, Unusable, reports_of, run_of, run_options, words
from realtime_conformance.cli.running import Prepared, run_and_report
from realtime_conformance.client.driver import Driver, DriverError, describe
from realtime_conformance.client.plan import client_plan
from realtime_conformance.client.program import CannotStart, Command
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.requirement import RequirementError
from realtime_conformance.runner import Plan, shuffled


@click.command()
@click.option("--command", "command", required=True, help="How its driver is run, such as 'node driver.mjs'.")
@click.option(
    "--without",
    "left_out",
    callback=words,
    default="",
    metavar="WORDS",
    help="What its driver claims and is left out, with commas between; `list --capabilities` shows all.",
)
@run_options
def client(*, command: str, left_out: tuple[str, ...], **options: Any) -> None:
    """Check that a client of yours does what the Realtime API asks of it, and survives what it does.

    The driver is a small program that connects the client and performs an exercise; docs/reference/driver.md tells how
    to write one. It is run once for each case, against a mock that is started for it. IDs name areas, cases or checks,
    such as SURV, SURV-005 or SURV-005.tells (`list` shows them); without any, all are run.

    The exit status is 0 where all is as expected, 1 where something fails, 2 where the driver cannot be used.
    """
    run = run_of(options)
    raise SystemExit(run_and_report("client", _prepared(command, left_out, run), run, reports_of(options)))


@asynccontextmanager
async def _prepared(command: str, left_out: tuple[str, ...], options: RunOptions) -> AsyncIterator[Prepared]:
    """The plan, once the driver has said what it is."""
    try:
        driver = await describe(Command.of(command))
        plan = _plan(driver, left_out, options)
    except (CannotStart, DriverError, RequirementError, ValueError) as error:
        raise Unusable(str(error)) from None
    yield Prepared(plan, driver.title, _about(command, driver, left_out))


def _plan(driver: Driver, left_out: tuple[str, ...], options: RunOptions) -> Plan[ClientUnderTest]:
    plan = client_plan(
        driver,
        wanted=options.wanted,
        without=left_out,
        requirement_set=options.requirements,
        scale=options.timeout_scale,
        jobs=options.jobs,
        with_slow=options.slow,
    )
    return plan if options.seed is None else shuffled(plan, options.seed)


def _about(command: str, driver: Driver, left_out: tuple[str, ...]) -> Mapping[str, str]:
    facts = {"command": command, "driver": driver.title, "without": ", ".join(left_out)}
    return {name: value for name, value in facts.items() if value}
