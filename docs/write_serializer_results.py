"""Writes docs/results/serializers.md from serializers.json beside it.

`python docs/write_serializer_results.py` writes the page; with names of rows, and `--libraries DIR` where the libraries
are installed as the page says, it runs those rows first.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
FINDINGS = RESULTS / "serializers.json"
PAGE = RESULTS / "serializers.md"
DRIVERS = "conformance/realtime_conformance/serializers"
ROOT = Path(__file__).resolve().parent.parent
EVENT_SHOWN = 600

HEAD = """\
# What libraries do with the events of the protocol

Made by `python docs/write_serializer_results.py`. Each library is given events that its side may get, 50 of each type,
and writes them again; what comes back is compared, as JSON values. A `null` that was lost counts as changed.

- **as recorded**: events of the types that were recorded, with every field that each recorded event had and none that
  no event had, in the variants that were seen ([what that is](../../schemas/ga/components/server/recorded.json)). A
  failure here is one that users meet today.
- **round trip**: whatever the schemas of this project allow, which leave open what no document promises: the service
  may always send a field that they let be missing, or never a `null` that they allow. A failure here alone is an event
  to look at, not by itself a fault that users meet.
- **unknown fields** are keys that a later server may add, **unknown types** events that no server sends today. There
  only a refusal is a failure; it may be one that the event would meet without the unknown field.
- **accepted**: it came back the same. **changed**: a value was lost, added or replaced. **refused**: the parser raised.
  **ignored**: the parser gives nothing for it. **let through**: an invalid event was taken.

