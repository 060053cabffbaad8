"""The cases of the server suite as items of pytest."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import pytest
from rich.console import Console

from realtime_conformance.case import Case
from realtime_conformance.report import CaseResult, Report
from realtime_conformance.reporting.console import show_failures
from realtime_conformance.runner import Plan, run_unless_gone
from realtime_conformance.server import Server
from realtime_conformance.server_suite import Address, greet, reached, server_plan
from realtime_conformance.targets.base import Target
from realtime_conformance.verdicts import Verdict


class ConformanceWarning(UserWarning):
    """A SHOULD does not hold."""


class NotConforming(Exception):
    """A case has failed; `str()` is what is shown of it."""


@dataclass(slots=True)
class Suite:
    """What is run against which server; `options` are those of `server_plan`, `known` is the baseline."""

    address: Address
    options: Mapping[str, Any]
    known: Mapping[str, str]
    is_strict: bool = False
    _gone: list[str] = field(default_factory=list)

    def plan(self, target: Target) -> Plan[Server]:
        """What is run against this target."""
        return server_plan(target, **self.options)

    async def chosen(self) -> tuple[Case[Server], ...]:
        """The cases that run."""
        async with reached(self.address) as target:
            return self.plan(target).chosen

    async def greet(self) -> None:
        """See that the server is there.

        Raises:
            Unreachable: it is not.
        """
        async with reached(self.address) as target:
            await greet(target, scale=self.options["scale"])

    async def run(self, case: Case[Server]) -> Report:
        """Run one case."""
        async with reached(self.address) as target:
            plan = self.plan(target)
            result = await run_unless_gone(case, plan, self._gone)
        return self._report(result, plan)

    def _report(self, result: CaseResult, plan: Plan[Server]) -> Report:
        return Report(
            agent=self.address.url,
            suite="server",
            started="",
            cases=(result,),
            requirements=plan.requirements.all,
            known=self.known,
            is_strict=self.is_strict,
        )


class CaseItem(pytest.Item):
    """One case; its id is the id of the item."""

    def __init__(self, *, suite: Suite, case: Case[Server], **values: Any) -> None:
        super().__init__(nodeid=case.id, **values)
        self._suite = suite
        self._case = case
        self.extra_keyword_matches.update((case.area, case.title))
        self.user_properties.append(("title", case.title))

    def runtest(self) -> None:
        """Run the case."""
        report = asyncio.run(self._suite.run(self._case))
        checks = [check for case in report.cases for check in case.checks]
        # What judges a stream may pass here and fail in another case.
        stale = [name for name in report.stale if name.startswith(f"{self._case.id}.")]
        if stale:
            raise NotConforming(f"{', '.join(stale)}: passes, take it out of the baseline")
        if next(report.failures, None) is not None:
            raise NotConforming(_shown(report))
        if all(check.verdict is Verdict.SKIPPED for check in checks):
            pytest.skip("the server does not claim what it needs")
        if any(check.verdict is Verdict.WARNED and not report.is_known(check) for check in checks):
            self.warn(ConformanceWarning(_shown(report)))
        if known := [check.id for check in checks if report.is_known(check)]:
            pytest.xfail(", ".join(f"{name} {report.known[name]}".rstrip() for name in known))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What the report says of a case that has failed; a traceback would show nothing but the suite."""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """Where it stands: nowhere in the project's files."""
        return self.path, 0, self.name


def items(session: pytest.Session, suite: Suite) -> Iterator[CaseItem]:
    """An item for each case that is to run."""
    for case in asyncio.run(suite.chosen()):
        yield CaseItem.from_parent(session, name=case.id, suite=suite, case=case)


def _shown(report: Report) -> str:
    console = Console(file=io.StringIO(), width=120, highlight=False, no_color=True)
    show_failures(report, console)
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return text.strip()
