"""`realtime-mock lint`: what a client did that the service of today refuses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from realtime_mock.cli.files import read_text, shown_name
from realtime_mock.cli.lines import one_line
from realtime_mock.cli.recordings import recording_argument, session_option
from realtime_mock.lint.findings import Finding
from realtime_mock.lint.linting import lint as judge
from realtime_mock.recording.reading import Log, NotALog, read_log
from realtime_mock.remedies import remedy


@click.command()
@recording_argument
@click.option(
    "--profile", type=click.Choice(["ga"]), default="ga", show_default=True, help="The API that the client is held to."
)
@session_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all findings.")
def lint(file: Path, profile: str, session: str | None, *, as_json: bool) -> None:
    """Tell what the client in FILE (or - for standard input) did that the service refuses, or that harms.

    FILE is what `record` wrote, a journal of the mock, or a JSON list with one {kind, direction, data} for each
    message. Each finding has its place, its time, its rule, and what to change. The exit status is 1 if there is an
    error among them, 0 if there are only warnings and hints, 2 if FILE is nothing that can be read.
    """
    try:
        log = _chosen(read_log(read_text(file), shown_name(file), folder=file.parent), session)
    except NotALog as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from None
    findings = judge(log)
    for line in [_document(log, profile, findings)] if as_json else _lines(log, findings):
        click.echo(line)
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(1)


def _chosen(log: Log, session: str | None) -> Log:
    """One connection and the HTTP exchanges beside it, or everything."""
    if session is None:
        return log
    name = log.chosen(session)
    return replace(log, entries=tuple(entry for entry in log.entries if entry.session in (name, "")))


def _document(log: Log, profile: str, findings: Sequence[Finding]) -> str:
    found = [finding.as_json(_advice(finding)) for finding in findings]
    return json.dumps({"file": log.name, "profile": profile, "findings": found, "counts": _counts(findings)})


def _lines(log: Log, findings: Sequence[Finding]) -> list[str]:
    """One line for each finding; what is found again in a session is counted where it came first."""
    times = Counter(map(_sameness, findings))
    lines = [_line(log, finding, times.pop(same)) for finding in findings if (same := _sameness(finding)) in times]
    counts = _counts(findings)
    shown = ", ".join(f"{counts[name]} {name}{'s' * (counts[name] != 1)}" for name in counts)
    return [*lines, f"{log.name}: {len(log.entries)} entries, {shown}"]


def _line(log: Log, finding: Finding, times: int) -> str:
    entry, fault = finding.entry, finding.fault
    after = f" +{entry.after:.3f}s" if entry.after is not None else ""
    session = f" {entry.session}" if len(log.sessions) > 1 and entry.session else ""
    again = f" ({times} times)" if times > 1 else ""
    advice = _advice(finding)
    what = f"{entry.type or entry.kind}: {fault.message}{again}{f' | change: {advice}' if advice else ''}"
    return one_line(f"{log.name}: {entry.place}{after}{session}: {finding.severity} [{finding.rule}] {what}")


def _sameness(finding: Finding) -> tuple[str, ...]:
    fault = finding.fault
    what = fault.param or fault.message
    return (finding.rule, finding.entry.session, finding.entry.type, what, str((fault.error or {}).get("code")))


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    return {name: sum(finding.severity == name for finding in findings) for name in ("error", "warning", "hint")}


def _advice(finding: Finding) -> str | None:
    return finding.fault.advice or (remedy(finding.fault.error) if finding.fault.error else None)
