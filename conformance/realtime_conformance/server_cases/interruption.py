"""An answer that is cut off: by the client, by the user who speaks, and afterwards, where it was not heard."""

from __future__ import annotations

from typing import Any

from realtime_conformance import voice
from realtime_conformance.case import case
from realtime_conformance.checks import Checks, Unreached
from realtime_conformance.events import at, entries, item_id, kinds, response_id, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import end_of
from realtime_conformance.server_cases.speaking import (
    MANUAL,
    begin_story,
    listening,
    reason_of,
    said_item,
    turn_of,
)
from realtime_conformance.transcript import Event

SAY_SOMETHING = "Say hello, and tell me your favourite season."
HEARD_MS = 300
HOUR_MS = 3_600_000
TRUNCATE: dict[str, Any] = {"content_index": 0, "audio_end_ms": HEARD_MS}


def truncation(item: Event, **fields: Any) -> Event:
    """A truncation of an item."""
    return {"type": "conversation.item.truncate", **TRUNCATE, "item_id": text(item, "id"), **fields}


@case("INT-001", "The client cancels a spoken answer", needs=["audio"])
async def cancelled(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        created = await begin_story(session)
        await session.send("response.cancel")
        done = await end_of(session, created)
        checks.equal("cancelled", at(done, "response.status"), "cancelled")
        checks.equal("reason", reason_of(done), "client_cancelled")
        checks.empty("nothing-after-done", [kind for kind in kinds(await session.rest()) if _is_of_a_response(kind)])
        statuses = [at(item, "status") for item in entries(done, "response.output")]
        checks.equal("item-is-incomplete", statuses, ["incomplete"])
        await session.write(SAY_SOMETHING)
        events = await session.respond()
    checks.equal("answers-again", at(events[-1], "response.status"), "completed")


@case("INT-002", "The user speaks into an answer", needs=["audio", "vad"])
async def interrupted(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=True, interrupt_response=True)) as session:
        created = await begin_story(session)
        await session.speak(voice.speech() + voice.silence(0.8))
        turn = await turn_of(session)
        checks.passed("turn-is-found")
        await end_of(session, created)
        done = _end_of_interrupted(session.events, created)
        checks.equal("cancelled", at(done, "response.status"), "cancelled")
        checks.equal("reason", reason_of(done), "turn_detected")
        answer = await session.after(turn.start, "response.created")
        await end_of(session, answer)
        checks.passed("is-answered")
    ended = next(place for place, event in enumerate(session.events) if event is done)
    late = (event for event in session.events[ended + 1 :] if response_id(event) == response_id(done))
    checks.empty("nothing-after-done", [kind for kind in kinds(late) if _is_of_a_response(kind)])


@case("INT-003", "With interrupt_response off the answer goes on", needs=["audio", "vad"])
async def not_interrupted(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=False, interrupt_response=False)) as session:
        created = await begin_story(session)
        await session.speak(voice.speech() + voice.silence(0.8))
        await turn_of(session)
        checks.passed("turn-is-found")
        done = await end_of(session, created)
    checks.equal("completed", at(done, "response.status"), "completed")


