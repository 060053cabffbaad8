"""Calls: the SDP answer, the data channel, what the user says and hears, how it is cut off, and how a call ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from realtime_conformance import voice
from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, entries, item_id, kinds, number, of_type, response_id, text
from realtime_conformance.server import Server, call_id
from realtime_conformance.server_cases.speaking import (
    LONGEST_ANSWER,
    MANUAL,
    begin_story,
    listening,
    played,
    said_item,
    turn_of,
)
from realtime_conformance.targets.base import Call, Opening, Request, Silence, Sound
from realtime_conformance.transcript import Event

SAY_SOMETHING = "Say hello, and tell me your favourite season."
INSTRUCTIONS = "Answer in Latin."
STARTED, STOPPED, CLEARED = (f"output_audio_buffer.{step}" for step in ("started", "stopped", "cleared"))
SPEECH_MS = (1_000, 4_000)
LETTERS_PER_SECOND = (4.0, 40.0)
QUIET = -50.0
"""dBFS below which nothing is heard."""

ENOUGH = 0.5
"""Seconds of speech that are some."""

STEP = 0.1
ON_ITS_WAY = 0.5
"""Seconds after a clear in which what had left already may still be heard."""

SMALLEST_LARGE_MESSAGE = 65_536
LARGE = 90_000
"""Bytes of an event that is larger than what a message has to be able to hold."""


@dataclass(frozen=True, slots=True)
class Sdp:
    """A session description: its lines before the first section, and those of each section."""

    session: tuple[str, ...]
    sections: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, text: str) -> Sdp:
        """Split a description."""
        groups: list[list[str]] = [[]]
        for line in text.splitlines():
            if line.startswith("m="):
                groups.append([])
            groups[-1].append(line)
        return cls(tuple(groups[0]), tuple(tuple(group) for group in groups[1:]))

    @property
    def kinds(self) -> list[str]:
        """What each section is about."""
        return [section[0][2:].partition(" ")[0] for section in self.sections]

    def values(self, name: str, kind: str | None = None) -> list[str]:
        """The values of an attribute, in the section of a kind and before all sections, or anywhere."""
        wanted = [section for section, of in zip(self.sections, self.kinds, strict=True) if kind in (None, of)]
        lines = [line for group in (self.session, *wanted) for line in group]
        found = (line[2:].partition(":") for line in lines if line.startswith("a="))
        return [value for key, _, value in found if key == name]


@case("RTC-001", "The SDP answer fits the offer", needs=["webrtc", "http"])
async def sdp_answer(server: Server, checks: Checks) -> None:
    answer = await server.offer()
    sdp = Sdp.of(answer.text)
    checks.that("ends-its-last-line", answer.text.endswith("\r\n"), expected="CRLF", actual=answer.text[-20:])
    checks.equal("sections-as-offered", sdp.kinds, ["audio", "application"])
    checks.equal("mids-as-offered", sdp.values("mid"), ["0", "1"])
    checks.equal("bundled", sorted(" ".join(sdp.values("group")).split()), ["0", "1", "BUNDLE"])
    codecs = sdp.values("rtpmap", "audio")
    has_opus = any("opus/48000" in codec.lower() for codec in codecs)
    checks.that("speaks-opus", has_opus, expected="opus/48000/2", actual=codecs)
    checks.that("opus-keeps-its-number", "111 opus/48000/2" in codecs, expected="111 opus/48000/2", actual=codecs)
    one_way = [word for word in ("sendonly", "recvonly", "inactive") if sdp.values(word, "audio")]
    checks.empty("speaks-and-hears", one_way)
    checks.equal("muxes-rtcp", len(sdp.values("rtcp-mux", "audio")), 1)
    _check_transport(checks, sdp)
    checks.equal("has-an-sctp-port", len(sdp.values("sctp-port", "application")), 1)
    largest = _largest_message(sdp)
    takes = largest >= SMALLEST_LARGE_MESSAGE
    checks.that("takes-large-messages", takes, expected=f"at least {SMALLEST_LARGE_MESSAGE} bytes", actual=largest)
    location = answer.headers.get("location", "").rpartition("/")[2]
    await server.request(Request("POST", f"/realtime/calls/{location}/hangup"))


@case("RTC-010", "A call has the session that was posted beside its offer", needs=["webrtc"])
async def posted_session(server: Server, checks: Checks) -> None:
    asked = {"type": "realtime", "instructions": INSTRUCTIONS, "output_modalities": ["text"]}
    async with server.call(Opening(session=asked)) as (talk, _):
        created = talk.events[0]
    given = (at(created, "session.instructions"), at(created, "session.output_modalities"))
    checks.equal("session-as-asked", given, (INSTRUCTIONS, ["text"]))


@case("RTC-002", "Events go over the data channel", needs=["webrtc"])
async def data_channel(server: Server, checks: Checks) -> None:
    async with server.call() as (talk, call):
        created = talk.events[0]
        checks.equal("created-comes-first", created["type"], "session.created")
        await talk.send("session.update", session={"type": "realtime", "instructions": INSTRUCTIONS})
        message = await call.receive(talk.patience)
        checks.that("messages-are-text", isinstance(message, str), expected="text", actual=type(message).__name__)
        checks.that("one-event-each", _is_event(message), expected="one JSON object", actual=message[:200])
        if call.offer:
            names = (text(created, "session.id").removeprefix("sess_"), call_id(call).removeprefix("rtc_"))
            checks.equal("named-as-the-call", names[0], names[1])


@case("RTC-003", "The user hears the answer", needs=["webrtc", "audio"])
async def heard(server: Server, checks: Checks) -> None:
    async with server.call(audio=MANUAL) as (talk, call):
        await talk.write(SAY_SOMETHING)
        await talk.send("response.create")
        created = await talk.until("response.created")
        started = await _told(talk, STARTED)
        stopped = await played(talk) if started else {}
        await _end_of_sound(call)
    named = [response_id(event) for event in (started, stopped)]
    checks.equal("names-the-response", named, [response_id(created)] * 2)
    came = kinds(talk.events)
    starts_late = _in_order(came, "response.content_part.added", STARTED)
    checks.that("starts-after-its-part", starts_late, expected="the part, then started", actual=_steps(came))
    stops_late = _in_order(came, "response.done", STOPPED)
    checks.that("stops-after-done", stops_late, expected="done, then stopped", actual=_steps(came))
    seconds = _loud_seconds(call.heard)
    checks.within("speech-is-heard", seconds, 0.5, 60.0, note="seconds")
    said = "".join(text(one, "transcript") for one in of_type(talk.events, "response.output_audio_transcript.done"))
    checks.within("pace", len(said) / (seconds or 1.0), *LETTERS_PER_SECOND, note="letters per second of speech")
    late = _loud_seconds(call.heard[-5:]) if stopped else "it was not told when playback was over"
    checks.equal("quiet-in-the-end", late, 0.0, note="seconds of speech in the last 100 ms")
    checks.empty("no-audio-events", [kind for kind in came if kind == "response.output_audio.delta"])


@case("RTC-004", "The user is heard", needs=["webrtc", "audio", "vad"])
async def microphone(server: Server, checks: Checks) -> None:
    async with server.call(audio=listening(create_response=True)) as (talk, call):
        await talk.speak(voice.question())
        turn = await turn_of(talk)
        checks.passed("turn-is-found")
        checks.within("length", turn.length_ms, *SPEECH_MS, note="milliseconds of the turn")
        checks.that("is-answered", await _is_heard(talk, call), expected="speech", actual=_loud_seconds(call.heard))


@case("RTC-005", "The client cuts the answer off", needs=["webrtc", "audio"])
async def cleared(server: Server, checks: Checks) -> None:
    async with server.call(audio=MANUAL) as (talk, call):
        created = await begin_story(talk)
        checks.that("is-playing", await _is_heard(talk, call), expected="speech", actual=_loud_seconds(call.heard))
        # As the API reference has it. The response may be done while it still plays: then the cancel is refused.
        await talk.send("response.cancel", event_id="event_of_cancel")
        await talk.send("output_audio_buffer.clear")
        told = await _told(talk, CLEARED, "error", where=_is_not_of_the_cancel)
        checks.equal("confirmed", told.get("type"), CLEARED, note=str(told.get("error", "")))
        checks.equal("names-the-response", response_id(told), response_id(created))
        await _check_silence(checks, call)
        after = await talk.rest()
    checks.empty("is-not-stopped-too", [kind for kind in kinds(after) if kind == STOPPED])


@case("RTC-006", "The user interrupts the answer", needs=["webrtc", "audio", "vad"])
async def interrupted(server: Server, checks: Checks) -> None:
    async with server.call(audio=listening(create_response=False, interrupt_response=True)) as (talk, call):
        await begin_story(talk)
        spoken = _item_of(talk.events)
        await _is_heard(talk, call)
        await talk.speak(voice.speech())
        await talk.after(0, "input_audio_buffer.speech_started")
        cleared = await _told(talk, CLEARED)
        checks.equal("is-cleared", cleared.get("type"), CLEARED)
        told = await _told(talk, "conversation.item.truncated")
        checks.equal("is-truncated", told.get("type"), "conversation.item.truncated")
        checks.equal("truncates-its-item", item_id(told), spoken)
        most = 1_000 * (_loud_seconds(call.heard) + 1.0)
        checks.within("where-it-was-heard", number(told, "audio_end_ms"), 100, most, note="milliseconds")
        await _check_silence(checks, call)


@case("RTC-007", "A written answer is not played", needs=["webrtc"])
async def written(server: Server, checks: Checks) -> None:
    async with server.call(output_modalities=["text"]) as (talk, _):
        item = await said_item(talk, "Say hello.")
        after = await talk.rest()
    parts = [at(part, "type") for part in entries(item, "content")]
    checks.equal("is-text", parts, ["output_text"])
    played = [kind for kind in kinds([*talk.events, *after]) if kind.startswith("output_audio_buffer.")]
    checks.empty("nothing-is-played", played)


@case("RTC-008", "A call that is hung up is over", needs=["webrtc", "http"])
async def hung_up(server: Server, checks: Checks) -> None:
    async with server.call() as (talk, call):
        answer = await server.request(Request("POST", f"/realtime/calls/{call_id(call)}/hangup"))
        checks.equal("status", answer.status, 200)
        checks.that("channel-closes", await talk.ends(), expected="the channel to close", actual="it stayed open")


@case("RTC-009", "Events may be large", needs=["webrtc"])
async def large(server: Server, checks: Checks) -> None:
    async with server.call() as (talk, call):
        size = min(_largest_message(Sdp.of(call.answer.text)), LARGE)
        tools = [_tool(number) for number in range(size * 9 // 10 // len(json.dumps(_tool(99))))]
        await talk.send("session.update", session={"type": "realtime", "tools": tools})
        answer = await talk.until("session.updated", "error")
    checks.equal("taken", answer["type"], "session.updated", note=str(answer.get("error", ""))[:200])
    names = [at(tool, "name") for tool in entries(answer, "session.tools")]
    checks.equal("comes-back-whole", names, [tool["name"] for tool in tools])


def _check_transport(checks: Checks, sdp: Sdp) -> None:
    checks.one_of("role-is-chosen", next(iter(sdp.values("setup")), None), ["active", "passive"])
    prints = sdp.values("fingerprint")
    strong = any(value.lower().startswith(("sha-256 ", "sha-384 ", "sha-512 ")) for value in prints)
    checks.that("has-a-fingerprint", strong, expected="a fingerprint by SHA-2", actual=prints)
    credentials = [len(next(iter(sdp.values(name, "audio")), "")) for name in ("ice-ufrag", "ice-pwd")]
    long_enough = credentials[0] >= 4 and credentials[1] >= 22
    checks.that("has-ice-credentials", long_enough, expected="4 and 22 characters or more", actual=credentials)
    candidates = sdp.values("candidate")
    checks.that("has-candidates", bool(candidates), expected="a=candidate", actual=candidates)


async def _check_silence(checks: Checks, call: Call) -> None:
    """Check `falls-silent`: nothing is heard any more but what was on its way."""
    since = call.now() + ON_ITS_WAY
    await call.wait(ON_ITS_WAY + 0.4)
    late = _loud_seconds(sound for sound in call.heard if sound.at > since)
    checks.within("falls-silent", late, 0.0, 0.05, note="seconds of speech after it")


async def _told(talk: Dialogue, *kinds: str, where: Callable[[Event], bool] = lambda _event: True) -> Event:
    """The event of these types that came, or comes; empty where none does."""
    with suppress(Silence):
        return await talk.after(0, *kinds, where=where)
    return {}


async def _is_heard(talk: Dialogue, call: Call) -> bool:
    """Whether the user hears some speech, in the time that an answer may take."""
    until = call.now() + talk.patience
    while _loud_seconds(call.heard) < ENOUGH and call.now() < until:
        await call.wait(STEP)
    return _loud_seconds(call.heard) >= ENOUGH


async def _end_of_sound(call: Call) -> None:
    """Listen until nothing has been heard for a while, at most as long as an answer may play."""
    until = call.now() + LONGEST_ANSWER
    while call.now() < until:
        await call.wait(0.4)
        if _loud_seconds(sound for sound in call.heard if sound.at > call.now() - 0.3) == 0.0:
            return


def _largest_message(sdp: Sdp) -> int:
    """Bytes of the largest message that the other side takes; where it does not say, what the standard has."""
    stated = next(iter(sdp.values("max-message-size", "application")), "")
    size = int(stated) if stated.isdigit() else SMALLEST_LARGE_MESSAGE
    return size or 2**30


def _is_not_of_the_cancel(event: Event) -> bool:
    return event["type"] != "error" or text(event, "error.event_id") != "event_of_cancel"


def _item_of(events: Iterable[Event]) -> str:
    return next(str(item_id(event)) for event in events if event["type"] == "response.output_item.added")


def _loud_seconds(sounds: Iterable[Sound]) -> float:
    return sum(sound.seconds for sound in sounds if sound.level > QUIET)


def _is_event(message: str | bytes) -> bool:
    try:
        value = json.loads(message)
    except ValueError:
        return False
    return isinstance(value, dict) and "type" in value


def _in_order(came: Sequence[str], first: str, second: str) -> bool:
    return first in came and second in came and came.index(first) < came.index(second)


def _steps(came: Sequence[str]) -> list[str]:
    wanted = ("response.content_part.added", "response.done", STARTED, STOPPED)
    return [kind for kind in came if kind in wanted]


def _tool(number: int) -> dict[str, object]:
    parameters = {"type": "object", "properties": {"city": {"type": "string", "description": "A city. " * 10}}}
    name = f"look_up_{number}"
    return {"type": "function", "name": name, "description": "Looks something up. " * 50, "parameters": parameters}


CASES = (sdp_answer, data_channel, heard, microphone, cleared, interrupted, written, hung_up, large, posted_session)
