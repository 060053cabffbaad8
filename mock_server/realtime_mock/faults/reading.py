"""Faults as they are written: in a scenario, to the control API, on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from realtime_mock.faults.call_words import CALL_WORDS
from realtime_mock.faults.connection_kinds import Close, HalfOpen, Refuse, Reset
from realtime_mock.faults.connection_words import CONNECTION_WORDS
from realtime_mock.faults.event_words import EVENT_WORDS
from realtime_mock.faults.model import Always, Fault, Kind, OnEvent
from realtime_mock.faults.time_words import TIME_WORDS
from realtime_mock.faults.triggers import Occasion, read_trigger
from realtime_mock.faults.words import Word
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node, Place, ScenarioError, read_document

MOST_FAULTS = 100
"""Faults in one list."""

WORDS: Mapping[str, Word] = {**EVENT_WORDS, **CONNECTION_WORDS, **CALL_WORDS, **TIME_WORDS}
"""Every kind of fault by its word."""

_BESIDE = ("on", "probability", "count", "nth", "id")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_HANG = "hang"


def parse_faults(text: str, name: str, registry: SchemaRegistry) -> tuple[Fault, ...]:
    """The faults in a YAML or JSON text; `name` stands for the file in errors. See `parse_text`, `read_any`.

    Raises:
        ScenarioError: It says no fault.
    """
    return read_any(parse_text(text, name), registry)


def as_faults(given: Iterable[Fault | Mapping[str, Any] | str]) -> tuple[Fault, ...]:
    """Faults, however Python has them: as values, or as the mappings and texts that a file would have.

    Raises:
        ScenarioError: a mapping or a text is no fault.
    """
    registry = SchemaRegistry.bundled()
    faults: list[Fault] = []
    for number, each in enumerate(given, start=1):
        if isinstance(each, Fault):
            faults.append(each)
        else:
            text = each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
            faults += parse_faults(text, f"fault {number}", registry)
    return tuple(faults)


def parse_text(text: str, name: str) -> Node:
    """The nodes of a YAML or JSON text.

    A line without braces around it, such as `on: response.created, close: 1011`, is taken as if it had them.

    Raises:
        ScenarioError: It is neither.
    """
    if "\n" in text.strip() or text.lstrip()[:1] in ("{", "[", "-", ""):
        return read_document(text, name)
    try:
        return _without_brace(read_document(f"{{{text.strip()}}}", name))
    except ScenarioError as error:
        raise ScenarioError(_one_column_less(str(error), name)) from None


def read_any(node: Node, registry: SchemaRegistry) -> tuple[Fault, ...]:
    """One fault, a list of faults, or a mapping that has such a list under `faults`."""
    if isinstance(node.value, Mapping) and "faults" in node.value:
        return read_faults(fields.mapping(node, what="the text", allowed=("faults",))["faults"], registry)
    return read_faults(node, registry) if isinstance(node.value, tuple) else (read_fault(node, registry),)


def read_faults(node: Node, registry: SchemaRegistry) -> tuple[Fault, ...]:
    """A list of faults, which may be empty; no two may have the same id."""
    if node.value == ():
        return ()
    nodes = fields.elements(node, what="'faults'")
    if len(nodes) > MOST_FAULTS:
        raise node.error(f"there are more than {MOST_FAULTS} faults; remove some")
    faults = tuple(read_fault(each, registry) for each in nodes)
    for number, fault in enumerate(faults):
        if fault.id and any(fault.id == earlier.id for earlier in faults[:number]):
            raise nodes[number].error(f"another fault has the id '{fault.id}' too; change one")
    return faults


def read_fault(node: Node, registry: SchemaRegistry) -> Fault:
    """One fault: what it is on, one kind, and how often."""
    given = fields.any_mapping(node, what="a fault")
    word = _word(node, given)
    occasion = read_trigger(given["on"], registry) if "on" in given else Occasion(Always())
    if not isinstance(occasion.on, WORDS[word].on):
        if "on" not in given:
            raise node.keys[word].error(f"'{word}' needs an 'on'; {WORDS[word].remedy}")
        raise given["on"].error(f"'{word}' cannot happen on that; {WORDS[word].remedy}")
    if isinstance(occasion.on, OnEvent) and _HANG in given:
        raise given[_HANG].error("an event cannot hang; write 'delay', or 'after' inside of what happens")
    kind = WORDS[word].read(given[word], occasion.on)
    return Fault(
        _hanging(kind, given, word),
        occasion.on,
        probability=_probability(given["probability"]) if "probability" in given else 1.0,
        count=fields.counting_number(given["count"], what="'count'") if "count" in given else None,
        nth=_nth(given, occasion),
        id=_id(given["id"]) if "id" in given else "",
        given=cast("Mapping[str, object]", node.plain()),
    )


def _word(node: Node, given: Mapping[str, Node]) -> str:
    """The one word that says what goes wrong; `hang` may stand beside another."""
    for key in given:
        if key not in WORDS and key not in _BESIDE:
            raise node.keys[key].error(f"unknown key '{key}' of a fault; {fields.suggest(key, [*WORDS, *_BESIDE])}")
    found = [key for key in given if key in WORDS]
    if not found:
        raise node.error(f"a fault says nothing that goes wrong; use one of: {', '.join(WORDS)}")
    others = [key for key in found if key != _HANG] or found
    if len(others) > 1:
        raise node.keys[others[1]].error(f"a fault is of one kind; make '{others[1]}' a fault of its own")
    return others[0]


def _hanging(kind: Kind, given: Mapping[str, Node], word: str) -> Kind:
    """The kind, after the `hang` that stands beside it."""
    if word == _HANG or _HANG not in given:
        return kind
    node = given[_HANG]
    if not isinstance(kind, Refuse | Close | Reset | HalfOpen):
        raise node.error(f"'hang' cannot stand beside '{word}'; make it a fault of its own")
    return replace(kind, hang=fields.duration(node, what="'hang'"))


def _probability(node: Node) -> float:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise node.error("'probability' must be a number between 0 and 1; write 0.3 for three in ten")
    return float(value)


def _nth(given: Mapping[str, Node], occasion: Occasion) -> int | None:
    inside, beside = occasion.nth, given.get("nth")
    if inside is not None and beside is not None:
        raise beside.error("'nth' is given twice; keep one")
    node = inside or beside
    return None if node is None else fields.counting_number(node, what="'nth'")


def _id(node: Node) -> str:
    text = fields.text(node, what="'id'")
    if not _ID.fullmatch(text):
        raise node.error("'id' must be up to 64 letters, digits, '-', '_' and '.'; change it")
    return text


# The brace that stands before a line without any


def _without_brace(node: Node) -> Node:
    """The node with its places as if the line began without a brace."""
    value = node.value
    if isinstance(value, Mapping):
        value = {key: _without_brace(inner) for key, inner in value.items()}
    elif isinstance(value, tuple):
        value = tuple(map(_without_brace, value))
    keys = {key: _one_left(place) for key, place in node.keys.items()}
    return replace(node, value=value, place=_one_left(node.place), keys=keys)


def _one_left(place: Place) -> Place:
    return replace(place, column=max(1, place.column - 1))


def _one_column_less(message: str, name: str) -> str:
    """The message without the brace that was put before the first line."""
    found = re.match(re.escape(name) + r":1:(\d+): ", message)
    if found is None:
        return message
    return f"{name}:1:{max(1, int(found[1]) - 1)}: {message[found.end() :]}"
