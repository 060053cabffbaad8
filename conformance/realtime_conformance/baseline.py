"""The checks that are known to fail, with the reason: a YAML file, so that only what is new fails.

An entry that no longer fails is stale, and fails the run: the file always says what is true.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

import yaml

from realtime_conformance.report import Report
from realtime_conformance.verdicts import Verdict

_HEAD = """\
# Checks that are known to fail, each with the reason. One that passes is stale and fails the run: take it out.
"""


class BaselineError(Exception):
    """The file is no baseline; `str()` says where and what to do."""


def read_baseline(path: Path, checks: Collection[str]) -> Mapping[str, str]:
    """The reason of each known failure, empty where none is given, by the id of its check.

    Args:
        path: a YAML file, a list whose entries are ids, or mappings with `check` and `reason`.
        checks: the ids of all that could be meant.

    Raises:
        BaselineError: it cannot be read, or an entry names no check.
    """
    found: dict[str, str] = {}
    for line, entry in _entries(path):
        where = f"{path}:{line}"
        name, reason = _entry(entry, where)
        if name not in checks:
            raise BaselineError(f"{where}: there is no check {name}{_guess(name, checks)}")
        if name in found:
            raise BaselineError(f"{where}: {name} stands twice")
        found[name] = reason
    return found


def as_baseline(report: Report) -> str:
    """A baseline with every check that fails in a report; known reasons are kept."""
    failing = {Verdict.FAILED, Verdict.WARNED} if report.is_strict else {Verdict.FAILED}
    names = [check.id for check in report.checks.values() if check.verdict in failing or report.is_known(check)]
    entries = [{"check": name, "reason": report.known.get(name, "")} for name in names]
    return _HEAD + (yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=200) if entries else "[]\n")


def _entries(path: Path) -> list[tuple[int, object]]:
    """The entries of the file, each with its line."""
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.SequenceNode):
            raise BaselineError(f"{path}: must be a list of checks; --write-baseline writes one")
        entries = [] if node is None else node.value
        return [(entry.start_mark.line + 1, loader.construct_object(entry, deep=True)) for entry in entries]
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise BaselineError(f"{path}: no YAML: {error}") from None


def _entry(entry: object, where: str) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, ""
    if not isinstance(entry, dict) or not isinstance(entry.get("check"), str):
        raise BaselineError(f"{where}: must be the id of a check, or have `check` and `reason`")
    if unknown := sorted(str(key) for key in entry if key not in {"check", "reason"}):
        raise BaselineError(f"{where}: there is no key {', '.join(unknown)}; there are check and reason")
    return entry["check"], str(entry.get("reason") or "")


def _guess(name: str, checks: Collection[str]) -> str:
    if "." not in name:
        return "; an entry is the id of one check, such as RESP-002.status"
    close = get_close_matches(name, checks, n=1)
    return f"; did you mean {close[0]}?" if close else ""
