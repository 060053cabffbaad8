"""The checks that judge a stream of server events by itself: its schemas, its order, its ids and its sums.

They run over what every case receives, and over recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from realtime_conformance.order import violations
from realtime_conformance.transcript import Event, Transcript
from realtime_conformance.verdicts import CheckResult, Evidence, Level, Verdict
from realtime_mock.registry import SchemaRegistry

StreamJudge = Callable[[Transcript, Mapping[str, Level]], tuple[CheckResult, ...]]
"""Judges what passed in a case, given the checks that are wanted and the level of each."""

WIRE = "WIRE-001"
ORDER = "WIRE-002"
EXPECTED = "what the schema and the order of events allow"


@dataclass(frozen=True, slots=True)
class Finding:
    """Passage number `at` breaks what the check `id` claims."""

    id: str
    at: int
    detail: str


def findings(transcript: Transcript) -> Iterator[Finding]:
    """Everything that is wrong with what the subject sent."""
    for _, stream in transcript.streams():
        events = [event for _, event in stream]
        numbers = [number for number, _ in stream]
        yield from (Finding(f"{WIRE}.schema", number, fault) for number, event in stream if (fault := _fault(event)))
        for broken in violations(events):
            yield Finding(f"{ORDER}.{broken.rule}", numbers[broken.at], broken.detail)


def judged(transcript: Transcript, levels: Mapping[str, Level]) -> tuple[CheckResult, ...]:
    """Each passive check, with the first finding of it. `levels` has the level of each, by its id."""
    first: dict[str, Finding] = {}
    for finding in findings(transcript):
        first.setdefault(finding.id, finding)
    return tuple(result_of(check, level, first.get(check), EXPECTED) for check, level in levels.items())


def own_fault(transcript: Transcript) -> str | None:
    """What the suite sent that the protocol does not allow, though it did not mean to."""
    for passage in transcript.passages:
        if passage.direction == "sent" and not passage.is_wrong and passage.channel != "http":
            fault = SchemaRegistry.bundled().first_error(passage.data, transport="webrtc")
            if fault is not None:
                return f"the suite sent {passage.data}: {fault.message}"
    return None


def result_of(check: str, level: Level, finding: Finding | None, expected: str) -> CheckResult:
    """A passive check as its first finding, if any, has it."""
    if finding is None:
        return CheckResult(check, Verdict.PASSED)
    evidence = Evidence(expected, finding.detail, finding.at)
    return CheckResult(check, Verdict.FAILED if level is Level.MUST else Verdict.WARNED, evidence)


def _fault(event: Event) -> str | None:
    return SchemaRegistry.bundled().first_server_error(event)
