"""From JSON Schema to Hypothesis strategies, for the keywords that this project's schemas use.

hypothesis-jsonschema compiles any schema, which takes seconds for ones like these, and fails with the Hypothesis of
today. Ours use few keywords and never refer to themselves, so each keyword has a small reader here. A keyword that
none reads is refused when the strategy is made, not overlooked.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from realtime_conformance.strategies.options import Options

Schema = dict[str, Any]
Strategy = st.SearchStrategy[Any]

LARGEST_INTEGER = 2**53 - 1
"""Beyond it JavaScript, and so a part of the clients, cannot count."""

LONGEST_TEXT = 40
MOST_ELEMENTS = 3
MOST_UNKNOWN = 2

_REALISTIC_AUDIO = (960, 9_600)
"""Bytes of 20 ms and of 200 ms of 24 kHz PCM."""

_BOOLEANS = st.booleans()
_SOME = st.sampled_from([False, *[True] * 7])

_SILENT = frozenset(
    ("$schema", "$id", "$defs", "title", "description", "examples", "evidence", "contentEncoding", "event", "fields")
)
"""Keywords that say nothing of which values are valid."""

READ = frozenset(
    (
        *("type", "const", "enum", "oneOf", "not", "properties", "required", "additionalProperties", "propertyNames"),
        *("maxProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum"),
    )
)
"""Keywords that strategies obey, besides `contentEncoding`."""


class UnreadKeyword(ValueError):
    """A schema says something that no strategy would obey."""


def compile_schema(schema: Schema, options: Options | None = None) -> Strategy:
    """A strategy for the values that a schema allows; its `$ref`s have been put in place before.

    Simple values come first in every choice, so that a failure shrinks to the smallest one.

    Raises:
        UnreadKeyword: the schema has a keyword that is not read here.
    """
    chosen = options or Options()
    branches = [_one(branch, chosen) for branch in sorted(alternatives(schema), key=_simplicity)]
    return branches[0] if len(branches) == 1 else st.one_of(branches)


def alternatives(schema: Schema) -> Iterator[Schema]:
    """The schema without `oneOf`: one schema for each branch, merged with what stands beside it."""
    unread = set(schema) - _SILENT - READ
    if unread:
        raise UnreadKeyword(f"no strategy reads {', '.join(sorted(unread))}")
    beside = {key: value for key, value in schema.items() if key != "oneOf"}
    if "oneOf" not in schema:
        yield beside
        return
    for branch in schema["oneOf"]:
        for alternative in alternatives(branch):
            merged = merge(beside, alternative)
            if merged is not None:
                yield from alternatives(merged)


def merge(first: Schema, second: Schema) -> Schema | None:
    """A schema for the values that both allow; None where their constants say that there is none."""
    merged: dict[str, Any] = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = _merged_properties(first["properties"], second["properties"])
    if "required" in first and "required" in second:
        merged["required"] = list(dict.fromkeys((*first["required"], *second["required"])))
    allowed = [constants(schema) for schema in (first, second)]
    if all(values is not None for values in allowed):
        common = [value for value in allowed[0] or () if value in (allowed[1] or ())]
        merged = {key: value for key, value in merged.items() if key not in ("const", "enum")} | {"enum": common}
        if not common:
            return None
    properties = merged.get("properties", {})
    return None if any(properties.get(key, {}) is None for key in merged.get("required", ())) else merged


def _merged_properties(first: Mapping[str, Schema], second: Mapping[str, Schema]) -> dict[str, Schema | None]:
    both = {key: merge(first[key], second[key]) for key in first if key in second}
    return {**first, **second, **both}


def constants(schema: Schema) -> list[Any] | None:
    """The values that a schema lists, None where it lists none."""
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _one(schema: Schema, options: Options) -> Strategy:
    """The values of a schema without `oneOf`."""
    listed = constants(schema)
    if listed is not None:
        strategy: Strategy = st.sampled_from(listed)
    else:
        strategy = st.one_of([_TYPES[kind](schema, options) for kind in _kinds(schema)])
    if "not" in schema:
        forbidden = jsonschema_rs.Draft202012Validator(dict(schema["not"]))
        strategy = strategy.filter(lambda value: not forbidden.is_valid(value))
    return strategy


def _simplicity(schema: Schema) -> tuple[int, int]:
    """Where a schema without `oneOf` stands among others: constants first, then as JSON types go, small objects first.

    The first is what every failure shrinks to; it takes the fewest choices.
    """
    if constants(schema) is not None:
        return (0, len(constants(schema) or ()))
    return (min(map(_SIMPLEST_FIRST.index, _kinds(schema))), len(schema.get("required", ())))


def _kinds(schema: Schema) -> list[str]:
    """The JSON types that a schema without constants is about, the simplest first."""
    unsaid = ["object"] if "properties" in schema or "required" in schema else list(_SIMPLEST_FIRST)
    kinds = schema.get("type", unsaid)
    return [kinds] if isinstance(kinds, str) else sorted(kinds, key=_SIMPLEST_FIRST.index)


def _object(schema: Schema, options: Options) -> Strategy:
    properties = {key: value for key, value in schema.get("properties", {}).items() if value is not None}
    if not properties and not schema.get("required"):
        return _mapping(schema, options)
    always = set(schema.get("required", ()))
    described = {**properties, **{key: {} for key in schema.get("required", ()) if key not in properties}}
    fields = [(key, key in always, compile_schema(value, options)) for key, value in described.items()]
    known = _fields(fields)
    if not options.unknown_fields or schema.get("additionalProperties") is False:
        return known
    names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).filter(lambda name: name not in properties)
    unknown = st.dictionaries(names, json_values(options), max_size=MOST_UNKNOWN)
    return st.builds(lambda given, more: {**more, **given} if len(more) % 2 else {**given, **more}, known, unknown)


@st.composite
def _fields(draw: st.DrawFn, fields: Sequence[tuple[str, bool, Strategy]]) -> dict[str, Any]:
    """An object in the order of its schema, which is that of the wire; each optional field nearly as often as not.

    `fixed_dictionaries` shuffles the keys, and draws most optional ones together or not at all. That there are any is
    drawn first: the simplest object takes few choices, so that shrinking can drop it from a list.
    """
    some = not all(is_required for _, is_required, _ in fields) and draw(_SOME)
    return {key: draw(strategy) for key, is_required, strategy in fields if is_required or (some and draw(_BOOLEANS))}


def _mapping(schema: Schema, options: Options) -> Strategy:
    """An object of keys that the schema does not name."""
    if schema.get("additionalProperties") is False:
        return st.builds(dict)
    names = compile_schema({"type": "string", **schema.get("propertyNames", {})}, options)
    inside = schema.get("additionalProperties", True)
    values = json_values(options) if inside is True else compile_schema(inside, options)
    return st.dictionaries(names, values, max_size=min(schema.get("maxProperties", MOST_ELEMENTS), MOST_ELEMENTS))


def _array(schema: Schema, options: Options) -> Strategy:
    elements = compile_schema(schema["items"], options) if "items" in schema else json_values(options)
    least = schema.get("minItems", 0)
    return st.lists(elements, min_size=least, max_size=min(schema.get("maxItems", 2**31), least + MOST_ELEMENTS))


def _string(schema: Schema, options: Options) -> Strategy:
    if schema.get("contentEncoding") == "base64":
        return _base64(options)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    longest = min(schema.get("maxLength", LONGEST_TEXT), LONGEST_TEXT)
    return st.text(_characters(options), min_size=schema.get("minLength", 0), max_size=longest)


def _base64(options: Options) -> Strategy:
    least, most = _REALISTIC_AUDIO if options.audio == "realistic" else (0, 8)
    if options.audio == "realistic":
        audio = st.builds(_tone, st.integers(least // 2, most // 2), st.integers(0, 255))
    else:
        # 16-bit samples: an odd byte would be half of one.
        audio = st.integers(0, most // 2).flatmap(lambda count: st.binary(min_size=2 * count, max_size=2 * count))
    return audio.map(lambda pcm: base64.b64encode(pcm).decode())


def _tone(samples: int, level: int) -> bytes:
    """Something like sound, for a fraction of what drawing every byte would cost."""
    wave = bytes((index * level) & 0xFF for index in range(256))
    return (wave * (2 * samples // len(wave) + 1))[: 2 * samples]


def _integer(schema: Schema, _options: Options) -> Strategy:
    return st.integers(schema.get("minimum", -LARGEST_INTEGER), schema.get("maximum", LARGEST_INTEGER))


def _number(schema: Schema, _options: Options) -> Strategy:
    least, most = schema.get("minimum", -LARGEST_INTEGER), schema.get("maximum", LARGEST_INTEGER)
    return st.floats(least, most, allow_nan=False, allow_infinity=False) | st.integers(-(-least // 1), most // 1)


def json_values(options: Options) -> Strategy:
    """Any JSON value, small and not deep."""
    scalars = st.one_of([_TYPES[kind]({}, options) for kind in _SIMPLEST_FIRST[:5]])
    names = st.text(_characters(options), max_size=8)
    return scalars | st.lists(scalars, max_size=2) | st.dictionaries(names, scalars, max_size=2)


def _characters(options: Options) -> st.SearchStrategy[str]:
    """All but lone surrogates, which no UTF-8 can carry."""
    return st.characters(codec="utf-8") if options.unicode else st.characters(codec="ascii")


_TYPES: Mapping[str, Callable[[Schema, Options], Strategy]] = {
    "null": lambda _schema, _options: st.none(),
    "boolean": lambda _schema, _options: st.booleans(),
    "integer": _integer,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}
_SIMPLEST_FIRST = tuple(_TYPES)
