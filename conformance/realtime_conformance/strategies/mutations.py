"""What can be wrong with a client's event: one named mutation of a valid one, and the error that it deserves.

The error follows from the mutation and from the keyword of the schema that it breaks. It is never asked of the
validator that a server runs, or both would be wrong together.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator

from realtime_conformance.strategies.compiler import Schema, alternatives
from realtime_conformance.strategies.schemas import Dialect, rule_place
from realtime_mock.api_error import ApiError
from realtime_mock.registry import messages
from realtime_mock.registry.expected import expected, json_types

UNKNOWN_KEY = "x_unknown"
NOT_BASE64 = "not base64!"
NOT_A_MEMBER = "x_none_of_these"

_SPECIMENS: Mapping[str, object] = {
    "boolean": True,
    "integer": 7,
    "number": 7.5,
    "string": "text",
    "array": [],
    "object": {},
}
"""A value of each JSON type. Null is not among them: most fields take it, and the service's words never name it."""

_UNSURE = frozenset({"too_many_keys", "long_key", "bad_base64", "bad_pattern", "no_elements"})
"""Mutations whose message was never captured: a server is held to the code and the param alone."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One thing done to a valid event.

    `name` is what was done to an event of that `type`, `path` where, in the notation of the API's `param`; `keyword` is
    that of the schema which it breaks, and `rule` the place of that schema in its file. `code`, `param` and `message`
    are those of the error that a correct server answers; the message is None where it was never captured.
    """

    name: str
    path: str
    keyword: str
    code: str | None
    param: str | None
    message: str | None
    event: dict[str, Any]
    type: str = ""
    dialect: Dialect = "ga"
    steps: tuple[str | int, ...] = ()

    @property
    def rule(self) -> str:
        """Such as `schemas/ga/components/client/item.json#/$defs/user_message/properties/content`."""
        event = {**self.event, "type": self.type}
        return rule_place(event, self.steps, side="client", dialect=self.dialect)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A value inside an event: where it is, what its schema says, and how to put another in its place."""

    path: str
    schema: Schema
    value: Any
    steps: tuple[str | int, ...]

    def replaced(self, event: dict[str, Any], value: object) -> dict[str, Any]:
        """The event with another value here."""
        changed: dict[str, Any] = _with(event, self.steps, value)
        return changed


def _with(whole: Any, steps: tuple[str | int, ...], value: object) -> Any:
    """A value with another one inside it; what lies beside the way there is shared."""
    if not steps:
        return value
    changed = copy.copy(whole)
    changed[steps[0]] = _with(whole[steps[0]], steps[1:], value)
    return changed


def mutations(event: dict[str, Any], schema: Schema, *, dialect: Dialect = "ga") -> Iterator[Mutation]:
    """Every mutation of a valid event, in the order of the event."""
    for name, spot, keyword, error, changed in _all(event, schema):
        message = None if name in _UNSURE else error.message
        yield Mutation(
            name, spot.path, keyword, error.code, error.param, message, changed, event["type"], dialect, spot.steps
        )


Found = tuple[str, _Spot, str, ApiError, dict[str, Any]]


def _all(event: dict[str, Any], schema: Schema) -> Iterator[Found]:
    for spot in _spots(schema, event, "", ()):
        for find in _FINDERS:
            yield from find(event, spot)


def _spots(schema: Schema, value: Any, path: str, steps: tuple[str | int, ...]) -> Iterator[_Spot]:
    """Every value of the event, with the schema that stands for its key."""
    yield _Spot(path, schema, value, steps)
    branch = _branch(schema, value)
    if isinstance(value, dict):
        for key, member in value.items():
            rule = _rule_of(key, schema, value)
            if rule is not None:
                yield from _spots(rule, member, _joined(path, key), (*steps, key))
    elif isinstance(value, list) and isinstance(branch.get("items"), dict):
        for number, member in enumerate(value):
            yield from _spots(branch["items"], member, f"{path}[{number}]", (*steps, number))


def _branch(schema: Schema, value: Any) -> Schema:
    """The branch of a choice that the value is of, merged with what stands beside the choice."""
    branches = _alternatives(schema)
    return next((one for one in branches if len(branches) == 1 or _is_valid(value, one)), {})


def _rule_of(key: str, schema: Schema, value: Any) -> Schema | None:
    """What is said of a key: by the outermost level that enumerates its values, else by the innermost one.

    A choice names the values that tell its branches apart beside them, and so does the service.
    """
    rules = [level["properties"][key] for level in _levels(schema, value) if key in level.get("properties", {})]
    return next((rule for rule in rules if "enum" in rule), rules[-1] if rules else None)


def _levels(schema: Schema, value: Any) -> Iterator[Schema]:
    """The schema, the branch of its choice that the value is of, the branch of that one's choice, and so on."""
    yield schema
    for branch in schema.get("oneOf", ()):
        if _is_valid(value, branch):
            yield from _levels(branch, value)
            return


