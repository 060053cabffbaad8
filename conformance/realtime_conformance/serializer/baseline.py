"""The findings that a library is known for: a YAML file of them, so that only what is new fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from realtime_conformance.serializer.survey import Finding, Report

Key = tuple[str, str, str, str]

_KEYS = ("check", "type", "outcome", "place")
_HEAD = "# Findings that are known. One that is seen no more must be taken out.\n"


class BaselineError(Exception):
    """The file cannot be read as a baseline; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known findings by check, type, outcome and place; `reason` and other keys in the file are for its readers."""

    keys: tuple[Key, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a file.

        Raises:
            BaselineError: it is missing, no YAML, or an entry is no finding.
        """
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        except (OSError, UnicodeDecodeError) as error:
            raise BaselineError(f"{path}: cannot be read: {error}") from None
        except yaml.YAMLError as error:
            raise BaselineError(f"{path}: no YAML: {error}") from None
        if not isinstance(entries, list):
            raise BaselineError(f"{path}: must be a list of findings; write one with --write-baseline")
        return cls(tuple(_key(entry, f"{path}: entry {number}") for number, entry in enumerate(entries, 1)))

    def new(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that it does not have."""
        return [finding for finding in findings if finding.key not in self.keys]

    def stale(self, report: Report) -> list[Key]:
        """Its entries that were checked and not found."""
        checked = {(tally.check, tally.type) for tally in report.tallies}
        found = {finding.key for finding in report.findings}
        return [key for key in self.keys if (key[0], key[1]) in checked and key not in found]


def written(findings: Iterable[Finding]) -> str:
    """A baseline with these findings, as YAML."""
    entries = [dict(zip(_KEYS, finding.key, strict=True)) for finding in findings]
    return _HEAD + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=200)


def _key(entry: object, where: str) -> Key:
    if not isinstance(entry, dict) or any(not isinstance(entry.get(key, ""), str) for key in _KEYS):
        raise BaselineError(f"{where}: must have the texts {', '.join(_KEYS)}")
    missing = [key for key in _KEYS[:3] if key not in entry]
    if missing:
        raise BaselineError(f"{where}: has no '{missing[0]}'")
    return (entry["check"], entry["type"], entry["outcome"], entry.get("place", ""))
