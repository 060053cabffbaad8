"""The beta dialect whatever is sent: any event of a client, any bundled scenario."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_mock._resources import fixtures_dir
from realtime_mock.api_error import ApiError
from realtime_mock.dialects import BetaDialect
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.loader import load_scenario

GA = SchemaRegistry.bundled()
GIVEN = yaml.safe_load((Path(__file__).parents[1] / "schemas/beta_client_events.yaml").read_text(encoding="utf-8"))
CLIENT_EVENTS = [event for cases in GIVEN["events"].values() for event in (cases["minimal"], *cases["full"])]
WORDS = ["", "inf", "auto", "text", "audio", "pcm16", "message", "item_reference", "server_vad"]
SCALARS = st.none() | st.booleans() | st.integers(-1, 5000) | st.floats(0, 2) | st.sampled_from(WORDS) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value with each of its keys or indexes."""
    for key, member in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        yield value, key
        if isinstance(member, (dict, list)):
            yield from places(member)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good event with up to two places replaced or removed."""
    event = copy.deepcopy(draw(st.sampled_from(CLIENT_EVENTS)))
    for _ in range(draw(st.integers(0, 2))):
        at = list(places(event))
        if not at:
            break
        holder, key = draw(st.sampled_from(at))
        if draw(st.booleans()):
            holder[key] = draw(VALUES)
        else:
            del holder[key]
    return event


@settings(max_examples=600, deadline=None)
@given(event=mutated())
def test_what_beta_takes_is_taken_by_ga(event: Any) -> None:
    numbers = itertools.count()
    codec = BetaDialect(GA, transport="webrtc", new_event_id=lambda: f"event_{next(numbers)}", tokens_per_minute=1000)
    decoded = codec.decode(event)
    assert isinstance(decoded, ApiError) or GA.first_error(decoded, transport="webrtc") is None


@settings(max_examples=100, deadline=None)
@given(event=mutated())
def test_decoding_leaves_the_clients_event_alone(event: Any) -> None:
    before = json.dumps(event)
    BetaDialect(GA, transport="webrtc", new_event_id=str, tokens_per_minute=1).decode(event)
    assert json.dumps(event) == before


@pytest.mark.parametrize("file", sorted((fixtures_dir() / "scenarios").glob("*.yaml")), ids=lambda file: file.stem)
@pytest.mark.parametrize("call", [False, True], ids=["websocket", "call"])
def test_every_bundled_scenario_plays_in_beta(beta: Any, file: Path, call: bool) -> None:
    client = beta(call=call, scenario=load_scenario(file))
    client.send("session.update", session={"tools": [{"type": "function", "name": "get_weather"}]})
    client.run()
    for text in ("hello", "What is the weather in Paris?", "stop"):
        client.say(text)
        client.send("response.create")
        client.run(0.3)
        client.hear(0.5)
        client.hear_nothing(1.0)
        client.run()
    assert [entry.text for entry in client.journal.entries(kind="warning", valid=False)] == []
