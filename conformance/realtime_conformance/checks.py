"""The checks of one case while it runs: calls, not `assert`, so that each keeps what was expected and what came.

A check may be asked many times, of each delta of a stream for instance. The first difference decides. A check that its
case never reached has failed: a server that stays silent must not pass by it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from dataclasses import dataclass, field

from realtime_conformance.verdicts import CheckResult, Evidence, Level, Verdict


class Unreached(Exception):
    """A case cannot go on: the other side was silent, hung up or left out what comes next. `str()` says what."""


class SuiteFault(Exception):
    """A case is wrong, not its subject: it uses a check that no requirement knows, for instance."""


@dataclass(slots=True)
class Checks:
    """Judges the checks of one case.

    Args:
        case_id: the case.
        declared: the slugs of its checks, with the level of each.
        without: slugs that are skipped, since the subject does not claim what they need.
        place: gives the number of the newest entry of the transcript.
    """

    case_id: str
    declared: Mapping[str, Level]
    without: Collection[str] = ()
    place: Callable[[], int] = lambda: -1
    _seen: dict[str, Evidence | None] = field(default_factory=dict)

    def equal(self, slug: str, actual: object, expected: object, *, note: str = "") -> bool:
        """Hold that two values are equal."""
        return self._hold(slug, actual == expected, expected, actual, note)

    def that(self, slug: str, holds: bool, *, expected: str, actual: object, note: str = "") -> bool:  # noqa: FBT001 - the claim
        """Hold what only words can say."""
        return self._hold(slug, holds, expected, actual, note)

    def one_of(self, slug: str, actual: object, allowed: Iterable[object], *, note: str = "") -> bool:
        """Hold that a value is one of those allowed."""
        choices = list(allowed)
        return self._hold(slug, actual in choices, f"one of {choices}", actual, note)

    def within(self, slug: str, actual: float, low: float, high: float, *, note: str = "") -> bool:
        """Hold that a number is neither below `low` nor above `high`."""
        return self._hold(slug, low <= actual <= high, f"{low:g} to {high:g}", actual, note)

    def has(self, slug: str, actual: object, keys: Iterable[str], *, note: str = "") -> bool:
        """Hold that a value is an object that has all these keys."""
        missing = [key for key in keys if not isinstance(actual, Mapping) or key not in actual]
        return self._hold(slug, not missing, f"the keys {', '.join(keys)}", actual, note or f"without {missing}")

    def empty(self, slug: str, actual: Sized, *, note: str = "") -> bool:
        """Hold that nothing is there: no events, no violations."""
        return self._hold(slug, len(actual) == 0, "nothing", actual, note)

    def passed(self, slug: str) -> None:
        """Note that what a check claims was seen, where reaching this place is the claim."""
        self._hold(slug, True, None, None, "")

    def _hold(self, slug: str, holds: bool, expected: object, actual: object, note: str) -> bool:  # noqa: FBT001
        if slug not in self.declared:
            raise SuiteFault(f"{self.case_id}.{slug} stands in no requirement")
        evidence = None if holds else Evidence(expected, actual, self.place(), note)
        if self._seen.get(slug) is None:
            self._seen[slug] = evidence
        return holds

    def results(self, *, unreached: str = "its case never came to it") -> tuple[CheckResult, ...]:
        """Every declared check, judged, in the order of their declaration.

        Args:
            unreached: why the case ended before a check that it never asked.
        """
        return tuple(self._result(slug, level, unreached) for slug, level in self.declared.items())

    def _result(self, slug: str, level: Level, unreached: str) -> CheckResult:
        check_id = f"{self.case_id}.{slug}"
        if slug in self.without:
            return CheckResult(check_id, Verdict.SKIPPED)
        reached = slug in self._seen
        evidence = self._seen[slug] if reached else Evidence("to be reached", unreached, self.place())
        if evidence is None:
            return CheckResult(check_id, Verdict.PASSED)
        return CheckResult(check_id, Verdict.FAILED if level is Level.MUST else Verdict.WARNED, evidence)
