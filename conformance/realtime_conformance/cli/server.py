"""`realtime-conformance server`: the server suite against a server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import click

from realtime_conformance.cli.options import RunOptions, Unusable, reports_of, run_of, run_options, words
from realtime_conformance.cli.running import Prepared, run_and_report
from realtime_conformance.requirement import RequirementError
from realtime_conformance.runner import Plan, shuffled
from realtime_conformance.server import Server
from realtime_conformance.server_suite import Address, Transport, Unreachable, greet, reached, server_plan
from realtime_conformance.targets.base import Target
from realtime_conformance.targets.websocket import MODEL

URL, KEY = "OPENAI_BASE_URL", "OPENAI_API_KEY"


@click.command()
@click.option("--url", help=f"The server: http://HOST:PORT, with or without /v1, or ws://HOST:PORT/v1/realtime [{URL}]")
@click.option("--api-key", envvar="REALTIME_CONFORMANCE_API_KEY", show_envvar=True, help="A key that it accepts.")
@click.option("--model", default=MODEL, show_default=True, help="The model that sessions ask for.")
@click.option(
    "--transport",
    type=click.Choice(["websocket", "webrtc"]),
    default="websocket",
    show_default=True,
    help="What carries the events of sessions.",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for it to come up.",
)
@click.option(
    "--without",
    "left_out",
    callback=words,
    default="",
    metavar="WORDS",
    help="What it does not claim, with commas between, such as webrtc,vad; `list --capabilities` shows all.",
)
@run_options
def server(
    *,
    url: str | None,
    api_key: str | None,
    model: str,
    transport: Transport,
    wait: float,
    left_out: tuple[str, ...],
    **options: Any,
) -> None:
    """Check that a server of yours does what the Realtime API does.

    IDs name areas, cases or checks, such as RESP, RESP-002 or RESP-002.status (`list` shows them); without any, all
    are run. Without --url the server is the one that OPENAI_BASE_URL names, with the key in OPENAI_API_KEY.

    The exit status is 0 where all is as expected, 1 where something fails, 2 where no server was reached.
    """
    address = _address(url, api_key, model, transport, left_out)
    run = run_of(options)
    raise SystemExit(run_and_report("server", _prepared(address, run, wait), run, reports_of(options)))


def _address(url: str | None, key: str | None, model: str, transport: Transport, left_out: tuple[str, ...]) -> Address:
    """Where to go. The key of OPENAI_API_KEY goes nowhere but to OPENAI_BASE_URL."""
    if url is None and not os.environ.get(URL):
        raise click.UsageError(f"say which server: --url http://HOST:PORT, or {URL}")
    if url is None:
        key = key or os.environ.get(KEY)
    try:
        return Address(url or os.environ[URL], key, model, transport, left_out)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@asynccontextmanager
async def _prepared(address: Address, options: RunOptions, wait: float) -> AsyncIterator[Prepared]:
    """The plan, once the server has said that it is there."""
    async with reached(address) as target:
        plan = _plan(target, options, with_slow=options.slow or address.is_virtual)
        try:
            await greet(target, scale=options.timeout_scale, wait=wait)
        except Unreachable as error:
            raise Unusable(str(error)) from None
        yield Prepared(plan, address.url, _about(address))


def _plan(target: Target, options: RunOptions, *, with_slow: bool) -> Plan[Server]:
    try:
        plan = server_plan(
            target,
            wanted=options.wanted,
            requirement_set=options.requirements,
            scale=options.timeout_scale,
            jobs=options.jobs,
            with_slow=with_slow,
        )
    except (RequirementError, ValueError) as error:
        raise Unusable(str(error)) from None
    return plan if options.seed is None else shuffled(plan, options.seed)


def _about(address: Address) -> Mapping[str, str]:
    facts = {
        "target": address.url,
        "transport": address.transport,
        "model": address.model,
        "without": ", ".join(address.left_out),
    }
    return {name: value for name, value in facts.items() if value}
