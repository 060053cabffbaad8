"""jsonschema, jsonschema-rs and our own search agree on every value that JSON can carry."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from realtime_mock.registry import SchemaRegistry

WORDS = ["", "inf", "auto", "type", "realtime", "audio/pcm", "AAAA\n", "\ud800"]
TEXT = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(WORDS)
WHOLE = st.integers() | st.integers(-1, 2) | st.integers(-(10**400), 10**400)
SCALARS = st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
PROPERTY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Events = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, repr=False)
class Judges:
    """The three verdicts, and good events to start from. Without a repr: failures would print every schema."""

    registry: SchemaRegistry
    reference: Callable[[str], Any]
    schemas: dict[str, Any]
    compiled: jsonschema_rs.Registry
    events: dict[str, Events]

    def by_reference(self, name: str, value: object) -> bool:
        verdict: bool = self.reference(name).is_valid(value)
        return verdict

    def by_rust(self, name: str, value: object) -> bool:
        schema = self.schemas[name]
        validator = jsonschema_rs.Draft202012Validator(schema, registry=self.compiled, base_uri=schema["$id"])
        return validator.is_valid(value)


@pytest.fixture(scope="module")
def judges(
    registry: SchemaRegistry,
    stock_validator: Callable[[str], Any],
    schema_files: dict[str, Any],
    client_events: Events,
    server_events: Events,
    beta_events: dict[str, Events],
) -> Judges:
    compiled = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schema_files.values()])
    events = {"client": client_events, "server": server_events, **beta_events}
    return Judges(registry, stock_validator, schema_files, compiled, events)


@st.composite
def mutated(draw: st.DrawFn, events: Events) -> Any:
    """A good event with up to three places replaced, removed or added to; its own type stays."""
    kind = draw(st.sampled_from(sorted(events)))
    event = copy.deepcopy(draw(st.sampled_from([events[kind]["minimal"], *events[kind]["full"]])))
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(list(places(event))))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del holder[key]
        elif change == "replace":
            holder[key] = draw(JSON)
        elif isinstance(holder, dict):
            holder[draw(TEXT)] = draw(JSON)
        else:
            holder.append(draw(JSON))
        event["type"] = kind
    return event


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value with each of its keys or indexes."""
    members = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, member in members:
        yield value, key
        if isinstance(member, (dict, list)):
            yield from places(member)


def readable(value: Any) -> bool:
    """Whether jsonschema-rs can read it: lone surrogates, which are no Unicode text, it cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@PROPERTY
@given(data=st.data())
def test_all_three_agree_on_mutated_client_events(data: st.DataObject, judges: Judges) -> None:
    event = data.draw(mutated(judges.events["client"]))
    name = f"ga/client/{event['type']}"
    verdict = judges.by_reference(name, event)
    assert (judges.registry.first_error(event, transport="webrtc") is None) == verdict
    if readable(event):
        assert judges.by_rust(name, event) == verdict


@PROPERTY
@given(data=st.data())
def test_all_three_agree_on_mutated_server_events(data: st.DataObject, judges: Judges) -> None:
    event = data.draw(mutated(judges.events["server"]))
    name = f"ga/server/{event['type']}"
    verdict = judges.by_reference(name, event)
    assert (judges.registry.first_server_error(event) is None) == verdict
    if readable(event):
        assert judges.by_rust(name, event) == verdict


@PROPERTY
@given(data=st.data())
def test_all_three_agree_on_mutated_beta_events(data: st.DataObject, judges: Judges) -> None:
    side = data.draw(st.sampled_from(["client", "server"]))
    event = data.draw(mutated(judges.events[f"beta_{side}"]))
    name = f"beta/{side}/{event['type']}"
    beta = judges.registry.dialect("beta")
    ours = beta.first_error(event, transport="webrtc") if side == "client" else beta.first_server_error(event)
    assert (ours is None) == judges.by_reference(name, event)
    if readable(event):
        assert judges.by_rust(name, event) == (ours is None)


@PROPERTY
@given(data=st.data())
def test_the_search_explains_every_refusal_in_beta(data: st.DataObject, judges: Judges) -> None:
    error = judges.registry.dialect("beta").first_error(
        data.draw(mutated(judges.events["beta_client"])), transport="webrtc"
    )
    assert error is None or error.message != "The event does not match its schema."


@PROPERTY
@given(data=st.data(), value=JSON.filter(readable))
def test_the_two_validators_agree_on_any_value(data: st.DataObject, value: Any, judges: Judges) -> None:
    name = data.draw(st.sampled_from([name for name in judges.schemas if "/components/" not in name]))
    assert judges.by_rust(name, value) == judges.by_reference(name, value)


@PROPERTY
@given(data=st.data())
def test_the_search_explains_every_refusal(data: st.DataObject, judges: Judges) -> None:
    error = judges.registry.first_error(data.draw(mutated(judges.events["client"])), transport="webrtc")
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
