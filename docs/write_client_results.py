"""Writes docs/results/clients.md from clients.json beside it.

`python docs/write_client_results.py` writes the page; with names of rows, and `--libraries DIR` where the libraries are
installed as the page says, it runs those rows first. A case in which something fails is run again by itself, so that a
busy machine is not taken for a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realtime_conformance.client import client_plan, describe
from realtime_conformance.client.program import Command
from realtime_conformance.client_cases import CASES
from realtime_conformance.report import CaseResult
from realtime_conformance.runner import Plan, run, run_case
from realtime_conformance.verdicts import Verdict

RESULTS = Path(__file__).parent / "results"
FINDINGS = RESULTS / "clients.json"
PAGE = RESULTS / "clients.md"
DRIVERS = "conformance/realtime_conformance/drivers"
SHOWN = 300

HEAD = """\
# What clients do

Made by `python docs/write_client_results.py`. Each client performs the exercises of the suite through its
[driver](../reference/driver.md) against the mock, and what passed is judged. {count} cases, {checks} checks.

A failure is told as it was found. It was looked up in the journal of its case, and where that was of use in the source
of the client, to be sure that it is not its driver's. A MUST has a document or a schema behind it, a SHOULD may have no
more than experience; `realtime-conformance list` tells which. Libraries that carry events and leave
the conversation to applications are driven by the plainest application; a check of what they do not do themselves is
skipped.

