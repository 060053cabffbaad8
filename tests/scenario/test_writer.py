"""The writer is the inverse of the loader, and writes what a person would have written."""

from __future__ import annotations

import dataclasses
import inspect
import json
import textwrap

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from realtime_mock._resources import schemas_dir
from realtime_mock.api_error import ApiError
from realtime_mock.scenario import loader, mcp_model, model, writer
from realtime_mock.scenario.document import ScenarioError
from realtime_mock.scenario.model import Call, Close, Emit, Error, Proceed, Rule, Say, Scenario, Transcript, Turn, Wait
from realtime_mock.scenario.writer import write_scenario

from . import strategies

SCHEMA = jsonschema.Draft202012Validator(json.loads((schemas_dir() / "scenario.schema.json").read_text("utf-8")))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(strategies.scenarios)
def test_what_is_written_is_read_back_equal(scenario: Scenario):
    assert loader.parse_scenario(write_scenario(scenario)) == scenario


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(strategies.scenarios)
def test_what_is_written_fits_the_schema_that_editors_use(scenario: Scenario):
    SCHEMA.validate(writer.as_mapping(scenario))


@pytest.mark.parametrize("name", loader.bundled_scenarios())
def test_every_bundled_scenario_survives(name: str):
    scenario = loader.load_scenario(loader.bundled_scenarios()[name])
    assert loader.parse_scenario(write_scenario(scenario)) == scenario


def model_fields() -> list[tuple[type, str]]:
    modules = (model.__name__, mcp_model.__name__)
    classes = [kind for _, kind in inspect.getmembers(model, dataclasses.is_dataclass) if kind.__module__ in modules]
    return [(kind, f.name) for kind in classes for f in dataclasses.fields(kind)]


@pytest.mark.parametrize("kind, name", model_fields(), ids=lambda value: getattr(value, "__name__", value))
def test_every_field_of_the_model_has_its_line(kind: type, name: str):
    if kind is model.McpError:
        assert name in model.McpError("protocol_error", "No.", 1).as_json()
    else:
        assert name in writer.FIELDS.get(kind, {}) or (kind, name) in writer.UNWRITTEN


def test_a_scenario_reads_as_if_written_by_hand():
    scenario = Scenario(
        "weather",
        (
            Rule(
                {"type": "response.create"},
                (
                    Turn((Say("Let me check.", after=0.12), Call("get_weather", '{"city":"Paris"}'))),
                    Turn((Say("It is sunny.\nBring a hat."),)),
                ),
            ),
            Rule({"type": "session.updated"}, (Turn((Wait(1.5), Proceed())),), instead=True),
            Rule(
                {"type": "response.cancel", "response_id": "r1"},
                (Turn((Error(ApiError("No.", code="nope")), Close(1011))),),
                once=True,
            ),
        ),
        transcripts=(Transcript("What is the weather?"), Transcript("Late.", after=8.0)),
    )
    assert write_scenario(scenario) == textwrap.dedent(
        """\
        scenario: weather
        rules:
          - on: response.create
            turns:
              - - say: "Let me check."
                  after: 120ms
                - call: {name: get_weather, arguments: {city: Paris}}
              - say: |-
                  It is sunny.
                  Bring a hat.
          - on: session.updated
            turns:
              - - wait: 1.5s
                - proceed: {}
            instead: true
          - on: {type: response.cancel, response_id: r1}
            turns:
              - - error: {code: nope, message: No.}
                - close: 1011
            once: true
        transcripts:
          - "What is the weather?"
          - {text: Late., after: 8s}
        """
    )


def test_a_scenario_of_nothing_is_still_a_scenario():
    assert loader.parse_scenario(write_scenario(Scenario("empty"))) == Scenario("empty")


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800"])
def test_what_no_file_can_say_is_refused(value: object):
    with pytest.raises(ScenarioError, match="cannot be written"):
        write_scenario(Scenario("x", (Rule({"type": "response.create"}, (Turn((Emit({"type": value}),)),)),)))