A row is run again by its commands, in a checkout; [the driver is one small file](../reference/serializer-driver.md).
"""


@dataclass(frozen=True)
class Row:
    """A library in one way of use."""

    title: str
    requirement: str
    driver: str
    options: str = ""

    @property
    def is_node(self) -> bool:
        """Whether Node runs its driver."""
        return ".mjs" in self.driver

    @property
    def directory(self) -> str:
        """Where the library is installed, below the directory of all."""
        name = self.requirement.split()[0].lstrip("@").replace("/", "-").replace("@", "-").replace("==", "-")
        return f"{'npm' if self.is_node else 'pypi'}-{name}"

    def install(self, libraries: str) -> str:
        """How it is installed below a directory."""
        where = f"{libraries}/{self.directory}"
        if self.is_node:
            return f"npm install --prefix {where} {self.requirement}"
        return f"python3 -m venv {where} && {where}/bin/pip install {self.requirement}"

    def command(self, libraries: str) -> str:
        """How it is run."""
        where = f"{libraries}/{self.directory}"
        run = f"node {DRIVERS}/{self.driver} {where}" if self.is_node else f"{where}/bin/python {DRIVERS}/{self.driver}"
        return f'realtime-conformance serializer --command "{run}"{self.options and " " + self.options}'


ROWS = {
    "openai-python": Row("openai (PyPI), as its connection reads events", "openai==3.57.0", "openai_python.py"),
    "openai-python-validate": Row(
        "openai (PyPI), its types validated by pydantic", "openai==3.57.0", "openai_python.py --validate"
    ),
    "openai-python-client": Row(
        "openai (PyPI), client events as types", "openai==3.57.0", "openai_python.py --client", "--side client"
    ),
    "openai-python-client-validate": Row(
        "openai (PyPI), client events validated by pydantic",
        "openai==3.57.0",
        "openai_python.py --client --validate",
        "--side client --validates",
    ),
    "openai-python-beta": Row(
        "openai (PyPI), beta, as its connection reads events",
        "openai==1.109.1",
        "openai_python.py --beta",
        "--dialect beta",
    ),
    "openai-python-beta-client": Row(
        "openai (PyPI), beta, client events as types",
        "openai==1.109.1",
        "openai_python.py --beta --client",
        "--side client --dialect beta",
    ),
    "openai-agents": Row("openai-agents (PyPI), its parser", "openai-agents==0.24.0", "openai_agents.py"),
    "pipecat": Row("pipecat-ai (PyPI), `parse_server_event`", "pipecat-ai==1.14.0", "pipecat_ai.py"),
    "openai-node": Row("openai (npm), `parseRealtimeEvent`", "openai@7.59.0", "openai_node.mjs"),
    "agents-realtime": Row(
        "@openai/agents-realtime (npm), `parseRealtimeEvent`",
        "@openai/agents-realtime@0.20.0 zod",
        "agents_realtime.mjs",
    ),
}
CHECKS = ("as_recorded", "round_trip", "unknown_fields", "unknown_types", "invalid")


def run(name: str, libraries: str) -> dict[str, Any]:
    """The report of a row, run now."""
    words = shlex.split(ROWS[name].command(libraries))[1:]
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "report.json"
        code = "from realtime_conformance.cli import main; main()"
        # What a busy machine is late with is no finding.
        command = [sys.executable, "-c", code, *words, "--deadline", "60", "--json", str(file)]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        if not file.exists():
            raise SystemExit(f"{name}: {result.stderr}")
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {"checks": report["checks"], "findings": [_short(finding) for finding in report["findings"]]}


def page(results: dict[str, Any]) -> str:
    """The whole page."""
    parts = [HEAD, *_summary(results)]
    for name, row in ROWS.items():
        if name in results:
            parts += ["", *_section(row, results[name])]
    return "\n".join(parts) + "\n"


def _summary(results: dict[str, Any]) -> Iterator[str]:
    yield "| library | version | as recorded | round trip | unknown fields | unknown types | invalid |"
    yield "|---|---|---|---|---|---|---|"
    for name, row in ROWS.items():
        if name in results:
            told = [_told(_total(results[name], check)) for check in CHECKS]
            yield f"| {row.title} | `{row.requirement.split()[0]}` | {' | '.join(told)} |"


def _section(row: Row, result: dict[str, Any]) -> Iterator[str]:
    yield f"## {row.title}\n"
    yield f"```sh\n{row.install('libraries')}\n{row.command('libraries')}\n```\n"
    tallies = [tally for tally in result["checks"] if set(tally["counts"]) != {"accepted"}]
    if not tallies:
        yield "Every event of every type is accepted and comes back the same."
        return
    yield "Types with a failure; all others are accepted throughout.\n"
    yield "| type | check | events |\n|---|---|---|"
    for tally in tallies:
        yield f"| `{tally['type']}` | {tally['check'].replace('_', ' ')} | {_told(tally['counts'])} |"
    yield "\nThe smallest event of each kind of failure, over all types:\n"
    for kind, findings in _kinds(result["findings"]).items():
        yield from _kind(kind, findings)


def _kinds(findings: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    kinds: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for finding in findings:
        kinds.setdefault((finding["check"], finding["outcome"], finding["place"]), []).append(finding)
    return kinds


def _kind(kind: tuple[str, str, str], findings: list[dict[str, Any]]) -> Iterator[str]:
    check, outcome, place = kind
    smallest = min(findings, key=lambda finding: (len(finding["event"]), finding["event"]))
    types = len({finding["type"] for finding in findings})
    where = f", `{place}`" if place else ""
    count = sum(finding["count"] for finding in findings)
    of = "1 type" if types == 1 else f"{types} types"
    yield f"- {check.replace('_', ' ')}, **{outcome.replace('_', ' ')}**{where}: {count} events of {of}"
    yield f"  - {' '.join(smallest['detail'].split())}".replace("<", "&lt;")
    yield f"  - `{smallest['event']}`"
    if smallest["schema"] != "none":
        yield f"  - [`{smallest['schema']}`](../../{smallest['schema'].partition('#')[0]})"


def _short(finding: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(finding["event"])
    event = text if len(text) <= EVENT_SHOWN else f"{text[:EVENT_SHOWN]}... ({len(text)} characters)"
    kept = ("check", "type", "outcome", "place", "count", "detail", "schema")
    return {key: finding[key] for key in kept} | {"event": event}


def _total(result: dict[str, Any], check: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for tally in result["checks"]:
        if tally["check"] == check:
            counts.update(tally["counts"])
    return counts


def _told(counts: dict[str, int]) -> str:
    told = (f"{counts[name]} {name.replace('_', ' ')}" for name in sorted(counts) if counts[name])
    return ", ".join(told) or "not asked"


def main() -> None:
    """Run what is asked for, then write both files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []])
    parser.add_argument("--libraries", default="libraries")
    chosen = parser.parse_args()
    for name in chosen.rows:
        done = run(name, chosen.libraries)
        results = json.loads(FINDINGS.read_text(encoding="utf-8")) if FINDINGS.exists() else {}
        FINDINGS.write_text(json.dumps(results | {name: done}, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(FINDINGS.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
