"""`realtime-conformance report`: reports of several agents as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from realtime_conformance.cli.finishing import write_file
from realtime_conformance.cli.options import FILE, Unusable
from realtime_conformance.report import Report
from realtime_conformance.reporting import ReportError, as_html, as_markdown, from_json
from realtime_conformance.reporting.console import show_matrix


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--html", type=FILE, help="Write an HTML page here, with the journal of each case.")
@click.option("--markdown", type=FILE, help="Write Markdown here.")
def report(*, files: tuple[Path, ...], html: Path | None, markdown: Path | None) -> None:
    """Put reports of several agents side by side: a matrix of cases by agents.

    FILES are what `--json` wrote. Without options the matrix is printed.
    """
    reports = _told_apart([_read(path) for path in files])
    if html is not None:
        write_file(html, as_html(reports))
    if markdown is not None:
        write_file(markdown, as_markdown(*reports))
    if html is None and markdown is None:
        show_matrix(reports, Console(highlight=False))


def _read(path: Path) -> Report:
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from None
    except ReportError as error:
        raise Unusable(f"{path}: {error}") from None


def _told_apart(reports: Iterable[Report]) -> list[Report]:
    """The reports, those of one agent numbered: a matrix must not have two columns of one name."""
    found = list(reports)
    names, seen = Counter(one.agent for one in found), Counter[str]()
    named = []
    for one in found:
        seen[one.agent] += 1
        again = f"{one.agent} ({seen[one.agent]})" if names[one.agent] > 1 else one.agent
        named.append(replace(one, agent=again))
    return named
