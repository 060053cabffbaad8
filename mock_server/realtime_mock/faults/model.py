"""A fault: on what it happens, what happens, and how often.

Each kind is a frozen dataclass of its own, in the module of the place where it happens (`event_kinds`,
`connection_kinds`); what is here knows none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Side = Literal["client", "server"]
Way = Literal["websocket", "sideband", "call"]


class Kind:
    """What goes wrong, with its settings."""

    __slots__ = ()

    word: ClassVar[str]
    """Its name in scenarios, in the control API and in the journal."""

    of_sessions: ClassVar[bool] = False
    """Whether it happens inside of sessions; otherwise to requests and connections, where a session may not exist."""


@dataclass(frozen=True, slots=True)
class Always:
    """Everything of the sort that the kind of fault is for."""


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Events that contain a pattern: those that `side` sends, or those of both sides where it is None."""

    pattern: Mapping[str, Any] = field(default_factory=dict)
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class OnConnect:
    """Attempts to open a WebSocket session, a sideband or a call; None means any of them."""

    way: Way | None = None


@dataclass(frozen=True, slots=True)
class OnRequest:
    """HTTP requests, WebSocket upgrades among them, by path and method; `*` stands for anything in both."""

    path: str = "*"
    method: str = "*"


Trigger = Always | OnEvent | OnConnect | OnRequest


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: what happens.
        on: to what.
        probability: how likely it happens to each of those, by the seed.
        count: how often it happens at most; None means without end.
        nth: it happens only to this one of those that fit, counted from 1; None means to each.
        id: names it for whoever stops it; a set of faults gives one to a fault without.
        given: how it was written, for the control API to show; empty for a fault made in Python.
    """

    kind: Kind
    on: Trigger = Always()
    probability: float = 1.0
    count: int | None = None
    nth: int | None = None
    id: str = ""
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def is_counted_by_session(self) -> bool:
        """Whether each session of a scenario counts it for itself; otherwise all of them together do."""
        return isinstance(self.on, OnEvent) or (isinstance(self.on, Always) and self.kind.of_sessions)
