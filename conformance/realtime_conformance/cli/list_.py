"""`realtime-conformance list`: the cases, and what their checks claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from realtime_conformance.capabilities import SERVER
from realtime_conformance.case import Case, selected
from realtime_conformance.cli.options import Unusable
from realtime_conformance.reporting.tables import counted
from realtime_conformance.requirement import Requirements, Side
from realtime_conformance.server_cases import CASES

_OF_STREAMS = "What every stream of events must be"


@click.command("list")
@click.argument("wanted", nargs=-1, metavar="[ID]...")
@click.option("--checks", "with_checks", is_flag=True, help="Show each check with what it claims.")
@click.option("--capabilities", is_flag=True, help="Show instead what --without may name.")
def list_(*, wanted: tuple[str, ...], with_checks: bool, capabilities: bool) -> None:
    """List the cases of a suite, of an area, or the checks of a case."""
    if capabilities:
        for name, meaning in SERVER.items():
            click.echo(f"{name:<24} a server that {meaning}")
        return
    try:
        lines = list(_lines("server", CASES, wanted, with_checks=with_checks or any("-" in word for word in wanted)))
    except ValueError as error:
        raise Unusable(str(error)) from None
    for line in lines:
        click.echo(line)


def _lines(side: Side, cases: Iterable[Case[Any]], wanted: Iterable[str], *, with_checks: bool) -> Iterator[str]:
    claims = Requirements.read(side).checks
    titles = {case.id: _title(case) for case in cases}
    by_case: dict[str, list[str]] = {case_id: [] for case_id in titles}
    for check in selected(claims, wanted):
        by_case.setdefault(check.partition(".")[0], []).append(check)
    for case_id, checks in by_case.items():
        if checks:
            yield f"{case_id}  {titles.get(case_id, _OF_STREAMS)}, {counted(len(checks), 'check')}"
        if with_checks:
            yield from (f"  {check}  {claims[check].level}  {claims[check].text}" for check in checks)


def _title(case: Case[Any]) -> str:
    needs = f" [{', '.join(sorted(case.needs))}]" if case.needs else ""
    return f"{case.title}{needs}{' [slow]' if case.slow else ''}"