@case("INT-004", "An answer is truncated to what was heard", needs=["audio", "truncation"])
async def truncated(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        item = await said_item(session, SAY_SOMETHING)
        await session.send("conversation.item.truncate", **TRUNCATE, item_id=text(item, "id"))
        told = await session.until("conversation.item.truncated")
        checks.passed("confirmed")
        checks.equal("names-the-item", item_id(told), text(item, "id"))
        place = (told.get("content_index"), told.get("audio_end_ms"))
        checks.equal("names-the-place", place, (0, HEARD_MS))
        await session.send("conversation.item.retrieve", item_id=text(item, "id"))
        left = await session.until("conversation.item.retrieved")
        whole, rest = _transcripts({"item": item}), _transcripts(left)
        checks.that("transcript-is-gone", rest != whole, expected="none, or a part of it", actual=rest)
        await session.write(SAY_SOMETHING)
        events = await session.respond()
    checks.equal("answers-again", at(events[-1], "response.status"), "completed")


@case("INT-005", "An answer cannot be truncated beyond its end", needs=["audio", "truncation"])
async def truncated_too_far(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        item = await said_item(session, SAY_SOMETHING)
        error = await session.refusal(truncation(item, audio_end_ms=HOUR_MS))
        checks.that("refused", bool(error), expected="an error", actual=error)
        checks.equal("code", error.get("code"), "invalid_value")
        told = str(error.get("message"))
        checks.that("says-how-far", str(HOUR_MS) in told, expected=f"{HOUR_MS} ms in the message", actual=told)
        await session.send("conversation.item.truncate", **TRUNCATE, item_id=text(item, "id"))
        await session.until("conversation.item.truncated")
    checks.passed("goes-on")


@case("INT-006", "An item that is none cannot be truncated", needs=["truncation"])
async def truncated_unknown(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        error = await session.refusal(truncation({"id": "item_that_never_was"}, event_id="event_1"))
        checks.that("refused", bool(error), expected="an error", actual=error)
        checks.equal("code", error.get("code"), "item_truncate_invalid_item_id")
        checks.equal("names-the-event", error.get("event_id"), "event_1")


@case("INT-007", "What the assistant did not speak cannot be truncated", needs=["truncation"])
async def truncated_text(server: Server, checks: Checks) -> None:
    async with server.session(output_modalities=["text"]) as session:
        answer = await said_item(session, "Say hello.")
        mine = await session.write("Goodbye.")
        for slug, item in (("of-the-user", mine), ("of-text", answer)):
            error = await session.refusal(truncation(item))
            checks.that(f"{slug}-is-refused", bool(error), expected="an error", actual=error)
            checks.equal("code", error.get("code"), "unsupported_content_type", note=slug)


@case("INT-008", "A truncation says of what, and where", needs=["truncation"])
async def truncated_incompletely(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        whole = truncation({"id": "item_1"})
        for name in ("item_id", "content_index", "audio_end_ms"):
            slug = name.replace("_", "-")
            error = await session.refusal({key: value for key, value in whole.items() if key != name})
            checks.that(f"without-{slug}-is-refused", bool(error), expected="an error", actual=error)
            named = (error.get("code"), error.get("param"))
            checks.equal("says-what-is-missing", named, ("missing_required_parameter", name))


@case("INT-009", "Where nothing is played nothing can be cleared", needs=["websocket"])
async def cleared_on_a_websocket(server: Server, checks: Checks) -> None:
    async with server.session() as session:
        error = await session.refusal({"type": "output_audio_buffer.clear"})
        checks.that("refused", bool(error), expected="an error", actual=error)
        checks.equal("code", (error.get("code"), error.get("param")), ("invalid_value", "type"))
        await session.update(instructions="Answer in one word.")
    checks.passed("goes-on")


def _end_of_interrupted(events: list[Event], created: Event) -> Event:
    """The `response.done` of a response into which the user spoke; it may come before `speech_started` or after it.

    Raises:
        Unreached: it was complete before, so there was nothing to interrupt.
    """
    wanted, came = response_id(created), kinds(events)
    place = next(
        number
        for number, event in enumerate(events)
        if came[number] == "response.done" and response_id(event) == wanted
    )
    done = events[place]
    if at(done, "response.status") == "completed" and "input_audio_buffer.speech_started" not in came[:place]:
        raise Unreached("the answer was over before the user's speech was noticed; it was asked to be long")
    return done


def _transcripts(event: Event) -> list[str]:
    found = (text(part, "transcript") for part in entries(event, "item.content"))
    return [transcript for transcript in found if transcript]


def _is_of_a_response(kind: str) -> bool:
    return kind.startswith("response.")


CASES = (
    cancelled,
    interrupted,
    not_interrupted,
    truncated,
    truncated_too_far,
    truncated_unknown,
    truncated_text,
    truncated_incompletely,
    cleared_on_a_websocket,
)
