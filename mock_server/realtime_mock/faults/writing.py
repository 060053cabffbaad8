"""Faults as they would have been written: for those that were made in Python, and so for whatever reads them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, cast

from realtime_mock.faults.answers import Answer
from realtime_mock.faults.call_kinds import SessionCreated
from realtime_mock.faults.connection_kinds import Close, Refuse
from realtime_mock.faults.event_kinds import (
    Delay,
    Duplicate,
    ExtraKeys,
    Malformed,
    MissingKeys,
    NullIds,
    Oversize,
    UnknownType,
    WrongIds,
)
from realtime_mock.faults.model import Always, Fault, Kind, OnConnect, OnEvent, OnRequest, Trigger

_OTHER_NAMES = {("rtp_jitter", "most"): "up_to"}
"""Keys that the grammar calls something else than the model does."""

_PLAIN = frozenset({"hang", "channel_late", "clock_skew", "secret_expires", "session_expires"})
"""Words that have a duration and nothing else."""


def written(fault: Fault) -> dict[str, Any]:
    """The mapping that reads as this fault."""
    if fault.given:
        return dict(fault.given)
    beside = {
        "probability": fault.probability if fault.probability != 1 else None,
        "count": fault.count,
        "nth": fault.nth,
        "id": fault.id or None,
    }
    text = {**_trigger(fault.on), fault.kind.word: _settings(fault.kind), "hang": _hang(fault.kind), **beside}
    return {key: value for key, value in text.items() if value is not None}


def _trigger(on: Trigger) -> dict[str, Any]:
    match on:
        case Always():
            return {}
        case OnEvent(pattern, side):
            return {"on": dict(pattern) if pattern or side is None else side}
        case OnConnect(way):
            return {"on": "connect" if way is None else {"connect": way}}
        case OnRequest(path, method):
            return {"on": {"path": path, "method": method}}


def _settings(kind: Kind) -> Any:
    write: Callable[[Any], Any] = _WRITERS.get(type(kind), _every_field)
    return write(kind)


def _hang(kind: Kind) -> float | None:
    """What stands beside the word; under `hang` itself it is the setting."""
    return getattr(kind, "hang", 0.0) or None


def _every_field(kind: Kind) -> Any:
    """The fields that are not as they are by default, by their names in the grammar."""
    if kind.word in _PLAIN:
        return getattr(kind, "seconds")  # noqa: B009 - those have it
    settings = {}
    for each in fields(cast("Any", kind)):
        value = getattr(kind, each.name)
        if each.name == "hang" or value == each.default:
            continue
        name = "for" if each.name == "seconds" else each.name
        settings[_OTHER_NAMES.get((kind.word, each.name), name)] = value
    return settings


def _refuse(kind: Refuse) -> Any:
    if kind.answer is None:
        return True
    answer: Answer = kind.answer
    return {"status": answer.status, "error": answer.error.as_json(), "headers": dict(answer.headers)}


def _close(kind: Close) -> Any:
    error = None if kind.error is None else kind.error.as_json()
    given = {"code": kind.code, "reason": kind.reason, "error": error, "after": kind.after or None}
    when = {} if kind.when == "after" else {"when": kind.when}
    return {key: value for key, value in given.items() if value is not None} | when


_WRITERS: Mapping[type[Kind], Callable[[Any], Any]] = {
    Delay: lambda kind: kind.least if kind.least == kind.most else {"from": kind.least, "to": kind.most},
    Duplicate: lambda kind: kind.times,
    UnknownType: lambda kind: kind.type or {},
    ExtraKeys: lambda kind: dict(kind.keys),
    MissingKeys: lambda kind: list(kind.paths),
    NullIds: lambda kind: list(kind.keys),
    WrongIds: lambda kind: list(kind.keys),
    Malformed: lambda kind: {} if kind.text is None else kind.text,
    Oversize: lambda kind: kind.size_bytes,
    Refuse: _refuse,
    Close: _close,
    SessionCreated: lambda kind: kind.seconds or "at_once",
}