class _Known:
    """What was made of schemas before, by identity: those of events are made once and kept."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, str], tuple[Schema, Any]] = {}

    def get(self, schema: Schema, what: str, make: Callable[[Schema], Any]) -> Any:
        key = (id(schema), what)
        if key not in self._made:
            # The schema is kept as well, so that its identity stays its own.
            self._made[key] = (schema, make(schema))
        return self._made[key][1]


_known = _Known()


def _alternatives(schema: Schema) -> list[Schema]:
    found: list[Schema] = _known.get(schema, "alternatives", lambda given: list(alternatives(given)))
    return found


def _is_valid(value: Any, schema: Schema) -> bool:
    validator = _known.get(schema, "validator", lambda given: Draft202012Validator(dict(given)))
    valid: bool = validator.is_valid(value)
    return valid


def _unknown_key(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if not isinstance(spot.value, dict) or _branch(spot.schema, spot.value).get("additionalProperties") is not False:
        return
    changed = {**spot.value, UNKNOWN_KEY: 1}
    error = messages.unknown_parameter(_joined(spot.path, UNKNOWN_KEY))
    yield "unknown_key", spot, "additionalProperties", error, spot.replaced(event, changed)


def _missing_key(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if not isinstance(spot.value, dict):
        return
    for key in _branch(spot.schema, spot.value).get("required", ()):
        changed = {name: member for name, member in spot.value.items() if name != key}
        is_kind = spot.path == "" and key == "type"
        error = messages.missing_type() if is_kind else messages.missing_parameter(_joined(spot.path, key))
        yield "missing_key", spot, "required", error, spot.replaced(event, changed)


def _wrong_type(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    allowed = json_types(spot.schema)
    if not spot.steps or spot.path == "type":
        return
    for kind, specimen in _SPECIMENS.items():
        if kind in allowed or (kind == "integer" and "number" in allowed):
            continue
        error = messages.wrong_type(spot.path, expected(spot.schema), specimen)
        yield "wrong_type", spot, "type", error, spot.replaced(event, specimen)


def _bad_member(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    """A text that its enumeration, or its constant, does not have."""
    rule = _rule_for_text(spot)
    if rule is None or spot.path == "type":
        return
    members = [rule["const"]] if "const" in rule else [each for each in rule["enum"] if each is not None]
    error = messages.unsupported_value(spot.path, NOT_A_MEMBER, members)
    yield "bad_member", spot, "enum", error, spot.replaced(event, NOT_A_MEMBER)


def _rule_for_text(spot: _Spot) -> Schema | None:
    """The enumeration that a text of this value is held to."""
    if not isinstance(spot.value, str):
        return None
    textual = [one for one in alternatives(spot.schema) if "string" in json_types(one)]
    if len(textual) != 1 or not ("const" in textual[0] or "enum" in textual[0]):
        return None
    return textual[0]


def _out_of_range(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if isinstance(spot.value, bool) or not isinstance(spot.value, int | float):
        return
    rule = _branch(spot.schema, spot.value)
    noun = "integer" if "integer" in json_types(rule) else "decimal"
    least, most = rule.get("minimum"), rule.get("maximum")
    if least is not None:
        error = messages.out_of_range(spot.path, least - 1, minimum=least, maximum=None, noun=noun)
        yield "below_minimum", spot, "minimum", error, spot.replaced(event, least - 1)
    if most is not None:
        error = messages.out_of_range(spot.path, most + 1, minimum=None, maximum=most, noun=noun)
        yield "above_maximum", spot, "maximum", error, spot.replaced(event, most + 1)


def _bad_text(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if not isinstance(spot.value, str):
        return
    rule = _branch(spot.schema, spot.value)
    limit = rule.get("maxLength")
    if limit is not None:
        error = messages.string_too_long(spot.path, limit, limit + 1)
        yield "too_long", spot, "maxLength", error, spot.replaced(event, "x" * (limit + 1))
    if rule.get("contentEncoding") == "base64":
        error = messages.bad_base64(spot.path)
        yield "bad_base64", spot, "contentEncoding", error, spot.replaced(event, NOT_BASE64)
    elif "pattern" in rule:
        error = messages.pattern_mismatch(spot.path, rule["pattern"])
        yield "bad_pattern", spot, "pattern", error, spot.replaced(event, "!")


def _bad_map(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if not isinstance(spot.value, dict) or not spot.steps:
        return
    rule = _branch(spot.schema, spot.value)
    if "maxProperties" in rule:
        most = rule["maxProperties"]
        changed = {f"key{number}": "x" for number in range(most + 1)}
        error = messages.too_many_properties(spot.path, most, most + 1)
        yield "too_many_keys", spot, "maxProperties", error, spot.replaced(event, changed)
    if "maxLength" in rule.get("propertyNames", {}):
        name = "k" * (rule["propertyNames"]["maxLength"] + 1)
        error = messages.property_name_too_long(spot.path, name, len(name) - 1)
        yield "long_key", spot, "propertyNames", error, spot.replaced(event, {name: "x"})


def _bad_list(event: dict[str, Any], spot: _Spot) -> Iterator[Found]:
    if not isinstance(spot.value, list):
        return
    rule = _branch(spot.schema, spot.value)
    if rule.get("minItems", 0) > 0:
        error = messages.too_few_elements(spot.path, rule["minItems"])
        yield "no_elements", spot, "minItems", error, spot.replaced(event, [])


_FINDERS: tuple[Callable[[dict[str, Any], _Spot], Iterator[Found]], ...] = (
    _unknown_key,
    _missing_key,
    _wrong_type,
    _bad_member,
    _out_of_range,
    _bad_text,
    _bad_map,
    _bad_list,
)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
