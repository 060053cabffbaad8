"""Strategies for events and for what they carry, made from the schemas of this project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

from hypothesis import strategies as st

from realtime_conformance.strategies.compiler import Strategy, compile_schema
from realtime_conformance.strategies.mutations import Mutation, mutations
from realtime_conformance.strategies.options import Audio, Options
from realtime_mock._resources import schemas_dir
from realtime_mock.registry import SchemaRegistry
from realtime_mock.registry.store import Schema, SchemaStore

Dialect = Literal["ga", "beta"]
Side = Literal["client", "server"]
Event = dict[str, Any]


def client_events(
    *, types: Iterable[str] | None = None, dialect: Dialect = "ga", audio: Audio = "small", unicode: bool = True
) -> st.SearchStrategy[Event]:
    """Events that a client may send: each type alike, every one valid.

    Args:
        types: only these, all by default.
        dialect: `ga`, or `beta` as the service spoke it until May 2026.
        audio: base64 of a few bytes, or of 20 to 200 ms.
        unicode: texts of any characters, or of ASCII alone.

    Raises:
        ValueError: one of `types` is none.
    """
    return _events("client", types, dialect, Options(audio=audio, unicode=unicode))


def server_events(
    *,
    types: Iterable[str] | None = None,
    dialect: Dialect = "ga",
    audio: Audio = "small",
    unknown_fields: bool = False,
    unicode: bool = True,
) -> st.SearchStrategy[Event]:
    """Events that a server may send; with `unknown_fields` also keys that a later server might add.

    The other arguments, and the error, are those of `client_events`.
    """
    return _events("server", types, dialect, Options(audio=audio, unknown_fields=unknown_fields, unicode=unicode))


def sessions(
    *, side: Side = "server", dialect: Dialect = "ga", unknown_fields: bool = False
) -> st.SearchStrategy[Event]:
    """Session objects: what `session.created` shows or, with the side of the client, what an update asks for."""
    kind = "session.created" if side == "server" else "session.update"
    return _part(side, dialect, kind, "session", Options(unknown_fields=unknown_fields))


def items(*, side: Side = "server", dialect: Dialect = "ga", unknown_fields: bool = False) -> st.SearchStrategy[Event]:
    """Conversation items, as the server shows them or as a client creates them."""
    shown = "conversation.item.added" if dialect == "ga" else "conversation.item.created"
    kind = shown if side == "server" else "conversation.item.create"
    return _part(side, dialect, kind, "item", Options(unknown_fields=unknown_fields))


def responses(*, dialect: Dialect = "ga", unknown_fields: bool = False) -> st.SearchStrategy[Event]:
    """Response objects in any status, as `response.done` carries them."""
    return _part("server", dialect, "response.done", "response", Options(unknown_fields=unknown_fields))


def event_types(side: Side, dialect: Dialect = "ga") -> Sequence[str]:
    """The types of the events of one side, in alphabetical order."""
    return _store().names(f"{dialect}/{side}/")


@lru_cache(maxsize=1024)
def event_schema(side: Side, event_type: str, dialect: Dialect = "ga") -> Schema:
    """The whole schema of an event, with what it refers to put in place."""
    return _store().expanded(f"{dialect}/{side}/{event_type}")


def is_valid(event: object, side: Side, dialect: Dialect = "ga") -> bool:
    """Whether an event is valid by its schema."""
    registry = SchemaRegistry.bundled().dialect(dialect)
    if side == "server":
        return registry.first_server_error(event) is None
    return registry.first_error(event, transport="webrtc") is None


def _events(side: Side, types: Iterable[str] | None, dialect: Dialect, options: Options) -> st.SearchStrategy[Event]:
    known = event_types(side, dialect)
    wanted = tuple(known if types is None else types)
    unknown = [kind for kind in wanted if kind not in known]
    if unknown or not wanted:
        raise ValueError(f"no {side} event has the type {', '.join(map(repr, unknown)) or 'nothing'}")
    return st.one_of([_event(side, kind, dialect, options) for kind in wanted])


@lru_cache(maxsize=1024)
def _event(side: Side, kind: str, dialect: Dialect, options: Options) -> Strategy:
    # What `oneOf` forbids, to be valid by two branches at once, only the whole event tells.
    return compile_schema(event_schema(side, kind, dialect), options).filter(
        lambda event: is_valid(event, side, dialect)
    )


def _part(side: Side, dialect: Dialect, kind: str, key: str, options: Options) -> Strategy:
    return _event(side, kind, dialect, options).map(lambda event: event[key])


@lru_cache(maxsize=1)
def _store() -> SchemaStore:
    return SchemaStore.read(schemas_dir(), below=("ga", "beta"))


@st.composite
def invalid_client_events(
    draw: st.DrawFn, *, types: Iterable[str] | None = None, dialect: Dialect = "ga", unicode: bool = True
) -> Mutation:
    """A client event with exactly one thing wrong, and the error that a correct server answers.

    The arguments are those of `client_events`.
    """
    event = draw(client_events(types=types, dialect=dialect, unicode=unicode))
    found = list(mutations(event, event_schema("client", event["type"], dialect)))
    # First what was done, then where: a mutation that has few places is not lost among those that have many.
    name = draw(st.sampled_from(sorted({mutation.name for mutation in found})))
    return draw(st.sampled_from([mutation for mutation in found if mutation.name == name]))
