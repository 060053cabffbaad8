"""Errors: their shape, their codes and params, and that a session survives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.events import at, kinds, of_type, picked, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import LOOK, TEXT, begin, end_of, message

Row = tuple[dict[str, Any], str, str]
"""A wrong event, and the code and the param of its error."""

LIVES = 20
"""Wrong events in a row."""


def _update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **session}}


def _item(**fields: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": {**message("Hello."), **fields}}


def _respond(**response: Any) -> dict[str, Any]:
    return {"type": "response.create", "response": response}


def _input(**settings: Any) -> dict[str, Any]:
    return _update(audio={"input": settings})


async def _judge(server: Server, checks: Checks, rows: Mapping[str, Row]) -> None:
    """Send each wrong event, hold its error to its code and param, and all of them to be refused and nothing more."""
    unrefused = []
    async with server.session(**TEXT) as session:
        start = len(session.events)
        for slug, (event, code, param) in rows.items():
            error = await session.refusal(event)
            checks.equal(slug, picked(error, "code", "param"), {"code": code, "param": param})
            unrefused += [] if error else [slug]
        came = session.events[start:]
    checks.empty("each-refused", unrefused)
    other = [kind for kind in kinds(came) if kind not in ("error", "input_audio_buffer.cleared")]
    checks.empty("nothing-else", other)


@case("ERR-001", "An error tells what is wrong, and with which event")
async def shape(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        named = await session.refusal({**_update(colour="red"), "event_id": "my_event_1"})
        await session.send_wrong(_update(colour="red"))
        nameless = at(await session.until("error"), "error")
    checks.that("type-and-message", bool(text(named, "type") and text(named, "message")), expected="both", actual=named)
    checks.equal("names-the-event", at(named, "event_id"), "my_event_1")
    checks.has("all-keys", nameless, ("type", "code", "message", "param", "event_id"))
    checks.equal("no-name-to-give", at(nameless, "event_id"), None)
    checks.equal("type", at(named, "type"), "invalid_request_error")


@case("ERR-002", "An event of no known type is refused")
async def unknown_type(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        unknown = await session.refusal({"type": "response.sing", "event_id": "song_1"})
        typeless = await session.refusal({"event_id": "nothing_1"})
        after = await session.update()
    checks.that("refused", bool(unknown), expected="an error", actual="none")
    checks.equal("code", picked(unknown, "code", "param"), {"code": "invalid_value", "param": "type"})
    told = text(unknown, "message")
    listed = "'session.update'" in told and "'response.create'" in told
    checks.that("lists-the-types", listed, expected="the types that there are", actual=told)
    checks.equal("names-the-event", at(unknown, "event_id"), "song_1")
    checks.that("typeless-refused", bool(typeless), expected="an error", actual="none")
    checks.equal("typeless-code", at(typeless, "code"), "invalid_event")
    checks.that("session-lives", bool(after), expected="an acknowledged update", actual=after)


@case("ERR-003", "Keys that the API does not have are refused, among them those of the beta")
async def unknown_keys(server: Server, checks: Checks) -> None:
    code = "unknown_parameter"
    rows: dict[str, Row] = {
        "of-a-session": (_update(bogus_field=1), code, "session.bogus_field"),
        "inside-a-session": (_update(audio={"output": {"pitch": 2}}), code, "session.audio.output.pitch"),
        "beta-modalities": (_update(modalities=["text"]), code, "session.modalities"),
        "beta-voice": (_update(voice="alloy"), code, "session.voice"),
        "beta-format": (_update(input_audio_format="pcm16"), code, "session.input_audio_format"),
        "beta-temperature": (_update(temperature=0.8), code, "session.temperature"),
        "of-an-item": (_item(colour="red"), code, "item.colour"),
        "of-a-response": (_respond(modalities=["text"]), code, "response.modalities"),
        "of-an-event": ({"type": "input_audio_buffer.commit", "colour": "red"}, code, "colour"),
    }
    await _judge(server, checks, rows)


@case("ERR-004", "Events that lack a required key are refused")
async def missing_keys(server: Server, checks: Checks) -> None:
    code = "missing_required_parameter"
    spoken = [{"type": "output_audio", "transcript": "Hello."}]
    truncate = {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0}
    rows: dict[str, Row] = {
        "session": ({"type": "session.update"}, code, "session"),
        "session-type": ({"type": "session.update", "session": {"instructions": "Hi."}}, code, "session.type"),
        "item": ({"type": "conversation.item.create"}, code, "item"),
        "item-type": ({"type": "conversation.item.create", "item": {"role": "user"}}, code, "item.type"),
        "part-text": (_item(role="assistant", content=spoken), code, "item.content[0].text"),
        "item-id": ({"type": "conversation.item.delete"}, code, "item_id"),
        "truncate-end": (truncate, code, "audio_end_ms"),
        "tool-name": (_update(tools=[{"type": "function"}]), code, "session.tools[0].name"),
        "audio": ({"type": "input_audio_buffer.append"}, code, "audio"),
    }
    await _judge(server, checks, rows)


@case("ERR-005", "Values that are none of those allowed are refused")
async def wrong_values(server: Server, checks: Checks) -> None:
    code = "invalid_value"
    rows: dict[str, Row] = {
        "session-type": ({"type": "session.update", "session": {"type": "chat"}}, code, "session.type"),
        "modalities": (_update(output_modalities=["text", "audio"]), code, "session.output_modalities"),
        "tool-choice": (_update(tool_choice="sometimes"), code, "session.tool_choice"),
        "detector": (_input(turn_detection={"type": "magic"}), code, "session.audio.input.turn_detection.type"),
        "noise": (_input(noise_reduction={"type": "no_field"}), code, "session.audio.input.noise_reduction.type"),
        "delay": (
            _input(transcription={"model": "gpt-realtime-whisper", "delay": "bogus"}),
            code,
            "session.audio.input.transcription.delay",
        ),
        "role": (_item(role="narrator"), code, "item.role"),
        "part": (_item(content=[{"type": "output_text", "text": "Hi."}]), code, "item.content[0].type"),
        "conversation": (_respond(conversation="another"), code, "response.conversation"),
    }
    await _judge(server, checks, rows)


@case("ERR-006", "Values of another JSON type are refused")
async def wrong_types(server: Server, checks: Checks) -> None:
    code = "invalid_type"
    rows: dict[str, Row] = {
        "session": ({"type": "session.update", "session": "realtime"}, code, "session"),
        "instructions": (_update(instructions=5), code, "session.instructions"),
        "tools": (_update(tools="look_up"), code, "session.tools"),
        "content": (_item(content="Hello."), code, "item.content"),
        "metadata": (_respond(metadata=["topic"]), code, "response.metadata"),
        "item-id": ({"type": "conversation.item.delete", "item_id": 7}, code, "item_id"),
    }
    await _judge(server, checks, rows)


@case("ERR-007", "Numbers beyond their limits are refused")
async def wrong_numbers(server: Server, checks: Checks) -> None:
    low, high = "integer_below_min_value", "integer_above_max_value"
    ratio = {"type": "retention_ratio", "retention_ratio": 1.5}
    idle = {"type": "server_vad", "idle_timeout_ms": 1000}
    rows: dict[str, Row] = {
        "rate": (_input(format={"type": "audio/pcm", "rate": 16000}), low, "session.audio.input.format.rate"),
        "no-tokens": (_update(max_output_tokens=0), low, "session.max_output_tokens"),
        "too-many-tokens": (_update(max_output_tokens=4097), high, "session.max_output_tokens"),
        "idle-timeout": (_input(turn_detection=idle), low, "session.audio.input.turn_detection.idle_timeout_ms"),
        "speed": (_update(audio={"output": {"speed": 1.6}}), "decimal_above_max_value", "session.audio.output.speed"),
        "slowness": (
            _update(audio={"output": {"speed": 0.2}}),
            "decimal_below_min_value",
            "session.audio.output.speed",
        ),
        "ratio": (_update(truncation=ratio), "decimal_above_max_value", "session.truncation.retention_ratio"),
    }
    await _judge(server, checks, rows)


@case("ERR-008", "Texts beyond their limits are refused")
async def long_texts(server: Server, checks: Checks) -> None:
    code = "string_above_max_length"
    described = {**LOOK, "description": "x" * 1025}
    rows: dict[str, Row] = {
        "description": (_update(tools=[LOOK, described]), code, "session.tools[1].description"),
        "metadata": (_respond(metadata={"topic": "x" * 513}), code, "response.metadata.topic"),
        "event-id": ({"type": "response.cancel", "event_id": "x" * 513}, code, "event_id"),
    }
    await _judge(server, checks, rows)


@case("ERR-009", "Errors have the service's words")
async def words(server: Server, checks: Checks) -> None:
    slow = {"type": "audio/pcm", "rate": 16000}
    rows = {
        "unknown-key": (_update(bogus_field=1), "Unknown parameter: 'session.bogus_field'."),
        "missing-key": ({"type": "session.update", "session": {}}, "Missing required parameter: 'session.type'."),
        "number": (
            _input(format=slow),
            (
                "Invalid 'session.audio.input.format.rate': integer below minimum value. "
                "Expected a value >= 24000, but got 16000 instead."
            ),
        ),
        "text": (
            _update(tools=[{**LOOK, "description": "x" * 1100}]),
            (
                "Invalid 'session.tools[0].description': string too long. "
                "Expected a string with maximum length 1024, but got a string with length 1100 instead."
            ),
        ),
        "value": (
            _input(transcription={"model": "gpt-realtime-whisper", "delay": "bogus"}),
            "Invalid value: 'bogus'. Supported values are: 'minimal', 'low', 'medium', 'high', and 'xhigh'.",
        ),
    }
    async with server.session(**TEXT) as session:
        for slug, (event, said) in rows.items():
            checks.equal(slug, at(await session.refusal(event), "message"), said)


@case("ERR-010", "A session survives many errors, each answered once and by name")
async def many_errors(server: Server, checks: Checks) -> None:
    names = [f"wrong_{number}" for number in range(LIVES)]
    async with server.session(**TEXT) as session:
        start = len(session.events)
        for name in names:
            await session.send_wrong({**_update(colour="red"), "event_id": name})
        came = [await session.next(), *await session.rest()]
        await session.write("Say hello.")
        events = await session.respond()
    errors = of_type(session.events[start:], "error")
    checks.equal("one-each", len(errors), LIVES)
    checks.equal("by-name-in-order", [at(event, "error.event_id") for event in errors], names)
    checks.empty("nothing-else", [kind for kind in kinds(came) if kind != "error"])
    checks.equal("answers-afterwards", at(events[-1], "response.status"), "completed")


@case("ERR-011", "An error does not disturb the active response")
async def error_during_response(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        await session.send_wrong({**_update(colour="red"), "event_id": "wrong_1"})
        error = await session.until("error")
        done = await end_of(session, created)
    checks.equal("answered", at(error, "error.event_id"), "wrong_1")
    checks.equal("response-completes", at(done, "response.status"), "completed")


@case("ERR-012", "A session that talks does not become one that transcribes")
async def other_kind(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        error = await session.refusal({"type": "session.update", "session": {"type": "transcription"}})
        now = await session.update()
    checks.that("refused", bool(error), expected="an error", actual="none")
    checks.equal("code", at(error, "code"), "invalid_parameter")
    said = "Passing a transcription session update event to a realtime session is not allowed."
    checks.equal("message", at(error, "message"), said)
    checks.equal("stays", at(now, "type"), "realtime")


@case("ERR-013", "There is no playback to clear where audio comes as events")
async def no_playback(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        error = await session.refusal({"type": "output_audio_buffer.clear"})
        on_a_call = session.connection.has_microphone
    checks.equal("refused-on-a-websocket-only", bool(error), not on_a_call)


CASES = (
    shape,
    unknown_type,
    unknown_keys,
    missing_keys,
    wrong_values,
    wrong_types,
    wrong_numbers,
    long_texts,
    words,
    many_errors,
    error_during_response,
    other_kind,
    no_playback,
)
