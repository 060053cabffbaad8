"""A case is a short script against a subject; a check is one verdict inside it.

A case has an id such as `RESP-002`, a check one such as `RESP-002.status`. Both are permanent: an id that was published
never means anything else, and never comes back once its case is gone. What a check claims, and how strongly, stands in
`requirements/`, not in the code of its case.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from realtime_conformance.checks import Checks

DEADLINE = 30.0
"""Seconds that a case may take, before `--timeout-scale`."""

_CASE_ID = re.compile(r"[A-Z][A-Z0-9]*-[0-9]{3}")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Subject = TypeVar("Subject")
Script = Callable[[Subject, Checks], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case(Generic[Subject]):
    """A script that brings a subject into a situation, and checks what it does.

    `needs` are the capabilities without which there is nothing to check. A `slow` case waits for real seconds and is
    left out on a wire unless it is asked for. `deadline` is in seconds.
    """

    id: str
    title: str
    run: Script[Subject]
    needs: frozenset[str] = frozenset()
    slow: bool = False
    deadline: float = DEADLINE

    def __post_init__(self) -> None:
        """Refuse an id that cannot be selected."""
        if not _CASE_ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no id of a case; write it like RESP-002")

    @property
    def area(self) -> str:
        """The part of the id before the number, such as `RESP`."""
        return self.id.partition("-")[0]


def case(
    case_id: str, title: str, *, needs: Iterable[str] = (), slow: bool = False, deadline: float = DEADLINE
) -> Callable[[Script[Subject]], Case[Subject]]:
    """Make a case of the function below."""

    def make(run: Script[Subject]) -> Case[Subject]:
        return Case(case_id, title, run, needs=frozenset(needs), slow=slow, deadline=deadline)

    return make


def is_check_id(text: str) -> bool:
    """Whether a text has the form of a check's id, such as `RESP-002.status`."""
    case_id, dot, slug = text.partition(".")
    return bool(dot and _CASE_ID.fullmatch(case_id) and _SLUG.fullmatch(slug))


def selected(ids: Iterable[str], wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of `ids` (of checks) that one of `wanted` names: an area, a case or a check; all where nothing is wanted.

    Raises:
        ValueError: something wanted names none of them.
    """
    known, chosen = list(ids), list(wanted)
    for word in chosen:
        if not any(_names(word, check_id) for check_id in known):
            raise ValueError(f"{word} names no area, case or check; `list` shows them all")
    return tuple(check_id for check_id in known if not chosen or any(_names(word, check_id) for word in chosen))


def _names(word: str, check_id: str) -> bool:
    return check_id == word or check_id.startswith((f"{word}.", f"{word}-"))
