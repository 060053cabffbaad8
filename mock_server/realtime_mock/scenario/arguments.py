"""Arguments for a function call that satisfy the tool's own JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

from realtime_mock.scenario.examples.alternatives import Exhausted
from realtime_mock.scenario.examples.values import Examples

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

LONGEST_TEXT = 65_536
"""Characters of a user's text that are searched for a JSON object."""

MOST_OBJECTS = 20
"""Braces in a user's text that are tried as the beginning of a JSON object."""

_BROKEN = (SchemaError, Unresolvable, re.error, RecursionError, Exhausted)
"""What a tool schema can raise: malformed, a reference to nowhere, a bad pattern, endless, too large."""


def for_tool(parameters: object, text: str = "") -> str:
    """The JSON text of arguments for a tool with these `parameters`.

    It is the first JSON object in `text` that fits, to the letter; else an example of the schema;
    else `{}`, which is also the answer to a schema that is broken or cannot be satisfied.
    """
    given = from_text(text, parameters)
    if given is not None:
        return given
    value = example(parameters)
    return _dump(value if value is not None else {})


def example(parameters: object) -> dict[str, Any] | None:
    """An object that satisfies the JSON Schema `parameters`, or None where none is found."""
    if not isinstance(parameters, Mapping):
        return None
    # A function takes an object, whether or not its schema says so.
    schema = {"allOf": [parameters, {"type": "object"}]}
    try:
        found = next(Examples(parameters, _validator(parameters)).of(schema), None)
    except _BROKEN:
        return None
    return found if isinstance(found, dict) else None


def from_text(text: str, parameters: object) -> str | None:
    """The first JSON object in `text` that satisfies `parameters`, as it is written there.

    Where there is no usable schema any object fits.
    """
    for source, value in _objects(text[:LONGEST_TEXT]):
        if _fits(value, parameters):
            return source
    return None


def _fits(value: Any, parameters: object) -> bool:
    if not isinstance(parameters, Mapping):
        return True
    try:
        return _validator(parameters).is_valid(value)
    except _BROKEN:
        return True


def _validator(parameters: Mapping[str, Any]) -> Validator:
    """A validator that fetches nothing from the network."""
    kind = validator_for(parameters, default=Draft202012Validator)
    schema = dict(parameters)
    kind.check_schema(schema)
    return kind(schema, registry=EMPTY_REGISTRY)


def _objects(text: str) -> Iterator[tuple[str, Any]]:
    """JSON objects in running text, outermost first, with their source."""
    start = text.find("{")
    for _ in range(MOST_OBJECTS):
        if start < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield text[start:end], value
        start = text.find("{", end)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _dump(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate of the tool's schema cannot be sent; its escape can.
    return text if text.isprintable() else json.dumps(value, separators=(",", ":"))
