"""The session: what it begins with, and how it is changed."""

from __future__ import annotations

from realtime_conformance.capabilities import VIRTUAL_CLOCK
from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.events import at, distinct, kinds, of_type, picked, response_id, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import LOOK, TEXT, begin, end_of
from realtime_conformance.targets.base import Ended

DEFAULTS = ("output_modalities", "instructions", "tools", "tool_choice", "max_output_tokens", "audio")
OTHER_KEYS = ("id", "object", "model", "tracing", "truncation", "prompt", "expires_at", "include")
HOUR = 3600.0


@case("SESS-001", "A session begins with its whole configuration")
async def beginning(server: Server, checks: Checks) -> None:
    async with server.connection() as session:
        first = await session.next()
    checks.equal("comes-first", first["type"], "session.created")
    checks.equal("type", at(first, "session.type"), "realtime")
    checks.has("default-settings", at(first, "session"), DEFAULTS)
    checks.has("all-keys", at(first, "session"), OTHER_KEYS)
    found = at(first, "session.id")
    checks.that("id", str(found).startswith("sess_"), expected="sess_...", actual=found)
    checks.equal("object", at(first, "session.object"), "realtime.session")
    model = at(first, "session.model")
    checks.that("model", isinstance(model, str) and bool(model), expected="the name of the model", actual=model)


@case("SESS-002", "A session that nobody changed has the documented defaults")
async def defaults(server: Server, checks: Checks) -> None:
    async with server.connection() as session:
        found = at(await session.until("session.created"), "session")
    told = at(found, "instructions")
    checks.that("instructions", bool(told), expected="instructions of the server's own", actual=told)
    checks.equal("tools", picked(found, "tools", "tool_choice"), {"tools": [], "tool_choice": "auto"})
    checks.equal("max-output-tokens", at(found, "max_output_tokens"), "inf")
    checks.equal("truncation", at(found, "truncation"), "auto")
    checks.equal("tracing", at(found, "tracing"), None)
    checks.equal("modalities", at(found, "output_modalities"), ["audio"])
    pcm = {"type": "audio/pcm", "rate": 24000}
    checks.equal("formats", [at(found, f"audio.{side}.format") for side in ("input", "output")], [pcm, pcm])
    checks.equal("speed", at(found, "audio.output.speed"), 1.0)
    checks.equal("noise-reduction", at(found, "audio.input.noise_reduction"), None)
    checks.equal("transcription", at(found, "audio.input.transcription"), None)
    detector = at(found, "audio.input.turn_detection")
    checks.equal("detector", at(detector, "type"), "server_vad")
    acts = {"create_response": True, "interrupt_response": True}
    checks.equal("detector-acts", picked(detector, *acts), acts)
    tuning = {"threshold": 0.5, "prefix_padding_ms": 300, "idle_timeout_ms": None}
    checks.equal("detector-tuning", picked(detector, *tuning), tuning)


@case("SESS-003", "An update is acknowledged with the whole session, and changes what it names")
async def update(server: Server, checks: Checks) -> None:
    async with server.connection() as session:
        before = at(await session.until("session.created"), "session") or {}
        after = await session.update(instructions="Answer in one word.")
        more = await session.rest()
    checks.empty("acknowledged-once", of_type(more, "session.updated"))
    checks.equal("changed", at(after, "instructions"), "Answer in one word.")
    kept = {key: value for key, value in before.items() if key not in ("instructions", "expires_at")}
    checks.equal("rest-kept", picked(after, *kept), kept)
    checks.equal("whole", sorted(after), sorted(before))


@case("SESS-004", "An update may change many settings at once")
async def many_settings(server: Server, checks: Checks) -> None:
    settings: dict[str, object] = {"instructions": "Be brief.", "output_modalities": ["text"], "tools": [LOOK]}
    settings |= {"tool_choice": "required", "max_output_tokens": 500}
    back = {"tools": [], "tool_choice": "auto", "max_output_tokens": "inf", "truncation": "auto"}
    async with server.session() as session:
        after = await session.update(**settings, truncation={"type": "retention_ratio", "retention_ratio": 0.5})
        changed_back = await session.update(**back)
    for slug, key in (
        ("instructions", "instructions"),
        ("modalities", "output_modalities"),
        ("tools", "tools"),
        ("tool-choice", "tool_choice"),
        ("max-output-tokens", "max_output_tokens"),
    ):
        checks.equal(slug, at(after, key), settings[key])
    checks.equal("truncation", at(after, "truncation.retention_ratio"), 0.5)
    checks.equal("tools-cleared", at(changed_back, "tools"), [])
    checks.equal("changed-back", picked(changed_back, *back), back)