In the table, **ok** is a case in which every check passed, **MUST** and **should** say what fails in it, and **-** is a
case that was skipped. The names of cases stand [below](#the-cases).
"""


@dataclass(frozen=True)
class Row:
    """A client in one way of use, and what its findings mean, by the case."""

    title: str
    driver: str
    requirement: str = ""
    is_node: bool = False
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        """Where the library is installed, below the directory of all."""
        name = re.sub(r"\[.*?\]", "", self.requirement.split()[0]).lstrip("@")
        return f"{'npm' if self.is_node else 'pypi'}-{re.sub('==|[/@]', '-', name)}"

    def install(self, libraries: str) -> str:
        """How it is installed below a directory; empty where nothing is to be installed."""
        if not self.requirement:
            return ""
        where = f"{libraries}/{self.directory}"
        if self.is_node:
            return f"npm install --prefix {where} {self.requirement}"
        return f"python3 -m venv {where} && {where}/bin/pip install '{self.requirement}'"

    def program(self, libraries: str) -> str:
        """The command that is the driver."""
        if not self.requirement:
            return f"python {self.driver}"
        where = f"{libraries}/{self.directory}"
        return (
            f"node {DRIVERS}/{self.driver} {where}" if self.is_node else f"{where}/bin/python {DRIVERS}/{self.driver}"
        )

    def command(self, libraries: str) -> str:
        """How the row is run."""
        return f'realtime-conformance client --command "{self.program(libraries)}"'


_ONLY_RAW = "Its `error` event says nothing of it; the raw `response.done` does."
_STAYS_ACTIVE = "It logs the refusal, and goes on believing that its response is active."
_ENDS_UNSEEN = "The task that receives ends with the exception of its WebSocket, and no frame tells so."

ROWS = {
    "openai-python": Row(
        "openai (PyPI)",
        "openai_python.py",
        "openai[realtime]==3.52.0",
        notes={"RECON-011": "Its recovery begins when there has been a connection."},
    ),
    "openai-node": Row(
        "openai (npm)",
        "openai_node.mjs",
        "openai@7.55.0 ws",
        is_node=True,
        notes={"RECON-011": "It waits by its own clock, half a second at first, whatever `Retry-After` says."},
    ),
    "agents-realtime": Row(
        "@openai/agents-realtime (npm)",
        "agents_realtime.mjs",
        "@openai/agents-realtime@0.20.0 zod",
        is_node=True,
        notes={
            "SURV-005": _ONLY_RAW,
            "SURV-006": _ONLY_RAW,
            "SURV-007": _ONLY_RAW,
            "SURV-012": "Its wait for a response ends with an error only where `error.event_id` names the request.",
            "TOOLS-002": "It sends the output of each call with a request of its own, and joins only those that wait.",
            "TOOLS-005": _ONLY_RAW,
            "BARGE-002": "`audio` events go on after `audio_interrupted`, as long as deltas come.",
            "BARGE-006": "`interrupt()` does nothing before the first audio of an answer.",
        },
    ),
    "pipecat": Row(
        "pipecat-ai (PyPI)",
        "pipecat_ai.py",
        "pipecat-ai[openai]==1.14.0",
        notes={
            "CONV-004": "A message that is appended with the role `user` is sent with the role `system`.",
            "SURV-006": "A response that is `failed` becomes an `ErrorFrame`, one that is `incomplete` does not.",
            "SURV-009": "Any error but two ends the loop that receives; what comes afterwards is not read.",
            "SURV-010": _STAYS_ACTIVE,
            "SURV-011": _STAYS_ACTIVE,
            "SURV-012": _STAYS_ACTIVE,
            "SURV-014": "Any `response.done` is the end of its response.",
            "TOOLS-002": "It asks when the calls that it has run by then have their outputs.",
            "RECON-001": _ENDS_UNSEEN,
            "RECON-002": _ENDS_UNSEEN,
            "RECON-003": _ENDS_UNSEEN,
            "RECON-005": _ENDS_UNSEEN,
        },
    ),
    "aiortc": Row("aiortc", "-m realtime_conformance.reference --call"),
    "chromium": Row("Chromium", f"{DRIVERS}/browser.py"),
    "reference": Row("reference client", "-m realtime_conformance.reference"),
}


async def found(row: Row, libraries: str) -> dict[str, Any]:
    """What a row does, run now."""
    words = shlex.split(row.program(libraries))
    driver = await describe(Command(words))
    plan = client_plan(driver, jobs=2)
    results = {result.id: result async for result in run(plan)}
    for result in list(results.values()):
        if result.verdict not in (Verdict.PASSED, Verdict.SKIPPED):
            results[result.id] = await _again(result, plan)
    counts = Counter(check.verdict.value for result in results.values() for check in result.checks)
    return {
        "driver": driver.name,
        "version": driver.version,
        "counts": dict(sorted(counts.items())),
        "cases": {case.id: _told(results[case.id]) for case in plan.chosen},
    }


async def _again(result: CaseResult, plan: Plan[Any]) -> CaseResult:
    [case] = [case for case in CASES if case.id == result.id]
    return await run_case(case, plan)


def _told(result: CaseResult) -> dict[str, Any]:
    failed = [check for check in result.checks if check.evidence is not None]
    return {
        "verdict": result.verdict.value,
        "failed": [
            {
                "check": check.id,
                "verdict": check.verdict.value,
                "expected": _cut(check.evidence.expected),
                "actual": _cut(check.evidence.actual),
            }
            for check in failed
            if check.evidence is not None
        ],
    }


def _cut(value: object) -> str:
    text = " ".join(str(value).partition("; it said:")[0].split())
    # What a driver says last has times and places in it.
    text = text.partition("; the driver ")[0] if "wrote [" in text else text
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def page(results: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    from realtime_conformance.requirement import Requirements  # noqa: PLC0415

    yield HEAD.format(count=len(CASES), checks=len(Requirements.read("client").checks))
    rows = {name: (row, results[name]) for name, row in ROWS.items() if name in results}
    yield "| client | version | MUST | SHOULD |"
    yield "|---|---|---|---|"
    for row, result in rows.values():
        counts = result["counts"]
        failed, warned = counts.get("failed", 0), counts.get("warned", 0)
        yield f"| {row.title} | {result['version']} | {failed or 'all hold'} | {warned or 'all hold'} |"
    yield ""
    yield "| case | " + " | ".join(row.title for row, _ in rows.values()) + " |"
    yield "|---|" + "---|" * len(rows)
    for case in CASES:
        yield f"| {case.id} | " + " | ".join(_mark(result, case.id) for _, result in rows.values()) + " |"
    for row, result in rows.values():
        yield from _section(row, result)
    yield "\n## The cases\n"
    yield from (f"- `{case.id}`: {case.title}" for case in CASES)


def _mark(result: Mapping[str, Any], case_id: str) -> str:
    verdict = result["cases"].get(case_id, {"verdict": "skipped"})["verdict"]
    return {"passed": "ok", "failed": "**MUST**", "warned": "should", "error": "error"}.get(verdict, "-")


def _section(row: Row, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## {row.title} {result['version']}\n"
    commands = [line for line in (row.install("libraries"), row.command("libraries")) if line]
    yield from ("```sh", *commands, "```", "")
    failures = {case: told["failed"] for case, told in result["cases"].items() if told["failed"]}
    if not failures:
        yield "Every check that is not skipped passes."
    for case_id, failed in failures.items():
        note = f" {row.notes[case_id]}" if case_id in row.notes else ""
        yield f"- `{case_id}`, {_title(case_id)}.{note}"
        for check in failed:
            level = "MUST" if check["verdict"] == "failed" else "SHOULD"
            yield f"  - {level} `{check['check']}`: expected {_code(check['expected'])}; {_code(check['actual'])}"


def _title(case_id: str) -> str:
    title = next(case.title for case in CASES if case.id == case_id)
    return title[0].lower() + title[1:]


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


def main() -> None:
    """Run what is asked for, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"rows to run first, of {', '.join(ROWS)}")
    parser.add_argument("--libraries", default="libraries", help="where they are installed")
    given = parser.parse_args()
    results = json.loads(FINDINGS.read_text(encoding="utf-8")) if FINDINGS.exists() else {}
    for name in given.rows:
        results[name] = asyncio.run(found(ROWS[name], given.libraries))
        FINDINGS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
