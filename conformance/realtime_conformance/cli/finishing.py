"""What becomes of a report: it is held to the baseline, shown, written in every form, and gives the exit status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from realtime_conformance.baseline import BaselineError, as_baseline, read_baseline
from realtime_conformance.cli.options import ReportOptions, Unusable
from realtime_conformance.report import Report
from realtime_conformance.reporting import as_html, as_json, as_junit, as_markdown
from realtime_conformance.reporting.console import show
from realtime_conformance.requirement import Requirements


def read_known(path: Path | None, requirements: Requirements) -> Mapping[str, str]:
    """The known failures of a baseline, with their reasons; none without a file.

    Raises:
        Unusable: it is no baseline.
    """
    if path is None:
        return {}
    try:
        return read_baseline(path, requirements.checks)
    except BaselineError as error:
        raise Unusable(str(error)) from None


def finish(report: Report, known: Mapping[str, str], options: ReportOptions) -> int:
    """Show a report and write it as it was asked for, and give the exit status: 0 where all is as expected, else 1.

    Raises:
        Unusable: a file cannot be written.
    """
    judged = replace(report, agent=options.name or report.agent, known=known, is_strict=options.strict)
    show(judged, Console(highlight=False))
    forms = (
        (options.json, as_json),
        (options.junit, as_junit),
        (options.markdown, as_markdown),
        (options.html, lambda one: as_html([one])),
        (options.write_baseline, as_baseline),
    )
    for path, form in forms:
        if path is not None:
            write_file(path, form(judged))
    return 0 if judged.is_as_expected else 1


def write_file(path: Path, text: str) -> None:
    """Write a file, and the folders that it is in.

    Raises:
        Unusable: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror or error}") from None
