"""Responses that are cancelled, and responses that are refused."""

from __future__ import annotations

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.events import at, joined, kinds, of_type, picked, response_id, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import TEXT, begin, end_of

CANCELLED = {"type": "cancelled", "reason": "client_cancelled"}


@case("RESP-002", "A response is cancelled")
async def cancelled(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        await session.send("response.cancel")
        done = await session.until("response.done")
        after = await session.rest()
    checks.equal("same-response", response_id(done), response_id(created))
    checks.equal("cancelled", at(done, "response.status"), "cancelled")
    checks.equal("reason", at(done, "response.status_details.reason"), "client_cancelled")
    late = [event["type"] for event in after if event["type"].startswith("response.")]
    checks.empty("nothing-after-done", late)


@case("RESP-010", "A cancelled response closes what it had open, and the conversation goes on")
async def closed_when_cancelled(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        await session.send("response.cancel")
        done = await end_of(session, created)
        own = [event for event in session.events if response_id(event) == response_id(created)]
        await session.write("Say hello.")
        again = await session.respond()
    ends = ["response.output_text.done", "response.content_part.done", "response.output_item.done", "response.done"]
    checks.equal("text-part-and-item-are-done", kinds(own)[-4:], ends)
    said = joined(own, "response.output_text")
    checks.equal("text-so-far", at(of_type(own, ends[0]), "0.text"), said)
    checks.equal("response-keeps-it", at(done, "response.output.0.content.0.text"), said)
    checks.equal("details-name-the-status", at(done, "response.status_details.type"), "cancelled")
    checks.equal("next-response", at(again[-1], "response.status"), "completed")


@case("RESP-011", "A response is cancelled by its id")
async def cancelled_by_id(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        await session.send_wrong({"type": "response.cancel", "response_id": "resp_nobody"})
        await session.send("response.cancel", response_id=response_id(created))
        first = await session.until("error", "response.done")
        done = await end_of(session, created)
    checks.equal("unknown-id-refused", first["type"], "error")
    checks.equal("cancelled", at(done, "response.status"), "cancelled")
    checks.equal("details", picked(at(done, "response.status_details"), *CANCELLED), CANCELLED)


@case("RESP-012", "Nothing can be cancelled where nothing answers")
async def nothing_to_cancel(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        start = len(session.events)
        error = await session.refusal({"type": "response.cancel", "event_id": "cancel_1"})
        came = session.events[start:]
        await session.write("Say hello.")
        events = await session.respond()
    checks.that("refused", bool(error), expected="an error", actual=kinds(came))
    checks.equal("code", at(error, "code"), "response_cancel_not_active")
    checks.equal("message", at(error, "message"), "Cancellation failed: no active response found")
    checks.equal("names-the-event", at(error, "event_id"), "cancel_1")
    checks.empty("no-response", [event for event in came if event["type"].startswith("response.")])
    checks.equal("session-unaffected", at(events[-1], "response.status"), "completed")


@case("RESP-013", "A second response is refused while one is active")
async def second_refused(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        error = await session.refusal({"type": "response.create", "event_id": "create_2"})
        done = await end_of(session, created)
        await session.rest()
        answers = of_type(session.events, "response.created")
        await session.write("Say hello.")
        again = await session.respond()
    checks.that("refused", bool(error), expected="an error", actual="none")
    checks.equal("code", at(error, "code"), "conversation_already_has_active_response")
    message = text(error, "message")
    named = response_id(created)
    checks.that("names-the-active-one", named in message, expected=f"a message that names {named}", actual=message)
    checks.equal("names-the-event", at(error, "event_id"), "create_2")
    checks.equal("nothing-created", [response_id(event) for event in answers], [named])
    checks.equal("first-goes-on", at(done, "response.status"), "completed")
    checks.equal("next-when-it-is-done", at(again[-1], "response.status"), "completed")


@case("RESP-014", "A refused request creates no response")
async def refused_requests(server: Server, checks: Checks) -> None:
    wrong: dict[str, dict[str, object]] = {
        "both-modalities": {"output_modalities": ["text", "audio"]},
        "no-tokens": {"max_output_tokens": 0},
        "unknown-conversation": {"conversation": "another"},
        "too-much-metadata": {"metadata": {f"key{number}": "value" for number in range(17)}},
        "unknown-key": {"mood": "cheerful"},
    }
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        for slug, response in wrong.items():
            error = await session.refusal({"type": "response.create", "response": response})
            checks.that(slug, bool(error), expected="an error", actual="none")
        created = of_type(session.events, "response.created")
        events = await session.respond()
    checks.empty("nothing-created", created)
    checks.equal("session-lives", at(events[-1], "response.status"), "completed")


CASES = (cancelled, closed_when_cancelled, cancelled_by_id, nothing_to_cancel, second_refused, refused_requests)
