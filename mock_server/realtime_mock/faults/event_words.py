"""The words for what happens to an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from realtime_mock.faults.event_kinds import (
    REORDER_WITHIN,
    Delay,
    Drop,
    Duplicate,
    ExtraKeys,
    Malformed,
    MissingKeys,
    NullIds,
    Oversize,
    Reorder,
    UnknownType,
    WrongIds,
)
from realtime_mock.faults.model import Kind, OnEvent, Trigger
from realtime_mock.faults.words import EVENTS, Word, says_nothing
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node

MOST_COPIES = 100
MOST_PASSES = 1000
LARGEST_EVENT = 64 * 2**20
"""Bytes of the longest event that a fault makes."""

_REMEDY = "name an event type there, or 'client', 'server', or leave 'on' out for all events"


def _drop(node: Node, _on: Trigger) -> Drop:
    if not says_nothing(node):
        raise node.error("'drop' has no settings; write 'drop: {}'")
    return Drop()


def _delay(node: Node, _on: Trigger) -> Delay:
    what = "'delay'"
    if not isinstance(node.value, Mapping):
        seconds = fields.duration(node, what=what)
        return Delay(seconds, seconds)
    given = fields.mapping(node, what=what, allowed=("from", "to"), required=("from", "to"))
    least, most = (fields.duration(given[key], what=f"'{key}' of {what}") for key in ("from", "to"))
    if least > most:
        raise given["to"].error("'to' of 'delay' is less than 'from'; swap them")
    return Delay(least, most)


def _duplicate(node: Node, _on: Trigger) -> Duplicate:
    if says_nothing(node):
        return Duplicate()
    return Duplicate(_number(node, what="'duplicate'", least=2, most=MOST_COPIES, of="times that the event arrives"))


def _reorder(node: Node, _on: Trigger) -> Reorder:
    if says_nothing(node):
        return Reorder()
    if not isinstance(node.value, Mapping):
        return Reorder(_passes(node))
    given = fields.mapping(node, what="'reorder'", allowed=("passes", "within"))
    return Reorder(
        _passes(given["passes"]) if "passes" in given else 1,
        fields.duration(given["within"], what="'within'") if "within" in given else REORDER_WITHIN,
    )


def _passes(node: Node) -> int:
    return _number(node, what="'reorder'", least=1, most=MOST_PASSES, of="events that pass")


def _unknown_type(node: Node, _on: Trigger) -> UnknownType:
    return UnknownType(None if says_nothing(node) else fields.text(node, what="'unknown_type'"))


def _extra_keys(node: Node, _on: Trigger) -> ExtraKeys:
    if says_nothing(node):
        return ExtraKeys()
    given = fields.any_mapping(node, what="'extra_keys'")
    return ExtraKeys({key: value.plain() for key, value in given.items()})


def _missing_keys(node: Node, _on: Trigger) -> MissingKeys:
    return MissingKeys(_texts(node, what="'missing_keys'"))


def _null_ids(node: Node, _on: Trigger) -> NullIds:
    return NullIds(_texts(node, what="'null_ids'"))


def _wrong_ids(node: Node, _on: Trigger) -> WrongIds:
    return WrongIds(_texts(node, what="'wrong_ids'"))


def _malformed(node: Node, _on: Trigger) -> Malformed:
    return Malformed(None if says_nothing(node) else fields.any_text(node, what="'malformed'"))


def _oversize(node: Node, on: Trigger) -> Oversize:
    if isinstance(on, OnEvent) and on.side == "client":
        raise node.error("an event of the client cannot be made longer; use 'oversize' on an event of the server")
    return Oversize(_number(node, what="'oversize'", least=1, most=LARGEST_EVENT, of="bytes"))


def _number(node: Node, *, what: str, least: int, most: int, of: str) -> int:
    number = fields.whole_number(node, what=what)
    if not least <= number <= most:
        raise node.error(f"{what} must be between {least} and {most} {of}; change the number")
    return number


def _texts(node: Node, *, what: str) -> tuple[str, ...]:
    """A list of texts, one text alone, or nothing."""
    if says_nothing(node):
        return ()
    if isinstance(node.value, str):
        return (fields.text(node, what=what),)
    return tuple(fields.text(each, what=f"an element of {what}") for each in fields.elements(node, what=what))


_READERS: Mapping[type[Kind], Callable[[Node, Trigger], Kind]] = {
    Drop: _drop,
    Delay: _delay,
    Duplicate: _duplicate,
    Reorder: _reorder,
    UnknownType: _unknown_type,
    ExtraKeys: _extra_keys,
    MissingKeys: _missing_keys,
    NullIds: _null_ids,
    WrongIds: _wrong_ids,
    Malformed: _malformed,
    Oversize: _oversize,
}

EVENT_WORDS: Mapping[str, Word] = {kind.word: Word(read, EVENTS, _REMEDY) for kind, read in _READERS.items()}
