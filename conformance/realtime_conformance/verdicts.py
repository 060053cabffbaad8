"""What a suite says of a subject: the level of a requirement, the verdict of a check, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How strongly a requirement holds, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Verdict(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    """A MUST does not hold."""
    WARNED = "warned"
    """A SHOULD does not hold."""
    SKIPPED = "skipped"
    """The other side does not claim what the check needs. Nothing else is a reason."""
    ERROR = "error"
    """The suite itself is at fault."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check saw.

    `at` is the number of the newest entry of the transcript when it was seen, -1 where nothing had passed.
    """

    expected: object
    actual: object
    at: int = -1
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one case, judged. `evidence` is None where it passed or was skipped."""

    id: str
    verdict: Verdict
    evidence: Evidence | None = None

    @property
    def slug(self) -> str:
        """The part of the id after the case's."""
        return self.id.partition(".")[2]
