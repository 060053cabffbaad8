"""A run as a frozen value: what was run, against what, and what became of it. Every report is a function of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from realtime_conformance.requirement import Requirement
from realtime_conformance.transcript import Passage
from realtime_conformance.verdicts import CheckResult, Verdict

_WORST_FIRST = (Verdict.ERROR, Verdict.FAILED, Verdict.WARNED, Verdict.PASSED, Verdict.SKIPPED)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; skipped where all were, or there are none."""
    found = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in found), Verdict.SKIPPED)


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
        return Verdict.ERROR if self.error is not None else worst(check.verdict for check in self.checks)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run.

    `agent` is what was tested, by the name that the user gives it; `suite` is `server`, `client` or `check`. `about`
    has what else a reader must know to repeat it: the target, the seed, versions, the requirement set. `requirements`
    are those that its checks show. `known` has the checks that are expected to fail, each with the reason. In a strict
    run a SHOULD that does not hold is a failure too. `missing` are cases that were to run when it was interrupted.
    """

    agent: str
    suite: str
    started: str
    cases: tuple[CaseResult, ...]
    about: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    is_strict: bool = False
    missing: tuple[str, ...] = ()

    @property
    def checks(self) -> Mapping[str, CheckResult]:
        """The worst result of each check, by its id: what judges a stream is asked in every case."""
        found: dict[str, CheckResult] = {}
        for check in (check for case in self.cases for check in case.checks):
            before = found.setdefault(check.id, check)
            if worst((before.verdict, check.verdict)) is not before.verdict:
                found[check.id] = check
        return found

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many checks have each verdict."""
        found = Counter(check.verdict for check in self.checks.values())
        return {verdict: found.get(verdict, 0) for verdict in Verdict}

    @property
    def claims(self) -> Mapping[str, Requirement]:
        """The requirement that each check shows."""
        return {check: requirement for requirement in self.requirements for check in requirement.checks}

    @property
    def failures(self) -> Iterator[tuple[CaseResult, CheckResult]]:
        """What counts against the subject and was not expected."""
        return ((case, check) for case in self.cases for check in case.checks if self.counts_against(check))

    @property
    def stale(self) -> tuple[str, ...]:
        """The checks that are expected to fail and pass."""
        checks = self.checks
        return tuple(name for name in self.known if name in checks and checks[name].verdict is Verdict.PASSED)

    @property
    def is_as_expected(self) -> bool:
        """Whether nothing fails but what is known to, and all of that does."""
        return not self.stale and next(self.failures, None) is None

    def is_known(self, check: CheckResult) -> bool:
        """Whether a check fails as it is expected to."""
        return check.id in self.known and check.verdict in {Verdict.FAILED, Verdict.WARNED}

    def counts_against(self, check: CheckResult) -> bool:
        """Whether a result fails the run: a MUST that does not hold, in a strict run a SHOULD, a fault of ours."""
        if check.verdict is Verdict.ERROR:
            return True
        failing = {Verdict.FAILED, Verdict.WARNED} if self.is_strict else {Verdict.FAILED}
        return check.verdict in failing and check.id not in self.known
