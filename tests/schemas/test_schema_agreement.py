"""jsonschema, jsonschema-rs and our own search agree on every value that JSON can carry."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from realtime_mock.registry import SchemaRegistry

ANY_CHARACTER = st.characters(exclude_categories=())
TEXT = st.text(ANY_CHARACTER, max_size=40) | st.sampled_from(["", "inf", "realtime", "type", "audio/pcm", "AAAA\n", "auto", "\ud800"])
NUMBERS = st.integers() | st.integers(-1, 2) | st.integers(-(10**400), 10**400) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
Events = dict[str, dict[str, Any]]
PROPERTY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def mutated(draw: st.DrawFn, events: Events) -> Any:
    """A good event with up to three places replaced, removed or added to."""
    kind = draw(st.sampled_from(sorted(events)))
    event = copy.deepcopy(draw(st.sampled_from([events[kind]["minimal"], *events[kind]["full"]])))
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(list(places(event))))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if key == "type" and holder is event:
            continue
        if change == "replace" and key in range_of(holder):
            holder[key] = draw(JSON)
        elif change == "remove" and isinstance(holder, dict):
            holder.pop(key, None)
        elif isinstance(holder, dict):
            holder[draw(TEXT)] = draw(JSON)
        else:
            holder.append(draw(JSON))
    return event


def range_of(holder: Any) -> Any:
    return range(len(holder)) if isinstance(holder, list) else holder


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value with each of its keys or indexes."""
    members = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, member in members:
        yield value, key
        if isinstance(member, (dict, list)):
            yield from places(member)


@pytest.fixture(scope="module")
def rust_validator(schema_files: dict[str, Any]) -> Callable[[str], Any]:
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schema_files.values()])
    compiled: dict[str, Any] = {}

    def validator(name: str) -> Any:
        if name not in compiled:
            schema = schema_files[name]
            compiled[name] = jsonschema_rs.Draft202012Validator(schema, registry=registry, base_uri=schema["$id"])
        return compiled[name]

    return validator


def readable(value: Any) -> bool:
    """Whether jsonschema-rs can read it: lone surrogates, which are no Unicode text, it cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@PROPERTY
@given(data=st.data())
def test_all_three_agree_on_mutated_client_events(
    data: st.DataObject,
    registry: SchemaRegistry,
    client_events: Events,
    stock_validator: Callable[[str], Any],
    rust_validator: Callable[[str], Any],
) -> None:
    event = data.draw(mutated(client_events))
    name = f"ga/client/{event['type']}"
    verdict = stock_validator(name).is_valid(event)
    assert (registry.first_error(event, transport="webrtc") is None) == verdict
    if readable(event):
        assert rust_validator(name).is_valid(event) == verdict


@PROPERTY
@given(data=st.data())
def test_all_three_agree_on_mutated_server_events(
    data: st.DataObject,
    registry: SchemaRegistry,
    server_events: Events,
    stock_validator: Callable[[str], Any],
    rust_validator: Callable[[str], Any],
) -> None:
    event = data.draw(mutated(server_events))
    name = f"ga/server/{event['type']}"
    verdict = stock_validator(name).is_valid(event)
    assert (registry.first_server_error(event) is None) == verdict
    if readable(event):
        assert rust_validator(name).is_valid(event) == verdict


@PROPERTY
@given(kind=st.data(), value=JSON)
def test_all_three_agree_on_any_value(
    kind: st.DataObject,
    value: Any,
    schema_files: dict[str, Any],
    stock_validator: Callable[[str], Any],
    rust_validator: Callable[[str], Any],
) -> None:
    name = kind.draw(st.sampled_from([name for name in schema_files if "/components/" not in name]))
    if readable(value):
        assert rust_validator(name).is_valid(value) == stock_validator(name).is_valid(value)


@PROPERTY
@given(data=st.data())
def test_the_search_explains_every_refusal(
    data: st.DataObject, registry: SchemaRegistry, client_events: Events
) -> None:
    error = registry.first_error(data.draw(mutated(client_events)), transport="webrtc")
    assert error is None or error.message != "The event does not match its schema."


@settings(max_examples=400, deadline=None)
@given(event=JSON | st.fixed_dictionaries({"type": TEXT | JSON}, optional={"session": JSON, "item": JSON}))
@example(event={"type": "response.cancel", "\ud800": "\udfff"})
@example(event={"type": "response.cancel", "event_id": float("nan")})
@example(event={"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": float("inf")})
def test_nothing_raises(event: Any) -> None:
    registry = SchemaRegistry.bundled()
    registry.first_error(event)
    registry.first_server_error(event)
    registry.first_body_error("client_secrets.request", event)


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), 10**5000, -(10**5000), 1e308], ids=["nan", "inf", "huge", "tiny", "float"]
)
def test_numbers_beyond_reason_are_refused_in_words(registry: SchemaRegistry, number: float) -> None:
    event = {"type": "session.update", "session": {"type": "realtime", "max_output_tokens": number}}
    error = registry.first_error(event)
    assert error is not None
    assert error.param == "session.max_output_tokens"


def test_deep_nesting_where_anything_may_stand_is_let_through(registry: SchemaRegistry) -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"properties": deep}
    tool = {"type": "function", "name": "f", "parameters": deep}
    event = {"type": "session.update", "session": {"type": "realtime", "tools": [tool]}}
    assert registry.first_error(event) is None


def test_deep_nesting_elsewhere_is_one_unknown_key(registry: SchemaRegistry) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    error = registry.first_error({"type": "response.cancel", "deep": deep})
    assert error is not None
    assert error.param == "deep"
