"""Functions: how they are called, and how their outputs come back."""

from __future__ import annotations

import json
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, distinct, entries, item_id, joined, kinds, of_type, picked, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import COUNT, LOOK, TEXT, calling
from realtime_conformance.transcript import Event

ARGUMENTS = "response.function_call_arguments"
QUESTION = "How high is Mount Blue? Use look_up."


def _output(call_id: str, said: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": said}


def _arguments(written: str) -> dict[str, Any]:
    """Arguments as an object; empty where they are none."""
    try:
        value = json.loads(written)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _called(events: list[Event]) -> Event:
    """The function call among what a response made; a model may say something before it."""
    calls = (item for item in entries(events[-1], "response.output") if at(item, "type") == "function_call")
    return dict(next(calls, {}))


async def _call(session: Dialogue, tool: dict[str, Any], question: str = QUESTION) -> Event:
    """Let the server call this function and give the item of the call."""
    await session.write(question)
    return _called(await session.respond(**calling(tool)))


@case("TOOL-001", "A function call goes through its steps", needs=["tools"])
async def function_call(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write(QUESTION)
        events = await session.respond(**calling(LOOK))
        after = await session.rest()
    called = _called(events)
    about = [event for event in events if item_id(event) == text(called, "id")]
    added = at(of_type(about, "response.output_item.added"), "0.item")
    done = at(of_type(about, f"{ARGUMENTS}.done"), "0")
    checks.equal("is-a-call", picked(added, "type", "name"), {"type": "function_call", "name": "look_up"})
    checks.equal("begins-empty", picked(added, "status", "arguments"), {"status": "in_progress", "arguments": ""})
    written = text(done, "arguments")
    checks.equal("deltas-are-the-arguments", joined(about, ARGUMENTS), written)
    checks.equal("item-has-the-arguments", at(called, "arguments"), written)
    query = _arguments(written).get("query")
    checks.that("arguments-are-json", written.strip()[:1] == "{" and bool(query), expected="a query", actual=written)
    checks.equal("done-has-the-name", at(done, "name"), "look_up")
    ids = distinct(at(event, "call_id") for event in (added, done, called, *of_type(about, f"{ARGUMENTS}.delta")))
    checks.that("one-call-id", len(ids) == 1 and all(ids), expected="one call_id", actual=ids)
    call_id = text(called, "call_id")
    checks.that("call-id", call_id.startswith("call_"), expected="call_...", actual=call_id)
    checks.empty("no-content-parts", of_type(about, "response.content_part.added", "response.content_part.done"))
    checks.equal("item-completed", at(called, "status"), "completed")
    checks.equal("response-completed", at(events[-1], "response.status"), "completed")
    checks.empty("nothing-follows-by-itself", of_type(after, "response.created"))


@case("TOOL-002", "The output of a function comes back and is answered", needs=["tools"])
async def function_output(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        called = await _call(session, LOOK)
        await session.send("conversation.item.create", item=_output(text(called, "call_id"), '{"height_m": 1234}'))
        added = await session.until("conversation.item.added")
        alone = await session.rest()
        events = await session.respond(tool_choice="none")
    kept = picked(at(added, "item"), "type", "call_id", "output")
    checks.equal("kept", kept, _output(text(called, "call_id"), '{"height_m": 1234}'))
    checks.equal("follows-the-call", at(added, "previous_item_id"), at(called, "id"))
    checks.empty("nothing-follows-by-itself", of_type(alone, "response.created"))
    checks.equal("answered", at(events[-1], "response.status"), "completed")
    checks.equal("with-a-message", at(events[-1], "response.output.0.type"), "message")
    said = joined(events, "response.output_text")
    checks.that("the-answer-uses-it", "1234" in said.replace(",", ""), expected="1234", actual=said)


@case("TOOL-003", "An output may come before its response is done", needs=["tools"])
async def early_output(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write(QUESTION)
        await session.send("response.create", response=calling(LOOK))
        done = await session.until(f"{ARGUMENTS}.done")
        await session.send("conversation.item.create", item=_output(text(done, "call_id"), "1234 m"))
        ended = await session.until("response.done")
        await session.rest()
        answer = await session.respond(tool_choice="none")
    items = [at(event, "item.type") for event in of_type(session.events, "conversation.item.done")]
    checks.that("taken", "function_call_output" in items, expected="the output among the items", actual=items)
    checks.equal("response-completes", at(ended, "response.status"), "completed")
    checks.equal("answered", at(answer[-1], "response.status"), "completed")


@case("TOOL-004", "The output of a call that never was is refused", needs=["tools"])
async def unknown_call(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        start = len(session.events)
        wrong = {"type": "conversation.item.create", "item": _output("call_nobody", "1")}
        error = await session.refusal(wrong)
        came = session.events[start:]
    checks.that("refused", bool(error), expected="an error", actual=kinds(came))
    checks.equal("code", at(error, "code"), "invalid_tool_call_id")
    message = text(error, "message")
    checks.that("names-the-call", "call_nobody" in message, expected="a message that names the call", actual=message)
    checks.empty("not-added", of_type(came, "conversation.item.added"))


@case("TOOL-005", "The tool choice decides whether and what is called", needs=["tools"])
async def tool_choice(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT, tools=[LOOK, COUNT]) as session:
        await session.write(QUESTION)
        none = await session.respond(tool_choice="none")
        await session.write(QUESTION)
        required = await session.respond(tool_choice="required")
        await session.write(QUESTION)
        named = await session.respond(tool_choice={"type": "function", "name": "count_letters"})
    checks.equal("none-calls-nothing", _called(none), {})
    checks.that(
        "required-calls", bool(_called(required)), expected="a call", actual=at(required[-1], "response.output")
    )
    checks.equal("named-is-called", at(_called(named), "name"), "count_letters")


@case("TOOL-006", "A response may have tools of its own", needs=["tools"])
async def own_tools(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT, tools=[LOOK]) as session:
        called = await _call(session, COUNT, "How many letters has walnut?")
        now = await session.update()
    checks.equal("called", at(called, "name"), "count_letters")
    checks.equal("session-keeps-its-own", at(now, "tools"), [LOOK])


@case("TOOL-007", "Several calls wait for their outputs, in any order", needs=["tools"])
async def several_calls(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        first = await _call(session, LOOK)
        second = await _call(session, COUNT, "How many letters has walnut?")
        outputs = []
        for called, said in ((second, "6"), (first, "1234 m")):
            await session.send("conversation.item.create", item=_output(text(called, "call_id"), said))
            outputs.append(at(await session.until("conversation.item.done"), "item"))
        answer = await session.respond(tool_choice="none")
    ids = [at(called, "call_id") for called in (first, second)]
    checks.that("call-ids-differ", ids[0] != ids[1], expected="two ids", actual=ids)
    checks.equal("outputs-in-any-order", [at(item, "call_id") for item in outputs], ids[::-1])
    checks.equal("answered", at(answer[-1], "response.status"), "completed")


CASES = (function_call, function_output, early_output, unknown_call, tool_choice, own_tools, several_calls)
