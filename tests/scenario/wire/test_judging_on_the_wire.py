"""Rules with conditions, and a judged client, with the official SDK on a WebSocket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import openai
import pytest

from realtime_mock.scenario.expectations import judge
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Call, Expectation, Rule, Say, Scenario
from realtime_mock.server import RealtimeMock
from realtime_mock.settings import Settings

DEADLINE = 10.0
WEATHER = """
scenario: weather
rules:
  - on: {user_text: {regex: '(?i)weather in (?P<city>\\w+)'}}
    turns:
      - call: {name: get_weather, arguments: {city: $match.city}}
  - on: {function_output: {name: get_weather, output: {degrees: {$gt: 25}}}}
    turns:
      - say: "It is hot in $call.arguments.city."
  - on: {function_output: {name: get_weather}}
    turns:
      - say: "It is $function_output.output.degrees degrees."
expect:
  - in_order: [session.update, response.create]
  - event: {type: conversation.item.create, item: {type: function_call_output, call_id: $call.call_id}}
    after: {type: response.output_item.done, item: {type: function_call}}
    within: 5s
  - {event: response.create, never: true, after: response.created, before: response.done}
"""


async def response(connection: Any) -> Any:
    """Ask for a response and give back the one item that it made."""
    await connection.response.create()
    async for event in connection:
        if event.type == "response.done":
            [item] = event.response.output
            return item
    raise AssertionError


async def converse(mock: RealtimeMock, text: str, *, degrees: int) -> str:
    """An application with one tool: what it says in the end."""
    client = openai.AsyncOpenAI(api_key="sk-test", base_url=mock.base_url)
    async with client.realtime.connect(model="gpt-realtime") as connection, asyncio.timeout(DEADLINE):
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        content = [{"type": "input_text", "text": text}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        item = await response(connection)
        if item.type == "function_call":
            output = json.dumps({"city": json.loads(item.arguments)["city"], "degrees": degrees})
            result = {"type": "function_call_output", "call_id": item.call_id, "output": output}
            await connection.conversation.item.create(item=result)
            item = await response(connection)
        return str(item.content[0].text)


@pytest.mark.parametrize(("degrees", "said"), [(30, "It is hot in Paris."), (20, "It is 20 degrees.")])
async def test_an_application_meets_its_scenario(degrees: int, said: str):
    scenario = parse_scenario(WEATHER)
    async with RealtimeMock(Settings(port=0, pace=0), scenario=scenario) as mock:
        assert await converse(mock, "The weather in Paris?", degrees=degrees) == said
        assert judge(scenario.expect, mock.journal.entries()) == []


async def test_a_question_that_no_rule_takes_is_in_the_journal_with_the_nearest_rule():
    scenario = parse_scenario(WEATHER, "weather.yaml")
    async with RealtimeMock(Settings(port=0, pace=0), scenario=scenario) as mock:
        assert await converse(mock, "The weather?", degrees=0) == 'You said: "The weather?"'
        notes = [entry.text for entry in mock.journal.entries() if entry.text.startswith("no rule")]
        unmet = judge(scenario.expect, mock.journal.entries())
    assert len(notes) == 1
    assert notes[0].startswith("no rule matches this response; nearest is rule 1 (weather.yaml:4:5): user_text: ")
    assert [verdict.expectation for verdict in unmet] == [scenario.expect[1]]


async def test_a_scenario_of_python_plays_and_judges():
    scenario = Scenario(
        "greeting",
        rules=[
            Rule({"user_text": {"contains": "call"}}, Call("f", {"city": "Rome"})),
            Rule("response.create", Say("Done.")),
        ],
        expect=["session.update", Expectation({"type": "response.create"}, count=1)],
    )
    async with RealtimeMock(Settings(port=0, pace=0), scenario=scenario) as mock:
        assert await converse(mock, "Please call.", degrees=0) == "Done."
        [unmet] = judge(scenario.expect, mock.journal.entries())
    assert str(unmet).startswith("expected response.create exactly once; it occurred twice")
