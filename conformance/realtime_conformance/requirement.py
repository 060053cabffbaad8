"""What is required, as data: `requirements/*/*.yaml` say what must hold, why, and which checks show it.

Each requirement has a level, its evidence and its checks. Evidence is `documented` (a public document says so),
`schema` (an event schema of this project says so) or `observed` (a recording shows it). A MUST needs a document or a
schema: what was only observed may change tomorrow, so it is a SHOULD at most. What nobody can test is listed all the
same, with `excluded` and the reason.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import yaml

from realtime_conformance.case import is_check_id
from realtime_conformance.verdicts import Level

Side = Literal["server", "client"]
SOURCES = ("documented", "schema", "observed")
_KEYS = {"id", "text", "level", "evidence", "checks", "needs", "excluded"}


class RequirementError(Exception):
    """A requirement is not written as it has to be; `str()` names the file and the requirement."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that has to hold.

    `evidence` has what each source says, by its kind. `needs` are capabilities without which its checks are skipped,
    beside those of their cases. `excluded` says why no check shows it.
    """

    id: str
    text: str
    level: Level
    evidence: Mapping[str, str]
    checks: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """Every requirement of one side, in the order of their files."""

    all: tuple[Requirement, ...]

    @classmethod
    def read(cls, side: Side) -> Requirements:
        """Those that come with this package.

        Raises:
            RequirementError: one is not written as it has to be.
        """
        return _bundled(side)

    @classmethod
    def of(cls, documents: Mapping[str, Any]) -> Requirements:
        """Those of parsed files, by the name of each.

        Raises:
            RequirementError: one is not written as it has to be, or two claim the same check or id.
        """
        found = [_requirement(name, value) for name, document in documents.items() for value in document or ()]
        _refuse_repeated("requirement", (requirement.id for requirement in found))
        _refuse_repeated("check", (check for requirement in found for check in requirement.checks))
        return cls(tuple(found))

    @property
    def checks(self) -> Mapping[str, Requirement]:
        """The requirement that each check shows."""
        return {check: requirement for requirement in self.all for check in requirement.checks}

    def of_case(self, case_id: str) -> Mapping[str, Requirement]:
        """The requirement of each check of a case, by the check's slug."""
        prefix = f"{case_id}."
        return {check.removeprefix(prefix): one for check, one in self.checks.items() if check.startswith(prefix)}


@functools.cache
def _bundled(side: Side) -> Requirements:
    """Read once: YAML takes its time, and nobody changes what comes with a package."""
    folder = files("realtime_conformance") / "requirements" / side
    entries = folder.iterdir() if folder.is_dir() else ()
    names = sorted(entry.name for entry in entries if entry.name.endswith(".yaml"))
    return Requirements.of({name: yaml.safe_load((folder / name).read_text("utf-8")) for name in names})


def requirement_set(name: str) -> frozenset[str]:
    """The checks of a frozen requirement set, such as `ga-2026-11`.

    What came later is not in it, so that a claim to fulfil it never fails by a new case.

    Raises:
        RequirementError: there is no such set.
    """
    folder = files("realtime_conformance") / "requirements" / "sets"
    known = sorted(entry.name.removesuffix(".txt") for entry in folder.iterdir() if entry.name.endswith(".txt"))
    if name not in known:
        raise RequirementError(f"there is no requirement set {name}; there are: {', '.join(known)}")
    lines = (folder / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _requirement(file: str, value: Mapping[str, Any]) -> Requirement:
    place = f"{file}: {value.get('id', value)}"
    if unknown := sorted(set(value) - _KEYS):
        raise RequirementError(f"{place}: there is no key {', '.join(unknown)}")
    if missing := sorted({"id", "text", "level", "evidence"} - set(value)):
        raise RequirementError(f"{place}: {', '.join(missing)} is missing")
    requirement = Requirement(
        id=value["id"],
        text=value["text"].strip(),
        level=Level(value["level"]),
        evidence=value["evidence"],
        checks=tuple(value.get("checks", ())),
        needs=frozenset(value.get("needs", ())),
        excluded=value.get("excluded"),
    )
    for fault in _faults(requirement):
        raise RequirementError(f"{place}: {fault}")
    return requirement


def _faults(requirement: Requirement) -> Iterator[str]:
    if unknown := sorted(set(requirement.evidence) - set(SOURCES)):
        yield f"evidence is {', '.join(SOURCES)}, not {', '.join(unknown)}"
    if not requirement.evidence:
        yield "there is no evidence"
    if requirement.level is Level.MUST and set(requirement.evidence) <= {"observed"}:
        yield "a MUST needs a document or a schema; what was only observed is a SHOULD"
    if bool(requirement.checks) == bool(requirement.excluded):
        yield "it has either checks or a reason why it is excluded"
    for check in requirement.checks:
        if not is_check_id(check):
            yield f"{check} is no id of a check; write it like RESP-002.status"


def _refuse_repeated(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise RequirementError(f"the {what} {name} stands twice")
        seen.add(name)
