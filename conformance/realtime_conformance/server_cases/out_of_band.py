"""Responses outside the conversation, and responses with an input of their own."""

from __future__ import annotations

from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import Event, at, distinct, item_id, joined, kinds, number, of_type, response_id
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT, begin, end_of, message

ASIDE: dict[str, Any] = {"conversation": "none"}
_CREATED, _DONE = "response.created", "response.done"
PAGE = "The lighthouse keeper counts the waves, the ships and the gulls, and writes them down in a long list. " * 6


@case("RESP-015", "A response out of band leaves the conversation alone", needs=["out-of-band"])
async def aside(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.", id="question")
        events = await session.respond(**ASIDE, metadata={"topic": "aside"})
        await session.send("conversation.item.create", item=message("Go on."))
        added = await session.until("conversation.item.added")
    created, done = at(events[0], "response"), at(events[-1], "response")
    checks.equal("of-no-conversation", [at(created, "conversation_id"), at(done, "conversation_id")], [None, None])
    checks.equal("metadata", [at(created, "metadata"), at(done, "metadata")], [{"topic": "aside"}] * 2)
    checks.equal("completed", at(done, "status"), "completed")
    steps = kinds(of_type(events, "response.output_item.added", "response.output_item.done"))
    checks.equal("has-its-items", steps, ["response.output_item.added", "response.output_item.done"])
    checks.empty("no-conversation-items", of_type(events, "conversation.item.added", "conversation.item.done"))
    checks.equal("precedes-nothing", at(added, "previous_item_id"), "question")


@case("RESP-016", "Responses out of band run beside the active one", needs=["out-of-band"])
async def side_by_side(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        main = await begin(session, metadata={"topic": "main"})
        first, second = [await _ask_aside(session, topic) for topic in ("one", "two")]
        ends = [await end_of(session, created) for created in (main, first, second)]
    topics = [at(event, "response.metadata.topic") for event in ends]
    checks.equal("told-apart", topics, ["main", "one", "two"])
    checks.equal("all-complete", [at(event, "response.status") for event in ends], ["completed"] * 3)
    steps = [
        (event["type"], response_id(event)) for event in of_type(session.events, "response.created", "response.done")
    ]
    started, ended = (steps.index(step) for step in ((_CREATED, response_id(first)), (_DONE, response_id(main))))
    checks.that("beside-the-active-one", started < ended, expected="created before the main one is done", actual=steps)
    ids = distinct(response_id(event) for event in ends)
    checks.that("ids-differ", len(ids) == 3, expected="three ids", actual=ids)


async def _ask_aside(session: Dialogue, topic: str) -> Event:
    """Ask for a response out of band and give its `response.created`."""
    asked = {**ASIDE, "metadata": {"topic": topic}, "input": [message(f"Say {topic}.")]}
    await session.send("response.create", response=asked)
    return await session.until("response.created", where=lambda event: at(event, "response.metadata.topic") == topic)


@case("RESP-017", "One of several responses is cancelled by its id", needs=["out-of-band"])
async def one_of_several(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        main = await begin(session)
        await session.send("response.create", response={**ASIDE, "metadata": {"topic": "aside"}})
        other = await session.until("response.created")
        await session.send("response.cancel", response_id=response_id(other))
        cancelled, kept = await end_of(session, other), await end_of(session, main)
    checks.equal("cancelled", at(cancelled, "response.status"), "cancelled")
    checks.equal("the-other-completes", at(kept, "response.status"), "completed")


@case("RESP-018", "A response may be given an input of its own", needs=["out-of-band"])
async def own_input(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Repeat after me: walnut.")
        events = await session.respond(**ASIDE, input=[message("Repeat after me: pomegranate.")])
        await session.send("conversation.item.create", item=message("Go on.", id="next"))
        await session.until("conversation.item.done")
    said = joined(events, "response.output_text")
    checks.that("answers-its-input", "pomegranate" in said.lower(), expected="pomegranate", actual=said)
    checks.that("not-the-conversation", "walnut" not in said.lower(), expected="no walnut", actual=said)
    added = of_type(session.events, "conversation.item.added")
    checks.equal("input-is-not-added", [item_id(event) for event in added[1:]], ["next"])


@case("RESP-019", "An input replaces the conversation, and may refer to it", needs=["out-of-band", "usage"])
async def context(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write(PAGE, id="page")
        await session.write("Say hello.", id="question")
        spent = {}
        for name, given in (
            ("nothing", []),
            ("question", [{"type": "item_reference", "id": "question"}]),
            ("page", [{"type": "item_reference", "id": "page"}, {"type": "item_reference", "id": "question"}]),
        ):
            spent[name] = number((await session.respond(**ASIDE, input=given))[-1], "response.usage.input_tokens")
        spent["all"] = number((await session.respond(**ASIDE))[-1], "response.usage.input_tokens")
    checks.that("empty-sees-nothing", spent["nothing"] < spent["question"], expected="fewer tokens", actual=spent)
    checks.that("reference-is-seen", spent["question"] + 50 < spent["page"], expected="more tokens", actual=spent)
    checks.that("none-is-the-conversation", spent["question"] + 50 < spent["all"], expected="more tokens", actual=spent)


CASES = (aside, side_by_side, one_of_several, own_input, context)
