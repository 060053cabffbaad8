"""Which fault happens to a request, an attempt to connect among them. Pure, like the injector of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import assert_never, cast, get_args

from realtime_mock.faults.connection_kinds import Close, ConnectionKind, HalfOpen, Hang, Refuse, Reset
from realtime_mock.faults.fault_set import FaultSet, Strike
from realtime_mock.faults.model import Always, Fault, Kind, OnConnect, OnEvent, OnRequest, Trigger, Way

_KINDS: tuple[type[Kind], ...] = get_args(ConnectionKind)
_OPENS_A_CALL = frozenset({"/v1/realtime", "/v1/realtime/calls", "/v1/realtime/connect"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request as faults see it.

    `path` is as the documents write it: see `plain_path`.
    """

    method: str
    path: str
    is_upgrade: bool = False
    names_call: bool = False

    @property
    def way(self) -> Way | None:
        """What the request would open; None for one that opens nothing."""
        if self.is_upgrade and self.path == "/v1/realtime":
            return "sideband" if self.names_call else "websocket"
        return "call" if self.method == "POST" and self.path in _OPENS_A_CALL else None


def happening(sets: Sequence[FaultSet], arrival: Arrival) -> Strike | None:
    """The first fault that happens to a request; every one that fits counts it."""
    found = None
    for each in sets:
        if found is None:
            found = each.strike(lambda fault: _fits(fault, arrival))
        else:
            each.count(lambda fault: _fits(fault, arrival))
    return found


def concerns(on: Trigger, arrival: Arrival) -> bool:
    """Whether a fault on that is about such requests."""
    match on:
        case Always():
            return True
        case OnRequest(path, method):
            return fnmatchcase(arrival.path, path) and fnmatchcase(arrival.method, method)
        case OnConnect(way):
            return arrival.way is not None and way in (None, arrival.way)
        case OnEvent():
            return False
        case _:
            assert_never(on)


def plain_path(path: str) -> str:
    """The path as the documents write it: slashes single, no `/openai` in front."""
    return re.sub("/+", "/", path).removeprefix("/openai")


def _fits(fault: Fault, arrival: Arrival) -> bool:
    """Whether a fault is for such requests, whatever its number."""
    if not isinstance(fault.kind, _KINDS):
        return False
    kind = cast("ConnectionKind", fault.kind)
    if isinstance(kind, Close) and not arrival.is_upgrade:
        return False
    return concerns(fault.on, arrival) and not (isinstance(fault.on, OnConnect) and _happens_later(kind))


def _happens_later(kind: ConnectionKind) -> bool:
    """Whether it is the session that ends, some time after it was opened."""
    match kind:
        case Close(after=after) | Reset(after=after) | HalfOpen(after=after):
            return after > 0
        case Refuse() | Hang():
            return False
