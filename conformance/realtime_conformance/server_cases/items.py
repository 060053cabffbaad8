"""The conversation: items that clients create, place, look up and delete."""

from __future__ import annotations

import base64
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import Event, at, item_id, kinds, of_type, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT, message

CREATE = "conversation.item.create"
RETRIEVE = "conversation.item.retrieve"
DELETE = "conversation.item.delete"
SECOND_OF_SILENCE = base64.b64encode(bytes(48_000)).decode()
STRIPES = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAEklEQVR42mP4AAUMo4xRBukMACHk4BB9bzJSAAAAAElFTkSuQmCC"
)
"""An image of 64 by 64 pixels."""


@case("ITEM-001", "A user message is added and done, and nothing more happens")
async def user_message(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.send(CREATE, item=message("The sea is calm today."))
        came = await session.rest()
    about = of_type(came, "conversation.item.added", "conversation.item.done")
    checks.equal("added-and-done", kinds(about), ["conversation.item.added", "conversation.item.done"])
    added, done = at(about[:1], "0.item"), at(about[-1:], "0.item")
    checks.that("has-an-id", bool(text(added, "id")), expected="an id that the server made", actual=at(added, "id"))
    checks.equal("one-item", at(done, "id"), at(added, "id"))
    checks.equal("role", at(added, "role"), "user")
    part = {"type": "input_text", "text": "The sea is calm today."}
    checks.equal("content-when-added", at(added, "content"), [part])
    checks.equal("content-when-done", at(done, "content"), [part])
    checks.equal("completed-at-once", [at(added, "status"), at(done, "status")], ["completed"] * 2)
    checks.empty("no-response", of_type(came, "response.created"))


@case("ITEM-002", "A client may choose the id of its item")
async def chosen_id(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        item = await session.write("The sky is grey.", id="my_item_1")
        await session.send(RETRIEVE, item_id="my_item_1")
        retrieved = await session.until("conversation.item.retrieved")
    checks.equal("kept", at(item, "id"), "my_item_1")
    checks.equal("found-by-it", at(retrieved, "item.id"), "my_item_1")
    checks.equal("content", text(retrieved, "item.content.0.text"), "The sky is grey.")


async def _placed(session: Dialogue, name: str, **fields: Any) -> str | None:
    """Create an item called `name` and give what it is said to follow."""
    await session.send(CREATE, item=message(f"This is {name}.", id=name), **fields)
    added = await session.until("conversation.item.added", where=lambda event: item_id(event) == name)
    await session.until("conversation.item.done")
    previous: str | None = at(added, "previous_item_id")
    return previous


@case("ITEM-003", "Items are placed where the client wants them")
async def placement(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        checks.equal("first-has-no-predecessor", await _placed(session, "one"), None)
        checks.equal("appended", await _placed(session, "two"), "one")
        checks.equal("at-the-root", await _placed(session, "zero", previous_item_id="root"), None)
        checks.equal("behind-a-named-item", await _placed(session, "half", previous_item_id="one"), "one")
        checks.equal("last-is-still-last", await _placed(session, "three"), "two")
        checks.equal("behind-the-inserted", await _placed(session, "most", previous_item_id="half"), "half")
        checks.equal("empty-appends", await _placed(session, "four", previous_item_id=""), "three")


@case("ITEM-004", "An item behind an unknown one is refused")
async def unknown_predecessor(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("This is one.", id="one")
        lost = {"type": CREATE, "previous_item_id": "nobody", "item": message("Lost.", id="lost")}
        start = len(session.events)
        error = await session.refusal(lost)
        came = session.events[start:]
        missing = await session.refusal({"type": RETRIEVE, "item_id": "lost"})
        after = await _placed(session, "two")
    checks.that("refused", bool(error), expected="an error", actual=kinds(came))
    checks.empty("not-added", of_type(came, "conversation.item.added", "conversation.item.done"))
    checks.that("not-there", bool(missing), expected="an error: there is no such item", actual="none")
    checks.equal("conversation-goes-on", after, "one")


@case("ITEM-005", "An item is retrieved")
async def retrieval(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        item = await session.write("Seven lamps burn.")
        await session.send(RETRIEVE, item_id=text(item, "id"))
        retrieved = await session.until("conversation.item.retrieved")
        error = await session.refusal({"type": RETRIEVE, "item_id": "nobody"})
    checks.equal("same-item", at(retrieved, "item.id"), at(item, "id"))
    checks.equal("content", at(retrieved, "item.content"), at(item, "content"))
    checks.equal("role", at(retrieved, "item.role"), "user")
    checks.that("unknown-refused", bool(error), expected="an error", actual="none")
    checks.equal("unknown-code", at(error, "code"), "item_retrieve_invalid_item_id")
    said = "Error retrieving item: the item with id 'nobody' does not exist."
    checks.equal("unknown-message", at(error, "message"), said)


@case("ITEM-006", "An item is deleted")
async def deletion(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("This is one.", id="one")
        await session.write("This is two.", id="two")
        await session.send(DELETE, item_id="two")
        deleted = await session.until("conversation.item.deleted")
        gone = await session.refusal({"type": RETRIEVE, "item_id": "two"})
        again = await session.refusal({"type": DELETE, "item_id": "two"})
        after = await _placed(session, "three")
    checks.equal("acknowledged", at(deleted, "item_id"), "two")
    checks.that("gone", bool(gone), expected="an error: there is no such item", actual="none")
    checks.that("second-time-refused", bool(again), expected="an error", actual="none")
    checks.equal("second-time-code", at(again, "code"), "item_delete_invalid_item_id")
    said = "Error deleting item: the item with id 'two' does not exist."
    checks.equal("second-time-message", at(again, "message"), said)
    checks.equal("follows-nothing-any-more", after, "one")


async def _created(session: Dialogue, item: dict[str, Any]) -> Event:
    """Create an item and give it as it was done."""
    await session.send(CREATE, item=item)
    done: Event = at(await session.until("conversation.item.done"), "item") or {}
    return done


@case("ITEM-007", "A history is put back: messages of every role, calls and their outputs")
async def history(server: Server, checks: Checks) -> None:
    said = [{"type": "output_text", "text": "Four."}]
    told = [{"type": "input_text", "text": "Be exact."}]
    call = {"type": "function_call", "name": "add", "call_id": "call_1", "arguments": '{ "a": 2, "b": 2 }'}
    async with server.session(**TEXT) as session:
        system = await _created(session, {"type": "message", "role": "system", "content": told})
        assistant = await _created(session, {"type": "message", "role": "assistant", "content": said})
        called = await _created(session, call)
        output = await _created(session, {"type": "function_call_output", "call_id": "call_1", "output": "4"})
        await session.write("And three and three?")
        events = await session.respond()
    checks.equal("system", [at(system, "role"), at(system, "content")], ["system", told])
    checks.equal("assistant", [at(assistant, "role"), at(assistant, "content")], ["assistant", said])
    checks.equal("call", {key: at(called, key) for key in call}, call)
    kept = [at(output, key) for key in ("type", "call_id", "output")]
    checks.equal("output", kept, ["function_call_output", "call_1", "4"])
    checks.equal("answers-behind-it", at(events[-1], "response.status"), "completed")


@case("ITEM-008", "A user message may be speech", needs=["audio"])
async def spoken_item(server: Server, checks: Checks) -> None:
    part = {"type": "input_audio", "audio": SECOND_OF_SILENCE}
    async with server.session() as session:
        await session.send(CREATE, item={"type": "message", "role": "user", "content": [part]})
        added = await session.until("conversation.item.added")
        done = await session.until("conversation.item.done")
        await session.send(RETRIEVE, item_id=item_id(done))
        retrieved = await session.until("conversation.item.retrieved")
    checks.equal("added", at(added, "item.content.0.type"), "input_audio")
    sent = [at(event, "item.content.0.audio") for event in (added, done)]
    checks.equal("without-its-audio", sent, [None, None])
    audio = text(retrieved, "item.content.0.audio")
    checks.that("retrieved-with-audio", bool(audio), expected="the audio, in base64", actual=audio[:20])


@case("ITEM-009", "A user message may show an image", needs=["images"])
async def image_item(server: Server, checks: Checks) -> None:
    parts = [{"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": STRIPES}]
    async with server.session(**TEXT) as session:
        done = await _created(session, {"type": "message", "role": "user", "content": parts})
        events = await session.respond()
    found = [at(done, f"content.{index}.type") for index in (0, 1)]
    checks.equal("added", found, ["input_text", "input_image"])
    checks.equal("answers", at(events[-1], "response.status"), "completed")


@case("ITEM-010", "What a response says is in the conversation")
async def answers_stay(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.", id="question")
        events = await session.respond()
        answer = at(events[-1], "response.output.0")
        await session.send(RETRIEVE, item_id=text(answer, "id"))
        retrieved = await session.until("conversation.item.retrieved")
        after = await _placed(session, "next")
    added = of_type(events, "conversation.item.added")
    checks.equal("added-behind-the-question", at(added[:1], "0.previous_item_id"), "question")
    checks.equal("retrieved", at(retrieved, "item.id"), at(answer, "id"))
    checks.equal("content", at(retrieved, "item.content"), at(answer, "content"))
    checks.equal("precedes-what-comes-next", after, at(answer, "id"))


@case("ITEM-011", "A client cannot create what it may not say")
async def forbidden_items(server: Server, checks: Checks) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "system-cannot-speak": {"role": "system", "content": [{"type": "input_audio", "audio": SECOND_OF_SILENCE}]},
        "user-cannot-output": {"role": "user", "content": [{"type": "output_text", "text": "Hello."}]},
        "assistant-cannot-input": {"role": "assistant", "content": [{"type": "input_text", "text": "Hello."}]},
        "assistant-needs-text": {"role": "assistant", "content": [{"type": "output_audio", "transcript": "Hello."}]},
    }
    async with server.session(**TEXT) as session:
        start = len(session.events)
        for slug, item in wrong.items():
            error = await session.refusal({"type": CREATE, "item": {"type": "message", **item}})
            checks.that(slug, bool(error), expected="an error", actual="none")
        came = session.events[start:]
        after = await _placed(session, "next")
    checks.empty("nothing-added", of_type(came, "conversation.item.added", "conversation.item.done"))
    checks.equal("conversation-is-empty", after, None)


CASES = (
    user_message,
    chosen_id,
    placement,
    unknown_predecessor,
    retrieval,
    deletion,
    history,
    spoken_item,
    image_item,
    answers_stay,
    forbidden_items,
)
