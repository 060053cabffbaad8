"""Events that are large, and conversations that are long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.client.subject import ClientUnderTest
from realtime_conformance.client_cases.conversation import FIRST, goes_on

SIZES = (65_536, 262_145, 1_000_000)
"""Bytes of an event; the last is just below what many WebSocket libraries take by default."""


@case("LARGE-001", "Events of a million bytes arrive", needs=["converse", "websocket"])
async def large_events(client: ClientUnderTest, checks: Checks) -> None:
    await takes_events_of(SIZES, client, checks)


@case("LARGE-002", "A text of a hundred thousand characters is written", needs=["long"])
async def large_text(client: ClientUnderTest, checks: Checks) -> None:
    text = "All work and no play makes Jack a dull boy. " * 2_300
    scenario = """
        scenario: large text
        rules:
          - on: response.create
            turns:
              - say: "That was long."
    """
    run = await client.perform("long", scenario=scenario, texts=[text])
    written = run.written
    checks.that(
        "arrives-whole",
        written == [text],
        expected=f"one text of {len(text)} characters",
        actual=[len(one) for one in written],
    )
    goes_on(checks, run, text)


@case("LARGE-003", "A session with large tools", needs=["tools"])
async def large_tools(client: ClientUnderTest, checks: Checks) -> None:
    tools = [_tool(number) for number in range(90)]
    run = await client.perform("tools", texts=[FIRST], tools=tools)
    sessions = run.came("session.created", "session.updated")
    known = sessions[-1]["session"].get("tools", []) if sessions else []
    checks.equal("arrive", sorted(tool["name"] for tool in known), sorted(tool["name"] for tool in tools))
    texts = {tool["name"]: tool.get("description") for tool in known}
    differing = [tool["name"] for tool in tools if texts.get(tool["name"]) != tool["description"]]
    checks.empty("arrive-whole", differing)


@case("LARGE-004", "A conversation of twenty turns", needs=["long"], deadline=60)
async def many_turns(client: ClientUnderTest, checks: Checks) -> None:
    texts = [f"This is turn number {number}." for number in range(20)]
    scenario = """
        scenario: many turns
        rules:
          - on: response.create
            turns:
              - say: "Yes."
    """
    run = await client.perform("long", scenario=scenario, texts=texts)
    checks.equal("answers-every-turn", [text for text in texts if run.answer_to(text) is None], [])
    checks.equal("shows-every-answer", run.answers, run.said)


@case("LARGE-005", "An answer of a minute, all at once", needs=["long", "websocket"])
async def long_answer(client: ClientUnderTest, checks: Checks) -> None:
    words = " ".join(f"This is sentence number {number} of a long answer." for number in range(24))
    scenario = f"""
        scenario: long answer
        rules:
          - on: response.create
            turns:
              - say: "{words}"
    """
    run = await client.perform("long", scenario=scenario, texts=[FIRST], settings={"pace": 0})
    checks.equal("shows-all", run.answers, [words])
    all_of_it = run.audio_seconds()
    checks.within("lets-hear-all", run.seconds_heard, 0.99 * all_of_it, 1.01 * all_of_it)


async def takes_events_of(sizes: Sequence[int], client: ClientUnderTest, checks: Checks) -> None:
    """Hold that a conversation goes on behind responses that end with events of so many bytes."""
    faults = [
        {"on": {"type": "response.done", "nth": number}, "oversize": size} for number, size in enumerate(sizes, start=1)
    ]
    texts = [f"This is text number {number}." for number in range(len(sizes) + 1)]
    run = await client.perform("converse", faults=faults, texts=texts)
    goes_on(checks, run, texts[-1])


def _tool(number: int) -> dict[str, Any]:
    description = f"Tells everything about subject {number}. " * 27
    parameters = {"type": "object", "properties": {"subject": {"type": "string"}}, "required": ["subject"]}
    return {"type": "function", "name": f"tell_{number}", "description": description, "parameters": parameters}


CASES = (large_events, large_text, large_tools, many_turns, long_answer)
