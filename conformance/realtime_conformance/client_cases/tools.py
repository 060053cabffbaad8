"""Functions that the model calls."""

from __future__ import annotations

import json
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.run import Moment, Run
from realtime_conformance.client.subject import OUTPUT, TOOLS, ClientUnderTest
from realtime_conformance.client_cases.conversation import SECOND, goes_on, tells

ASKED = "What is the weather in Paris?"


@case("TOOLS-001", "One call", needs=["tools"])
async def one_call(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: one call
        rules:
          - on: response.create
            turns:
              - call: {name: get_weather, arguments: {city: Paris}, call_id: call_0001}
              - say: "It is sunny in Paris."
    """
    run = await client.perform("tools", scenario=scenario, texts=[ASKED], tools=TOOLS)
    ran = [(call["name"], _parsed(call["arguments"])) for call in run.reports("call")]
    checks.equal("runs-with-its-arguments", ran, [("get_weather", {"city": "Paris"})])
    checks.equal("sends-output", outputs(run), [("call_0001", True)])
    checks.equal("asks-once-after-it", len(run.sent("response.create")), 2)
    goes_on(checks, run, ASKED)


@case("TOOLS-002", "Three calls in one response", needs=["tools"])
async def parallel_calls(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("tools", scenario="parallel-calls", texts=[ASKED], tools=TOOLS)
    checks.equal(
        "runs-every-call", sorted(outputs(run)), [(f"call_{city}", True) for city in ("oslo", "paris", "rome")]
    )
    later, last = run.sent("response.create")[1:], run.outputs[-1:]
    checks.that(
        "asks-once-after-all",
        len(later) == 1 and bool(last) and later[0].number > last[0].number,
        expected="one response.create, behind the last output",
        actual=f"response.create at {moments(later)}, outputs at {moments(run.outputs)}",
    )
    goes_on(checks, run, ASKED)


@case("TOOLS-003", "Speech and calls in one response", needs=["tools"])
async def speech_and_calls(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: speech and calls
        rules:
          - on: response.create
            turns:
              - - say: "I will look that up."
                - call: {name: get_weather, arguments: {city: Paris}, call_id: call_1}
              - - call: {name: get_weather, arguments: {city: Oslo}, call_id: call_2}
                - say: "I have just looked that up."
              - say: "Now I know."
    """
    run = await client.perform("tools", scenario=scenario, texts=[ASKED], tools=TOOLS)
    checks.equal("runs-every-call", outputs(run), [("call_1", True), ("call_2", True)])
    checks.equal("asks-once-after-each", len(run.sent("response.create")), 3)
    shown = " ".join(run.answers)
    missing = [words for words in run.said if words not in shown]
    checks.empty("shows-all-that-is-said", missing)
    low = 0.98 if run.audio_seconds() else 0.5
    checks.within("lets-hear-all", run.seconds_heard, low * run.speech_seconds, 1.2 * run.speech_seconds)


@case("TOOLS-004", "A response that stays open behind its call", needs=["tools"])
async def early_output(client: ClientUnderTest, checks: Checks) -> None:
    scenario = """
        scenario: open behind its call
        rules:
          - on: {type: conversation.item.added, item: {type: function_call_output}}
            instead: true
            turns:
              - proceed: {}
                after: 900ms
          - on: {type: conversation.item.done, item: {type: function_call_output}}
            instead: true
            turns:
              - proceed: {}
                after: 900ms
          - on: response.create
            turns:
              - - call: {name: get_weather, arguments: {city: Paris}, call_id: call_early}
                - wait: 800ms
              - say: "It is sunny in Paris."
    """
    run = await client.perform("tools", scenario=scenario, texts=[ASKED], tools=TOOLS)
    ends, creates = run.came("response.done"), run.sent("response.create")
    checks.that(
        "asks-after-its-end",
        len(creates) > 1 and bool(ends) and all(create.number > ends[0].number for create in creates[1:]),
        expected="the second response.create after the first response.done",
        actual=f"ends at {moments(ends)}, asked at {moments(creates)}",
    )
    goes_on(checks, run, ASKED)


@case("TOOLS-005", "The response after a call fails", needs=["tools"])
async def failed_after_call(client: ClientUnderTest, checks: Checks) -> None:
    run = await client.perform("tools", scenario="failed-after-tool", texts=[ASKED, SECOND], tools=TOOLS)
    tells(checks, run)
    goes_on(checks, run, SECOND)


@case("TOOLS-006", "Arguments that are no JSON", needs=["tools"])
async def broken_arguments(client: ClientUnderTest, checks: Checks) -> None:
    await survives_call("""name: get_weather, arguments: '{"city": "Par'""", client, checks)


@case("TOOLS-007", "A function that there is not", needs=["tools"])
async def unknown_function(client: ClientUnderTest, checks: Checks) -> None:
    await survives_call("name: open_the_pod_bay_doors, arguments: {}", client, checks)


@case("TOOLS-008", "Arguments of a hundred thousand characters", needs=["tools"])
async def large_arguments(client: ClientUnderTest, checks: Checks) -> None:
    city = "Llanfair" * 12_500
    scenario = f"""
        scenario: large arguments
        rules:
          - on: response.create
            turns:
              - call: {{name: get_weather, arguments: {{city: {city}}}, call_id: call_large}}
              - say: "That is a long name."
    """
    run = await client.perform("tools", scenario=scenario, texts=[ASKED], tools=TOOLS, settings={"pace": 0})
    ran = [_parsed(call["arguments"]) for call in run.reports("call")]
    checks.that(
        "runs-with-all-of-them",
        ran == [{"city": city}],
        expected=f"a city of {len(city)} characters",
        actual=[len(str(arguments)) for arguments in ran],
    )
    goes_on(checks, run, ASKED)


async def survives_call(call: str, client: ClientUnderTest, checks: Checks) -> None:
    """Hold that the conversation goes on after a call that cannot be run, whatever the client does about it."""
    scenario = f"""
        scenario: no such call
        rules:
          - on: {{user_text: "{SECOND}"}}
            turns:
              - say: "I see that you are still there."
          - on: response.create
            turns:
              - call: {{{call}}}
              - say: "I am sorry."
    """
    run = await client.perform("tools", scenario=scenario, texts=[ASKED, SECOND], tools=TOOLS)
    goes_on(checks, run, SECOND)


def moments(passed: list[Moment]) -> list[float]:
    """When events passed, in seconds since the case began."""
    return [round(moment.at, 3) for moment in passed]


def outputs(run: Run) -> list[tuple[str, bool]]:
    """The outputs that were sent: the call of each, and whether it says what the function returned."""
    sent = [moment["item"] for moment in run.outputs]
    return [(str(item.get("call_id")), OUTPUT in str(item.get("output"))) for item in sent]


def _parsed(arguments: object) -> Any:
    """Arguments as values, however the driver reports them."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


CASES = (
    one_call,
    parallel_calls,
    speech_and_calls,
    early_output,
    failed_after_call,
    broken_arguments,
    unknown_function,
    large_arguments,
)
