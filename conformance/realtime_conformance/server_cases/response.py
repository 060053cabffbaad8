"""The lifecycle of a response."""

from __future__ import annotations

from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.server import Server

TEXT: dict[str, Any] = {"output_modalities": ["text"]}
LONG = "Tell me a long story, at least ten sentences. It is about a lighthouse, a storm, and a cat."


@case("RESP-001", "A text response goes through its steps")
async def text_response(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write("Say hello.")
        events = await session.respond()
    kinds = [event["type"] for event in events]
    created, done = events[0]["response"], events[-1]["response"]
    checks.equal("created-in-progress", created["status"], "in_progress")
    checks.equal("created-is-empty", created.get("output"), [])
    checks.equal("completed", done["status"], "completed")
    checks.equal("same-response", done["id"], created["id"])
    parts = [kind for kind in kinds if kind.startswith(("response.output_item", "response.content_part"))]
    steps = ["output_item.added", "content_part.added", "content_part.done", "output_item.done"]
    checks.equal("item-and-part-open-and-close", parts, [f"response.{step}" for step in steps])
    said = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    whole = [event["text"] for event in events if event["type"] == "response.output_text.done"]
    checks.equal("deltas-are-the-text", whole, [said])
    texts = [part.get("text") for item in done["output"] for part in item.get("content", ())]
    checks.equal("done-has-the-text", texts, whole)


@case("RESP-002", "A response is cancelled")
async def cancelled_response(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        await session.write(LONG)
        await session.send("response.create")
        created = await session.until("response.created")
        await session.until("response.output_text.delta")
        await session.send("response.cancel")
        done = await session.until("response.done")
        after = await session.rest()
    checks.equal("same-response", done["response"]["id"], created["response"]["id"])
    checks.equal("cancelled", done["response"]["status"], "cancelled")
    reason = (done["response"].get("status_details") or {}).get("reason")
    checks.equal("reason", reason, "client_cancelled")
    late = [event["type"] for event in after if event["type"].startswith("response.")]
    checks.empty("nothing-after-done", late)


CASES = (text_response, cancelled_response)
