"""`realtime-conformance list`: the cases, and what their checks claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from realtime_conformance import client_cases, server_cases
from realtime_conformance.capabilities import CLIENT, SERVER
from realtime_conformance.case import Case, selected
from realtime_conformance.cli.options import Unusable
from realtime_conformance.reporting.tables import counted
from realtime_conformance.requirement import Requirements

CASES: tuple[Case[Any], ...] = (*server_cases.CASES, *client_cases.CASES)
_OF_STREAMS = {
    "WIRE": "What every stream of a server's events must be",
    "SENT": "What no client may send in any case",
    "LIFE": "How a client ends in every case",
}


@click.command("list")
@click.argument("wanted", nargs=-1, metavar="[ID]...")
@click.option("--checks", "with_checks", is_flag=True, help="Show each check with what it claims.")
@click.option("--capabilities", is_flag=True, help="Show instead what --without may name.")
def list_(*, wanted: tuple[str, ...], with_checks: bool, capabilities: bool) -> None:
    """List the cases of both suites, of an area, or the checks of a case."""
    if capabilities:
        for side, known in (("server", SERVER), ("client", CLIENT)):
            for name, meaning in known.items():
                click.echo(f"{name:<24} a {side} that {meaning}")
        return
    try:
        lines = list(_lines(CASES, wanted, with_checks=with_checks or any("-" in word for word in wanted)))
    except ValueError as error:
        raise Unusable(str(error)) from None
    for line in lines:
        click.echo(line)


def _lines(cases: Iterable[Case[Any]], wanted: Iterable[str], *, with_checks: bool) -> Iterator[str]:
    claims = {**Requirements.read("server").checks, **Requirements.read("client").checks}
    titles = {case.id: _title(case) for case in cases}
    by_case: dict[str, list[str]] = {case_id: [] for case_id in titles}
    for check in selected(claims, wanted):
        by_case.setdefault(check.partition(".")[0], []).append(check)
    for case_id, checks in by_case.items():
        if checks:
            title = titles.get(case_id) or _OF_STREAMS[case_id.partition("-")[0]]
            yield f"{case_id}  {title}, {counted(len(checks), 'check')}"
        if with_checks:
            yield from (f"  {check}  {claims[check].level}  {claims[check].text}" for check in checks)


def _title(case: Case[Any]) -> str:
    needs = f" [{', '.join(sorted(case.needs))}]" if case.needs else ""
    return f"{case.title}{needs}{' [slow]' if case.slow else ''}"
