"""A run as a frozen value: what was run, against what, and what became of it. Every report is a function of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Verdict


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case that was run: its checks, what passed in it, and how long it took in seconds of real time.

    `error` is the suite's own fault, as a traceback; no check of such a case says anything of the subject.
    """

    id: str
    title: str
    checks: tuple[CheckResult, ...]
    seconds: float = 0.0
    transcript: tuple[Passage, ...] = ()
    error: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of its checks; skipped where all were."""
        if self.error is not None:
            return Verdict.ERROR
        verdicts = {check.verdict for check in self.checks}
        ranking = (Verdict.ERROR, Verdict.FAILED, Verdict.WARNED, Verdict.PASSED)
        return next((verdict for verdict in ranking if verdict in verdicts), Verdict.SKIPPED)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    `agent` is what was tested, by the name that the user gives it; `suite` is `server`, `client` or `check`. `about`
    has what else a reader must know to repeat it: the target, the seed, versions, the requirement set.
    """

    agent: str
    suite: str
    started: str
    cases: tuple[CaseResult, ...]
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many checks have each verdict."""
        found = Counter(check.verdict for case in self.cases for check in case.checks)
        return {verdict: found.get(verdict, 0) for verdict in Verdict}
