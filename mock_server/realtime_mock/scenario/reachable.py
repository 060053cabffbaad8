"""Patterns that no event can contain: a key that the schema of its type does not know, a value of a wrong type.

Only what is certain is called impossible. Where alternatives of a schema are open it is enough that one of them
lets the pattern through, and what an operator asks for is never judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from realtime_mock.scenario.matching import contains, is_operator, shown
from realtime_mock.scenario.misfit import Misfit
from realtime_mock.scenario.words import suggest

_TYPES: Sequence[tuple[type | tuple[type, ...], frozenset[str]]] = (
    (bool, frozenset({"boolean"})),
    (str, frozenset({"string"})),
    ((int, float), frozenset({"integer", "number"})),
    (Mapping, frozenset({"object"})),
    ((list, tuple), frozenset({"array"})),
    (type(None), frozenset({"null"})),
)
"""The JSON types that a value which contains such a pattern can have."""


def impossible(schema: object, pattern: object) -> Misfit | None:
    """Why no value that fits `schema`, which refers to nothing, can contain `pattern`; None where one may."""
    if isinstance(pattern, Mapping) and is_operator(pattern):
        return None
    if schema is False:
        return Misfit("there is never anything here; remove it")
    if not isinstance(schema, Mapping):
        return None
    return next(_faults(schema, pattern), None)


def _faults(schema: Mapping[str, Any], pattern: object) -> Iterator[Misfit]:
    yield from _type_faults(schema, pattern)
    yield from _value_faults(schema, pattern)
    if isinstance(pattern, Mapping):
        yield from _key_faults(schema, pattern)
    if isinstance(pattern, list | tuple):
        for place, element in enumerate(pattern):
            if fault := impossible(schema.get("items"), element):
                yield fault.below(place)
    for part in schema.get("allOf", ()):
        if fault := impossible(part, pattern):
            yield fault
    for word in ("anyOf", "oneOf"):
        if word in schema:
            yield from _faults_of_all(schema[word], pattern)


def _type_faults(schema: Mapping[str, Any], pattern: object) -> Iterator[Misfit]:
    given = schema.get("type")
    allowed = {given} if isinstance(given, str) else set(given or ())
    kinds = next((kinds for python, kinds in _TYPES if isinstance(pattern, python)), None)
    if allowed and kinds is not None and not allowed & kinds:
        yield Misfit(f"this is never {shown(pattern)}, it is of type {' or '.join(sorted(allowed))}; correct it")


def _value_faults(schema: Mapping[str, Any], pattern: object) -> Iterator[Misfit]:
    known = [schema["const"]] if "const" in schema else schema.get("enum")
    if known is not None and not any(contains(value, pattern) for value in known):
        words = [value for value in known if isinstance(value, str)]
        if isinstance(pattern, str) and words:
            yield Misfit(f"this is never '{pattern}'; {suggest(pattern, words)}")
        else:
            yield Misfit(f"this is never {shown(pattern)}; use one of: {', '.join(map(shown, known))}")


def _key_faults(schema: Mapping[str, Any], pattern: Mapping[str, Any]) -> Iterator[Misfit]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for key, wanted in pattern.items():
        name = key.removeprefix("$")
        if _asks_for_nothing(wanted) or "patternProperties" in schema:
            continue
        if name in properties:
            if fault := impossible(properties[name], wanted):
                yield fault.below(key)
        elif others is False:
            yield Misfit(f"there is never a '{name}' here; {suggest(name, properties)}", (key,), of_key=True)
        elif fault := impossible(others, wanted):
            yield fault.below(key)


def closed(schema: Any) -> Any:
    """The schema of values of the mock's own making, in which an object has no key that its schema does not list."""
    if isinstance(schema, list):
        return [closed(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    has_keys = isinstance(schema.get("properties"), dict) and "oneOf" not in schema
    return {"additionalProperties": False, **inner} if has_keys else inner


def _asks_for_nothing(pattern: object) -> bool:
    """Whether a missing value may contain the pattern."""
    return isinstance(pattern, Mapping) and bool(pattern.keys() & {"$absent", "$not"})


def _faults_of_all(alternatives: Sequence[object], pattern: object) -> Iterator[Misfit]:
    """Where none lets the pattern through, the fault of the one that was meant: whose `type` fits, or nearly."""
    faults = [impossible(one, pattern) for one in alternatives]
    found = [fault for fault in faults if fault is not None]
    if found and len(found) == len(faults):
        yield max(found, key=lambda fault: (len(fault.where), fault.where[-1:] != ("type",)))
