"""`realtime-conformance check`: the passive checks over what passed somewhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from realtime_conformance.check_file import check as judged
from realtime_conformance.cli.finishing import finish, read_known
from realtime_conformance.cli.options import FILE, Unusable, report_options, reports_of
from realtime_conformance.report import Report
from realtime_conformance.requirement import Requirements
from realtime_mock.recording.reading import NotALog, read_log


@click.command()
@click.argument("file", type=FILE)
@report_options
def check(*, file: Path, **options: Any) -> None:
    """Judge what a server sent in FILE: schemas, order, ids, sums of deltas, usage.

    FILE is a recording (`realtime-mock record`), a journal of the mock, or a JSON list with one {kind, direction, data}
    for each message. Each connection in it is a case. The exit status is 0 where all is as expected, 1 where something
    fails, 2 where FILE is nothing that can be read.
    """
    reports = reports_of(options)
    requirements = Requirements.read("server")
    known = read_known(reports.baseline, requirements)
    raise SystemExit(finish(_report(file, requirements), known, reports))


def _report(file: Path, requirements: Requirements) -> Report:
    try:
        report = judged(read_log(file.read_text(encoding="utf-8"), str(file), folder=file.parent))
    except (NotALog, UnicodeDecodeError) as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{file} cannot be read: {error.strerror or error}") from None
    checks = report.checks
    return replace(report, requirements=tuple(one for one in requirements.all if set(one.checks) & set(checks)))
