"""Strategies for events and for what they carry, made from the schemas of this project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from realtime_conformance.strategies.compiler import Schema, Strategy, alternatives, compile_schema, constants, merge
from realtime_conformance.strategies.mutations import Mutation, mutations
from realtime_conformance.strategies.options import Audio, Options
from realtime_conformance.strategies.recorded import recorded_schema, recorded_types
from realtime_conformance.strategies.schemas import Dialect, Side, event_schema, event_types
from realtime_mock.registry import SchemaRegistry

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """What events of a type have under a name."""

    side: Side
    dialect: Dialect
    event: str
    name: str


def client_events(
    *, types: Iterable[str] | None = None, dialect: Dialect = "ga", audio: Audio = "small", unicode: bool = True
) -> st.SearchStrategy[Event]:
    """Events that a client may send: each type alike, every one valid. A key that is unknown would make it invalid.

    Args:
        types: only these, all by default.
        dialect: `ga`, or `beta` as the service spoke it until May 2026.
        audio: base64 of a few bytes, or of 20 to 200 ms.
        unicode: texts of any characters, or of ASCII alone.

    Raises:
        ValueError: one of `types` is none.
    """
    options = Options(audio=audio, unicode=unicode)
    wanted = _chosen(types, event_types("client", dialect), "client event has the type")
    return st.one_of([_event("client", kind, dialect, options) for kind in wanted])


def server_events(
    *,
    types: Iterable[str] | None = None,
    dialect: Dialect = "ga",
    audio: Audio = "small",
    unknown_fields: bool = False,
    unicode: bool = True,
    as_recorded: bool = False,
) -> st.SearchStrategy[Event]:
    """Events that a server may send.

    Args:
        types: only these, all by default.
        dialect: `ga`, or `beta` as the service spoke it until May 2026.
        audio: base64 of a few bytes, or of 20 to 200 ms.
        unknown_fields: with keys that a later server might add.
        unicode: texts of any characters, or of ASCII alone.
        as_recorded: only of types that were recorded, with every field that each recorded event of the type had and
            none that no event had, in the variants that were seen; the schemas promise less
            (`schemas/ga/components/server/recorded.json`).

    Raises:
        ValueError: one of `types` is none, or was not recorded.
    """
    options = Options(audio=audio, unknown_fields=unknown_fields, unicode=unicode, as_recorded=as_recorded)
    known = recorded_types(dialect) if as_recorded else event_types("server", dialect)
    wanted = _chosen(types, known, "recorded event has the type" if as_recorded else "server event has the type")
    return st.one_of([_event("server", kind, dialect, options) for kind in wanted])


def sessions(
    *,
    types: Iterable[str] | None = None,
    side: Side = "server",
    dialect: Dialect = "ga",
    audio: Audio = "small",
    unknown_fields: bool = False,
    unicode: bool = True,
) -> st.SearchStrategy[Event]:
    """Session objects: what `session.created` shows or, with the side of the client, what an update asks for.

    `types` are of `realtime` and `transcription`; the other arguments, and the error, are those of `server_events`.
    """
    options = Options(audio=audio, unknown_fields=unknown_fields, unicode=unicode)
    stage = "created" if side == "server" else "update"
    if dialect == "ga":
        return _part(_Part(side, dialect, f"session.{stage}", "session"), options, key="type", wanted=types)
    # Beta has an event for each type of session, and no type inside.
    events = {"realtime": f"session.{stage}", "transcription": f"transcription_session.{stage}"}
    wanted = _chosen(types, events, "session has the type")
    return st.one_of([_part(_Part(side, dialect, events[kind], "session"), options) for kind in wanted])


def items(
    *,
    types: Iterable[str] | None = None,
    side: Side = "server",
    dialect: Dialect = "ga",
    audio: Audio = "small",
    unknown_fields: bool = False,
    unicode: bool = True,
) -> st.SearchStrategy[Event]:
    """Conversation items, as the server shows them or as a client creates them.

    `types` are of those that items have, such as `message`; the other arguments, and the error, are those of
    `server_events`.
    """
    shown = "conversation.item.added" if dialect == "ga" else "conversation.item.created"
    kind = shown if side == "server" else "conversation.item.create"
    options = Options(audio=audio, unknown_fields=unknown_fields, unicode=unicode)
    return _part(_Part(side, dialect, kind, "item"), options, key="type", wanted=types)


def responses(
    *,
    statuses: Iterable[str] | None = None,
    dialect: Dialect = "ga",
    audio: Audio = "small",
    unknown_fields: bool = False,
    unicode: bool = True,
) -> st.SearchStrategy[Event]:
    """Response objects, as `response.done` carries them.

    `statuses` are of those that responses have, such as `cancelled`; the other arguments, and the error, are those of
    `server_events`.
    """
    options = Options(audio=audio, unknown_fields=unknown_fields, unicode=unicode)
    return _part(_Part("server", dialect, "response.done", "response"), options, key="status", wanted=statuses)


def is_valid(event: object, side: Side, dialect: Dialect = "ga") -> bool:
    """Whether an event is valid by its schema."""
    registry = SchemaRegistry.bundled().dialect(dialect)
    if side == "server":
        return registry.first_server_error(event) is None
    return registry.first_error(event, transport="webrtc") is None


@st.composite
def invalid_client_events(
    draw: st.DrawFn, *, types: Iterable[str] | None = None, dialect: Dialect = "ga", unicode: bool = True
) -> Mutation:
    """A client event with exactly one thing wrong, and the error that a correct server answers.

    The arguments are those of `client_events`.
    """
    event = draw(client_events(types=types, dialect=dialect, unicode=unicode))
    found = list(mutations(event, event_schema("client", event["type"], dialect), dialect=dialect))
    # First what was done, then where: a mutation that has few places is not lost among those that have many.
    name = draw(st.sampled_from(sorted({mutation.name for mutation in found})))
    return draw(st.sampled_from([mutation for mutation in found if mutation.name == name]))


def _chosen(wanted: Iterable[str] | None, known: Iterable[str], what: str) -> tuple[str, ...]:
    """What is wanted, all that is known by default.

    Raises:
        ValueError: something wanted is not known, or nothing is wanted.
    """
    names = tuple(known if wanted is None else wanted)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        told = ", ".join(map(repr, unknown)) or "nothing"
        raise ValueError(f"no {what} {told}; there are {', '.join(known)}")
    return names


@lru_cache(maxsize=1024)
def _event(side: Side, kind: str, dialect: Dialect, options: Options) -> Strategy:
    schema = recorded_schema(kind) if options.as_recorded else event_schema(side, kind, dialect)
    return _compiled(schema, side, dialect, options)


def _compiled(schema: Schema, side: Side, dialect: Dialect, options: Options) -> Strategy:
    # What `oneOf` forbids, to be valid by two branches at once, only the whole event tells.
    return compile_schema(schema, options).filter(lambda event: is_valid(event, side, dialect))


def _part(part: _Part, options: Options, *, key: str = "", wanted: Iterable[str] | None = None) -> Strategy:
    """What the events have under the name of the part; with `wanted`, only what has one of those values at `key`."""
    if wanted is None:
        events = _event(part.side, part.event, part.dialect, options)
    else:
        schema = event_schema(part.side, part.event, part.dialect)
        inside = schema["properties"][part.name]
        values = _chosen(wanted, _values(inside, key), f"{part.name} has the {key}")
        narrowed = merge(inside, {"properties": {key: {"enum": list(values)}}, "required": [key]}) or {}
        schema = {**schema, "properties": {**schema["properties"], part.name: narrowed}}
        events = _compiled(schema, part.side, part.dialect, options)
    return events.map(lambda event: event[part.name])


def _values(schema: Schema, key: str) -> tuple[str, ...]:
    """The texts that a key of an object may have, whichever branch the object is of."""
    rules = [branch.get("properties", {}).get(key, {}) for branch in alternatives(schema)]
    values = [value for rule in rules for value in (constants(rule) or ())]
    return tuple(dict.fromkeys(value for value in values if value is not None))