def _other_voice(voice: object) -> str:
    """A voice that the API has always had, and not this one."""
    return "echo" if voice == "alloy" else "alloy"


@case("SESS-005", "An update inside `audio` leaves what stands beside it", needs=["audio"])
async def merged_audio(server: Server, checks: Checks) -> None:
    async with server.connection() as session:
        before = at(await session.until("session.created"), "session")
        other = _other_voice(at(before, "audio.output.voice"))
        after = await session.update(audio={"output": {"speed": 1.25}})
        voiced = await session.update(audio={"output": {"voice": other}})
    checks.equal("changed", at(after, "audio.output.speed"), 1.25)
    checks.equal("voice-changed", at(voiced, "audio.output.voice"), other)
    checks.equal("beside-it-kept", at(after, "audio.output.voice"), at(before, "audio.output.voice"))
    checks.equal("earlier-update-kept", at(voiced, "audio.output.speed"), 1.25)
    checks.equal("other-side-kept", at(voiced, "audio.input"), at(before, "audio.input"))


@case("SESS-006", "The voice detector is tuned, and turned off", needs=["vad"])
async def detector(server: Server, checks: Checks) -> None:
    tuned = {"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 200, "silence_duration_ms": 600}
    acts = {"create_response": False, "interrupt_response": False}
    async with server.session() as session:
        first = await session.update(audio={"input": {"turn_detection": tuned}})
        second = await session.update(audio={"input": {"turn_detection": {"type": "server_vad", **acts}}})
        off = await session.update(audio={"input": {"turn_detection": None}})
    checks.equal("tuned", picked(at(first, "audio.input.turn_detection"), *tuned), tuned)
    merged = at(second, "audio.input.turn_detection")
    checks.equal("acts-changed", picked(merged, *acts), acts)
    checks.equal("tuning-kept", picked(merged, *tuned), tuned)
    checks.equal("turned-off", at(off, "audio.input.turn_detection"), None)
    checks.equal("rest-kept", at(off, "audio.input.format"), at(first, "audio.input.format"))


@case("SESS-007", "Transcription and noise reduction are turned on and off", needs=["transcription"])
async def transcription_settings(server: Server, checks: Checks) -> None:
    on = {"transcription": {"model": "whisper-1"}, "noise_reduction": {"type": "near_field"}}
    async with server.session() as session:
        shown = at(await session.update(audio={"input": on}), "audio.input")
        off = at(await session.update(audio={"input": dict.fromkeys(on)}), "audio.input")
    checks.equal("transcription", at(shown, "transcription.model"), "whisper-1")
    shape = {"model": "whisper-1", "language": None, "prompt": None}
    checks.equal("shape", at(shown, "transcription"), shape)
    checks.equal("noise-reduction", at(shown, "noise_reduction.type"), "near_field")
    checks.equal("both-off", picked(off, *on), dict.fromkeys(on))


@case("SESS-008", "An update with one fault changes nothing")
async def faulty_update(server: Server, checks: Checks) -> None:
    faulty = {"type": "realtime", "instructions": "Never.", "tool_choice": "sometimes"}
    async with server.session(instructions="Always.") as session:
        start = len(session.events)
        error = await session.refusal({"type": "session.update", "session": faulty})
        came = session.events[start:]
        now = await session.update(max_output_tokens=400)
    checks.that("refused", bool(error), expected="an error", actual=kinds(came))
    checks.empty("not-acknowledged", of_type(came, "session.updated"))
    checks.equal("unchanged", at(now, "instructions"), "Always.")
    checks.equal("next-update-counts", at(now, "max_output_tokens"), 400)


@case("SESS-009", "The model of a session is not changed by an update")
async def fixed_model(server: Server, checks: Checks) -> None:
    async with server.connection() as session:
        model = at(await session.until("session.created"), "session.model")
        other = "gpt-realtime" if model == "gpt-realtime-mini" else "gpt-realtime-mini"
        await session.send("session.update", session={"type": "realtime", "model": other})
        await session.until("session.updated", "error")
        now = await session.update(instructions="Go on.")
    checks.equal("stays", at(now, "model"), model)


@case("SESS-010", "The voice is fixed once the assistant has spoken", needs=["audio"])
async def fixed_voice(server: Server, checks: Checks) -> None:
    async with server.session(output_modalities=["audio"]) as session:
        other = _other_voice(at(session.events[-1], "session.audio.output.voice"))
        before = await session.update(audio={"output": {"voice": other}})
        await session.write("Say hello.")
        await session.respond()
        late = {"type": "realtime", "instructions": "Never.", "audio": {"output": {"voice": _other_voice(other)}}}
        error = await session.refusal({"type": "session.update", "session": late})
        now = await session.update(max_output_tokens=400)
    checks.equal("changed-before", at(before, "audio.output.voice"), other)
    checks.that("refused", bool(error), expected="an error", actual="none")
    checks.equal("code", at(error, "code"), "cannot_update_voice")
    checks.equal("stays", at(now, "audio.output.voice"), other)
    checks.equal("discarded-whole", at(now, "instructions"), at(before, "instructions"))


@case("SESS-011", "Updates in a row are acknowledged one by one, in their order")
async def updates_in_a_row(server: Server, checks: Checks) -> None:
    limits = [100, 200, 300, 400, 500]
    async with server.session() as session:
        for limit in limits:
            await session.send("session.update", session={"type": "realtime", "max_output_tokens": limit})
        shown = [at(await session.until("session.updated"), "session.max_output_tokens") for _ in limits]
        more = await session.rest()
    checks.equal("each-in-order", shown, limits)
    checks.empty("no-more", of_type(more, "session.updated"))


@case("SESS-012", "A session can be updated while it answers")
async def update_during_response(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        created = await begin(session)
        updated = await session.update(instructions="Be kind.")
        done = await end_of(session, created)
    checks.equal("acknowledged", at(updated, "instructions"), "Be kind.")
    checks.equal("response-completes", at(done, "response.status"), "completed")


@case("SESS-013", "Sessions share nothing")
async def sessions_apart(server: Server, checks: Checks) -> None:
    async with server.session(instructions="Only here.") as one, server.connection() as other:
        created = at(await other.until("session.created"), "session")
        item = await one.write("Nobody else knows this.")
        error = await other.refusal({"type": "conversation.item.retrieve", "item_id": text(item, "id")})
        ids = distinct([at(one.events[0], "session.id"), at(created, "id")])
    told = at(created, "instructions")
    checks.that("default-instructions", told != "Only here.", expected="the default instructions", actual=told)
    checks.that("items-apart", bool(error), expected="an error: there is no such item", actual="none")
    checks.that("ids-differ", len(ids) == 2, expected="two ids", actual=ids)


@case("SESS-014", "A session ends after 60 minutes", needs=[VIRTUAL_CLOCK], slow=True)
async def end_of_session(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as session:
        began = session.connection.now()
        error = await session.until("error", within=HOUR + 120)
        seconds = session.connection.now() - began
        try:
            after: object = await session.next(within=5.0)
        except Ended:
            after = None
    checks.within("after-an-hour", seconds, HOUR - 60, HOUR + 60)
    checks.equal("code", at(error, "error.code"), "session_expired")
    checks.equal("message", at(error, "error.message"), "Your session hit the maximum duration of 60 minutes.")
    checks.equal("closed", after, None)


@case("SESS-015", "A session that was left does not disturb the next")
async def left_session(server: Server, checks: Checks) -> None:
    async with server.session(**TEXT) as left:
        await begin(left)
    async with server.session(**TEXT) as session:
        quiet = await session.rest()
        await session.write("Say hello.")
        events = await session.respond()
        ids = distinct(filter(None, map(response_id, session.events)))
    checks.empty("nothing-comes-of-it", quiet)
    checks.equal("only-its-own-response", ids, [response_id(events[0])])
    checks.equal("answers", at(events[-1], "response.status"), "completed")


CASES = (
    beginning,
    defaults,
    update,
    many_settings,
    merged_audio,
    detector,
    transcription_settings,
    faulty_update,
    fixed_model,
    fixed_voice,
    updates_in_a_row,
    update_during_response,
    sessions_apart,
    end_of_session,
    left_session,
)
