"""Writes docs/reference/requirements.md from the requirements: `python docs/write_requirements_reference.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from realtime_conformance.requirement import Requirement, Requirements

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "conformance" / "realtime_conformance" / "requirements"
PAGE = ROOT / "docs" / "reference" / "requirements.md"
SIDES = {"server": "What a server does", "client": "What a client does"}
HEAD = """\
# Requirements

Made from `conformance/realtime_conformance/requirements` by `python docs/write_requirements_reference.py`: what the
suites hold servers and clients to, why, and which checks show it. `realtime-conformance list ID` shows a check with its
case; [Run the conformance suite](../how-to/run-the-conformance-suite.md) says how to run them.

A MUST rests on a public document or a schema of this project. What was only observed is a SHOULD at most. `--strict`
lets a SHOULD fail a run too. What nobody can test from outside is listed with the reason. Cases such as RESP/1 are what
clients of the service met; [the scenarios](scenarios.md) link to the reports.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sets(), *(line for side in SIDES if (FOLDER / side).is_dir() for line in _side(side))])


def _sets() -> Iterator[str]:
    yield "Frozen sets, for `--requirements`: a claim to fulfil one never fails by a case that came later."
    yield ""
    for path in sorted((FOLDER / "sets").glob("*.txt")):
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        yield f"- `{path.stem}`: {len(lines)} checks"
    yield ""


def _side(side: str) -> Iterator[str]:
    yield f"## {SIDES[side]}"
    yield ""
    for path in sorted((FOLDER / side).glob("*.yaml")):
        requirements = Requirements.of({path.name: yaml.safe_load(path.read_text("utf-8"))}).all
        yield f"### {path.stem.replace('_', ' ').capitalize()}"
        yield ""
        yield from _table([one for one in requirements if one.excluded is None])
        for one in requirements:
            if one.excluded is not None:
                yield f"- Not tested: {_cell(one.text)} {_cell(one.excluded)}"
        yield ""


def _table(requirements: list[Requirement]) -> Iterator[str]:
    yield "| requirement | level | evidence | checks |"
    yield "|---|---|---|---|"
    for one in requirements:
        evidence = "; ".join(f"{source}: {said}" for source, said in one.evidence.items())
        needs = f" (needs {', '.join(sorted(one.needs))})" if one.needs else ""
        checks = " ".join(f"`{check}`" for check in one.checks)
        yield f"| {_cell(one.text)}{needs} | {one.level} | {_cell(evidence)} | {checks} |"
    yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
