"""Reports of made-up runs, small enough to be read."""

from __future__ import annotations

from dataclasses import replace

from realtime_conformance.report import CaseResult, Report
from realtime_conformance.requirement import Requirement
from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Evidence, Level, Verdict

STATUS = Requirement(
    id="a-response-is-completed",
    text="A response ends `completed`.",
    level=Level.MUST,
    evidence={"documented": "API reference, `response.done`"},
    checks=("RESP-001.status", "RESP-001.once"),
)
USAGE = Requirement(
    id="usage-adds-up",
    text="The tokens of a response add up.",
    level=Level.SHOULD,
    evidence={"observed": "a recorded turn"},
    checks=("USE-001.sum",),
)
SCHEMA = Requirement(
    id="events-fit", text="Events fit.", level=Level.MUST, evidence={"schema": "ga"}, checks=("WIRE-001.schema",)
)
TRANSCRIPT = (
    Passage(0.0, "1", "received", {"type": "session.created", "event_id": "event_1", "session": {"id": "sess_1"}}),
    Passage(0.1, "1", "sent", {"type": "response.create"}),
    Passage(0.5, "1", "received", {"type": "response.done", "response": {"id": "resp_1", "status": "failed"}}),
    Passage(0.6, "1", "received", {"type": "rate_limits.updated", "rate_limits": []}),
)
FITS = CheckResult("WIRE-001.schema", Verdict.PASSED)
FAILED = CheckResult("RESP-001.status", Verdict.FAILED, Evidence("completed", "failed", at=2))
WARNED = CheckResult("USE-001.sum", Verdict.WARNED, Evidence({"total": 3}, {"total": 4}, at=2, note="of one response"))


def report(*cases: CaseResult, **values: object) -> Report:
    """A report with these cases, or with one that fails, one that warns and one that is skipped."""
    found = Report(
        agent="gateway",
        suite="server",
        started="2026-11-28T12:00:00+00:00",
        cases=cases or (FAILING, WARNING, LEFT_OUT),
        about={"target": "http://127.0.0.1:8000"},
        requirements=(STATUS, USAGE, SCHEMA),
    )
    return replace(found, **values)


FAILING = CaseResult(
    "RESP-001",
    "A response",
    (FAILED, CheckResult("RESP-001.once", Verdict.PASSED), FITS),
    seconds=0.7,
    transcript=TRANSCRIPT,
)
WARNING = CaseResult("USE-001", "Usage", (WARNED, FITS), seconds=0.1, transcript=TRANSCRIPT)
LEFT_OUT = CaseResult("VAD-001", "Turns", (CheckResult("VAD-001.started", Verdict.SKIPPED),))
FINE = CaseResult("RESP-001", "A response", (CheckResult("RESP-001.status", Verdict.PASSED), FITS), seconds=0.2)
FAULTY = CaseResult(
    "ERR-001", "Errors", (CheckResult("ERR-001.code", Verdict.ERROR),), error="Traceback ...\nKeyError: 'code'"
)
