"""A WebSocket that is attached to a call: it sees and steers the same session."""

from __future__ import annotations

from realtime_conformance.case import case
from realtime_conformance.checks import Checks, Unreached
from realtime_conformance.events import at, kinds
from realtime_conformance.server import Server, call_id
from realtime_conformance.server_cases.speaking import MANUAL, played
from realtime_conformance.targets.base import Ended, Opening, Refused, Request

SAY_SOMETHING = "Say hello."
INSTRUCTIONS = "Answer in Latin."
STARTED, STOPPED = "output_audio_buffer.started", "output_audio_buffer.stopped"
UNKNOWN_CALL = "rtc_conformance_no_such_call"
WRONG_KEY = "undefined"
QUIET = -50.0
NEEDS = ("webrtc", "http", "sideband")
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "Y29uZm9ybWFuY2VrZXkhIQ==",
}
"""An upgrade as a plain request, so that the body of its refusal can be read."""


@case("SIDE-001", "A sideband shares the session of the call", needs=NEEDS)
async def attached(server: Server, checks: Checks) -> None:
    async with server.call() as (talk, call), server.sideband(call) as sideband:
        checks.empty("begins-silent", kinds(await sideband.rest()))
        updated = await sideband.update(instructions=INSTRUCTIONS)
        checks.equal("updates", updated.get("instructions"), INSTRUCTIONS)
        checks.equal("one-session", updated.get("id"), at(talk.events[0], "session.id"))
        told = await talk.until("session.updated")
        checks.equal("call-is-told", at(told, "session.instructions"), INSTRUCTIONS)
        await talk.update(output_modalities=["text"])
        heard = await sideband.until("session.updated")
        checks.equal("is-told-of-the-call", at(heard, "session.output_modalities"), ["text"])


@case("SIDE-002", "A sideband has the assistant speak", needs=[*NEEDS, "audio"])
async def speaks(server: Server, checks: Checks) -> None:
    async with server.call(audio=MANUAL) as (_, call), server.sideband(call) as sideband:
        await sideband.write(SAY_SOMETHING)
        await sideband.send("response.create")
        await played(sideband)
        seconds = sum(sound.seconds for sound in call.heard if sound.level > QUIET)
    checks.that("user-hears-it", seconds > 0.5, expected="more than 0.5 s of speech", actual=seconds)
    told = kinds(sideband.events)
    checks.equal("is-told-of-playback", [kind for kind in told if kind in (STARTED, STOPPED)], [STARTED, STOPPED])
    checks.that("is-told-of-the-answer", "response.done" in told, expected="response.done", actual=told)
    checks.empty("gets-no-audio", [kind for kind in told if kind == "response.output_audio.delta"])


@case("SIDE-003", "A call that is none has no sideband", needs=NEEDS)
async def unknown(server: Server, checks: Checks) -> None:
    answer = await server.request(Request("GET", f"/realtime?call_id={UNKNOWN_CALL}", headers=UPGRADE))
    checks.equal("status", answer.status, 404)
    checks.equal("code", at(answer.json, "error.code"), "call_id_not_found")


@case("SIDE-004", "A call outlives its sideband", needs=NEEDS)
async def left(server: Server, checks: Checks) -> None:
    async with server.call() as (talk, call):
        async with server.sideband(call) as sideband:
            await sideband.update(output_modalities=["text"])
        await talk.until("session.updated")
        await talk.write("Say hello.")
        events = await talk.respond()
        checks.equal("call-goes-on", at(events[-1], "response.status"), "completed")
        async with server.sideband(call) as second:
            updated = await second.update(instructions=INSTRUCTIONS)
        checks.equal("another-can-attach", updated.get("instructions"), INSTRUCTIONS)


@case("SIDE-005", "A sideband ends with its call", needs=NEEDS)
async def over(server: Server, checks: Checks) -> None:
    async with server.call() as (_, call), server.sideband(call) as sideband:
        await sideband.update(output_modalities=["text"])
        await server.request(Request("POST", f"/realtime/calls/{call_id(call)}/hangup"))
        checks.that("is-closed", await sideband.ends(), expected="a close", actual="it stayed open")
        checks.that("none-attaches", await _is_refused(server, call_id(call)), expected="a refusal", actual="attached")


@case("SIDE-006", "A call without a data channel is steered by its sideband", needs=[*NEEDS, "audio"])
async def without_channel(server: Server, checks: Checks) -> None:
    async with server.call(Opening(channel=None)) as (_, call), server.sideband(call) as sideband:
        await sideband.update(audio=MANUAL)
        await sideband.write(SAY_SOMETHING)
        events = await sideband.respond()
        checks.equal("answers", at(events[-1], "response.status"), "completed")
        await played(sideband)
        seconds = sum(sound.seconds for sound in call.heard if sound.level > QUIET)
    checks.that("user-hears-it", seconds > 0.5, expected="more than 0.5 s of speech", actual=seconds)


@case("SIDE-007", "Nobody attaches without a right key", needs=[*NEEDS, "keys"])
async def wrong_key(server: Server, checks: Checks) -> None:
    async with server.call() as (_, call):
        for slug, key in (("wrong-key-is-refused", WRONG_KEY), ("no-key-is-refused", "")):
            refused = await _is_refused(server, call_id(call), key=key)
            checks.that(slug, refused, expected="a refusal", actual="attached")


async def _is_refused(server: Server, name: str, *, key: str | None = None) -> bool:
    """Whether no sideband comes about: none is upgraded, or it is closed before it can do anything."""
    try:
        async with server.target.attach(name, Opening(key=key)) as connection:
            await connection.receive(server.patience)
            await connection.receive(server.patience)
    except (Refused, Ended):
        return True
    except Unreached:
        return False
    return False


CASES = (attached, speaks, unknown, left, over, without_channel, wrong_key)
