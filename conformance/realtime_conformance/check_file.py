"""The passive checks over what passed somewhere else: a recording, a list of messages, a journal of the mock.

`realtime_mock.recording.reading` makes a `Log` of each. Every connection of it is a case of its own, since order, ids
and sums are matters of one connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from realtime_conformance.passive import judged
from realtime_conformance.report import CaseResult, Report
from realtime_conformance.requirement import Requirements
from realtime_conformance.transcript import Passage, Transcript
from realtime_conformance.verdicts import Level
from realtime_mock.recording.entries import Entry
from realtime_mock.recording.reading import Log, NotALog


def check(log: Log, *, requirements: Requirements | None = None) -> Report:
    """Judge what the server sent on each connection of a log.

    The cases are `SESSION-001` and so on, in the order in which the connections began.

    Args:
        log: what passed.
        requirements: what the checks show; those of servers by default.

    Raises:
        NotALog: it holds no event of a server.
    """
    known = Requirements.read("server") if requirements is None else requirements
    levels = {check: one.level for check, one in known.checks.items() if check.startswith("WIRE-")}
    names = [name for name in log.sessions if any(entry.direction == "received" for entry in log.of(name))]
    if not names:
        raise NotALog(f"{log.name}: it holds nothing that a server sent")
    cases = tuple(_judged(log, name, f"SESSION-{number:03}", levels) for number, name in enumerate(names, 1))
    started = log.header.date if log.header else ""
    return Report(log.name, "check", started, cases, dict(_about(log)))


def _judged(log: Log, name: str, case_id: str, levels: Mapping[str, Level]) -> CaseResult:
    transcript = Transcript([passage for entry in log.of(name) if (passage := _passage(entry)) is not None])
    seconds = max((passage.at for passage in transcript.passages), default=0.0)
    checks = judged(transcript, levels)
    return CaseResult(case_id, f"connection {name}", checks, seconds=seconds, transcript=tuple(transcript.passages))


def _passage(entry: Entry) -> Passage | None:
    if entry.kind not in ("message", "text") or entry.direction is None:
        return None
    data = entry.data if entry.kind == "message" else entry.data.get("text", "")
    return Passage(entry.after or 0.0, entry.session, entry.direction, data)


def _about(log: Log) -> Iterator[tuple[str, str]]:
    yield "file", log.name
    if log.header is not None:
        yield "recorded by", log.header.tool
        yield "upstream", log.header.upstream
