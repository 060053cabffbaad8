"""One thing is wrong with each of these events, and the mock says what."""

from __future__ import annotations

import json

import pytest
import websocket
from hypothesis import HealthCheck, Phase, find, given, seed, settings

from realtime_conformance.strategies import client_events, invalid_client_events
from realtime_conformance.strategies.events import is_valid
from realtime_conformance.strategies.mutations import mutations
from realtime_conformance.strategies.schemas import event_schema, event_types
from realtime_mock.server import serve_in_thread
from realtime_mock.settings import Settings

NOT_ON_A_WEBSOCKET = "output_audio_buffer.clear"
NAMES = {
    "above_maximum",
    "bad_base64",
    "bad_member",
    "bad_pattern",
    "below_minimum",
    "long_key",
    "missing_key",
    "no_elements",
    "too_long",
    "too_many_keys",
    "unknown_key",
    "wrong_type",
}
quiet = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))


def test_each_kind_of_mutation_is_made():
    missing = set(NAMES)
    for number in range(10):
        if missing:
            missing -= names_made(number)
    assert missing == set()


def names_made(number):
    names = set()

    @seed(number)
    @settings(quiet, max_examples=200, phases=[Phase.generate])
    @given(client_events(types=["session.update", "response.create", "input_audio_buffer.append"]))
    def collect(event):
        names.update(mutation.name for mutation in mutations(event, event_schema("client", event["type"])))

    collect()
    assert names <= NAMES
    return names


@settings(quiet, max_examples=30, phases=[Phase.generate], derandomize=True)
@given(invalid_client_events(types=[NOT_ON_A_WEBSOCKET]))
def test_what_is_not_on_a_websocket_is_made_invalid_too(mutation):
    assert not is_valid(mutation.event, "client")


def test_a_mutation_tells_place_keyword_and_error():
    wanted = {"type": "response.create", "x_unknown": 1}
    found = find(invalid_client_events(types=["response.create"]), lambda mutation: mutation.event == wanted)
    assert (found.path, found.keyword) == ("", "additionalProperties")
    assert (found.code, found.param) == ("unknown_parameter", "x_unknown")
    assert found.message == "Unknown parameter: 'x_unknown'."


@pytest.fixture(scope="module")
def mock():
    with serve_in_thread(Settings(port=0, beta="serve")) as running:
        yield running


@pytest.fixture
def connection(mock):
    """`connection(dialect)`: a WebSocket on which the session has begun."""
    opened = []

    def connect(dialect):
        url = f"{mock.base_url.replace('http', 'ws', 1)}/realtime?model=gpt-realtime"
        headers = ["Authorization: Bearer sk-mock", *(["OpenAI-Beta: realtime=v1"] if dialect == "beta" else [])]
        opened.append(websocket.create_connection(url, header=headers, timeout=10))
        assert json.loads(opened[-1].recv())["type"] == "session.created"
        return opened[-1]

    yield connect
    for socket in opened:
        socket.close()


def compare(socket, dialect, count):
    types = [kind for kind in event_types("client", dialect) if kind != NOT_ON_A_WEBSOCKET]

    @seed(2)
    @settings(quiet, max_examples=count, phases=[Phase.generate])
    @given(invalid_client_events(types=types, dialect=dialect))
    def answered_as_predicted(mutation):
        assert not is_valid(mutation.event, "client", dialect), mutation
        socket.send(json.dumps(mutation.event))
        answer = json.loads(socket.recv())
        assert answer["type"] == "error", mutation
        error = answer["error"]
        assert (error["code"], error["param"]) == (mutation.code, mutation.param), mutation
        assert mutation.message in (None, error["message"]), mutation

    answered_as_predicted()


@pytest.mark.parametrize(("dialect", "count"), [("ga", 500), ("beta", 300)])
def test_the_mock_answers_each_mutation_as_predicted(connection, dialect, count):
    compare(connection(dialect), dialect, count)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_the_mock_answers_five_thousand_mutations_as_predicted(connection, dialect):
    compare(connection(dialect), dialect, 5_000)
