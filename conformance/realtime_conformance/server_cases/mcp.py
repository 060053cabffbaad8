"""Tools of MCP servers: how they are listed, called and approved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import Event, at, entries, item_id, joined, kinds, of_type, picked, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT

LISTED = ("mcp_list_tools.completed", "mcp_list_tools.failed")
RUN = ("response.mcp_call.in_progress", "response.mcp_call.completed", "response.mcp_call.failed")
ARGUMENTS = "response.mcp_call_arguments"


def _tool(server: Server, **fields: Any) -> dict[str, Any]:
    return {"type": "mcp", "server_label": "library", "server_url": server.mcp_url, **fields}


async def _list(session: Dialogue, tool: dict[str, Any]) -> Event:
    """Give the session an MCP server and wait for the item that lists its tools."""
    await session.update(tools=[tool])
    done = await session.until("conversation.item.done", where=lambda event: at(event, "item.type") == "mcp_list_tools")
    listed: Event = at(done, "item") or {}
    return listed


async def _call(session: Dialogue, listed: Event) -> Sequence[Event]:
    """Let the server call the first tool that was listed."""
    await session.write("Look for lighthouses.")
    choice = {"type": "mcp", "server_label": "library", "name": text(listed, "tools.0.name")}
    return await session.respond(tool_choice=choice)


@case("TOOL-010", "The tools of an MCP server are listed", needs=["mcp"])
async def listing(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        listed = await _list(session, _tool(server))
        updated = of_type(session.events, "session.updated")[-1]
        start = len(session.events)
        again = await session.update(tools=[{"type": "mcp", "server_label": "library"}])
        await session.rest()
    checks.equal("session-has-it", at(updated, "session.tools.0.server_label"), "library")
    about = [event for event in session.events[:start] if item_id(event) == at(listed, "id")]
    steps = ["conversation.item.added", "mcp_list_tools.in_progress", "conversation.item.done"]
    checks.equal("steps", [kind for kind in kinds(about) if kind not in LISTED], steps)
    checks.equal("completed", kinds(of_type(about, *LISTED)), ["mcp_list_tools.completed"])
    checks.equal("label", at(listed, "server_label"), "library")
    tools = list(entries(listed, "tools"))
    whole = bool(tools) and all({"name", "input_schema"} <= set(tool) for tool in tools)
    checks.that("tools", whole, expected="tools, each with its name and input_schema", actual=tools)
    checks.equal("label-is-enough", at(again, "tools.0.server_label"), "library")
    checks.empty("listed-once", of_type(session.events[start:], "mcp_list_tools.in_progress"))


def _of_calls(events: Sequence[Event], kind: str) -> list[Event]:
    """The events of a type that are about an MCP call."""
    return [event for event in of_type(events, kind) if at(event, "item.type") == "mcp_call"]


@case("TOOL-011", "An MCP tool is called", needs=["mcp"])
async def call(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        listed = await _list(session, _tool(server, require_approval="never"))
        events = await _call(session, listed)
    added = at(_of_calls(events, "response.output_item.added"), "0.item")
    wanted = {"type": "mcp_call", "server_label": "library", "name": at(listed, "tools.0.name")}
    checks.equal("is-a-call", picked(added, *wanted), wanted)
    written = text(at(of_type(events, f"{ARGUMENTS}.done"), "0"), "arguments")
    checks.equal("deltas-are-the-arguments", joined(events, ARGUMENTS), written)
    about = [event for event in events if item_id(event) == text(added, "id")]
    steps = kinds(of_type(about, f"{ARGUMENTS}.done", *RUN, "response.output_item.done"))
    ends = [f"{ARGUMENTS}.done", RUN[0], "response.output_item.done"]
    checks.equal("steps", [kind for kind in steps if kind not in RUN[1:]], ends)
    checks.equal("ends-once", len([kind for kind in steps if kind in RUN[1:]]), 1)
    done = at(_of_calls(events, "response.output_item.done"), "0.item")
    result = picked(done, "output", "error")
    checks.that("has-a-result", any(result.values()), expected="an output or an error", actual=result)
    checks.equal("item-has-the-arguments", at(done, "arguments"), written)
    checks.equal("response-completed", at(events[-1], "response.status"), "completed")


async def _asked(session: Dialogue, server: Server) -> tuple[Sequence[Event], Event]:
    """The response that calls a tool which needs approval, and its request."""
    events = await _call(session, await _list(session, _tool(server)))
    requests = [item for item in entries(events[-1], "response.output") if at(item, "type") == "mcp_approval_request"]
    return events, requests[0] if requests else {}


def _answer(request: Event, *, approve: bool) -> dict[str, Any]:
    item = {"type": "mcp_approval_response", "id": "answer_1", "approval_request_id": text(request, "id")}
    return {**item, "approve": approve}


@case("TOOL-012", "A call waits for approval, which is the default", needs=["mcp"])
async def approval(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        events, request = await _asked(session, server)
        before = [*events, *await session.rest()]
        start = len(session.events)
        await session.send("conversation.item.create", item=_answer(request, approve=True))
        await session.until(*RUN[1:])
        after = [*session.events[start:], *await session.rest()]
    checks.equal("asked", at(request, "server_label"), "library")
    told = [text(request, "name"), text(request, "arguments")]
    checks.that("tells-the-call", all(told), expected="the tool's name and its arguments", actual=told)
    checks.empty("not-called-before", of_type(before, *RUN))
    checks.equal("called-once-approved", kinds(of_type(after, *RUN))[:1], [RUN[0]])
    checks.equal("ends", len(of_type(after, *RUN[1:])), 1)


@case("TOOL-013", "A call that is not approved is not made", needs=["mcp"])
async def refusal(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        _, request = await _asked(session, server)
        await session.send("conversation.item.create", item=_answer(request, approve=False))
        after = await session.rest(within=session.lull * 4)
        await session.write("Say hello.")
        events = await session.respond(tool_choice="none")
    checks.empty("not-called", of_type(after, *RUN[:2]))
    checks.equal("conversation-goes-on", at(events[-1], "response.status"), "completed")


@case("TOOL-014", "An MCP server that contradicts itself is refused", needs=["mcp"])
async def contradictions(server: Server, checks: Checks) -> None:
    one = _tool(server)
    token = {"authorization": "token", "headers": {"Authorization": "Bearer token"}}
    wrong: dict[str, list[dict[str, Any]]] = {
        "label-twice": [one, one],
        "two-places": [{**one, "connector_id": "connector_gmail"}],
        "no-place": [{"type": "mcp", "server_label": "nowhere"}],
        "two-authorizations": [{**one, **token}],
    }
    async with server.session(**TEXT) as session:
        start = len(session.events)
        for slug, tools in wrong.items():
            error = await session.refusal({"type": "session.update", "session": {"type": "realtime", "tools": tools}})
            checks.that(slug, bool(error), expected="an error", actual="none")
        came = session.events[start:]
    checks.empty("nothing-listed", of_type(came, "session.updated", "mcp_list_tools.in_progress"))


CASES = (listing, call, approval, refusal, contradictions)
