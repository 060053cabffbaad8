"""What the user says: the input buffer, turns that the client ends and turns that the server finds, transcription."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from realtime_conformance import voice
from realtime_conformance.case import case
from realtime_conformance.checks import Checks
from realtime_conformance.dialogue import Dialogue
from realtime_conformance.events import at, entries, item_id, kinds, number, of_type, text
from realtime_conformance.server import Server
from realtime_conformance.server_cases.asking import end_of
from realtime_conformance.server_cases.speaking import MANUAL, audio_of, error_of, given_item, listening, turn_of
from realtime_conformance.targets.base import Opening, Silence
from realtime_conformance.transcript import Event

TRANSCRIPTION = {"model": "whisper-1", "language": "en"}
TRANSCRIBED = "conversation.item.input_audio_transcription"
TRANSCRIBED_ENDS = (f"{TRANSCRIBED}.completed", f"{TRANSCRIBED}.failed")

SPEECH_MS = (1_000, 4_000)
"""What the turn of `voice.question` lasts, its padding and the silence at its end included."""

LETTERS_PER_SECOND = (4.0, 40.0)
"""How fast people and machines speak. Audio that is taken for another format is far from it."""

IDLE_MS = 5_000
STEP = 0.5


@case("AUD-001", "The client ends a turn", needs=["audio"])
async def manual_turn(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        await session.speak(voice.question())
        checks.empty("audio-alone-is-silent", await session.rest())
        start = len(session.events)
        await session.send("input_audio_buffer.commit")
        committed = await session.until("input_audio_buffer.committed")
        added, done = await given_item(session, start)
        ids = [item_id(event) for event in (committed, added, done)]
        checks.equal("one-item", ids, [ids[0]] * 3)
        _check_user_audio(checks, done)
        await session.rest()
        checks.empty("commit-makes-no-response", _responses(session.events[start:]))
        await session.send("conversation.item.retrieve", item_id=ids[0])
        retrieved = await session.until("conversation.item.retrieved")
        checks.equal("item-can-be-retrieved", item_id(retrieved), ids[0])
        events = await session.respond()
    checks.equal("answers", at(events[-1], "response.status"), "completed")


@case("AUD-002", "An empty buffer cannot be committed", needs=["audio-events"])
async def empty_commit(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        error = await _refused_commit(session)
        checks.that("refused", bool(error), expected="an error", actual=error)
        checks.equal("code", error.get("code"), "input_audio_buffer_commit_empty")
        checks.equal("names-the-event", error.get("event_id"), "event_of_commit")
        await session.append(voice.question())
        await session.send("input_audio_buffer.commit")
        await session.until("input_audio_buffer.committed")
        checks.passed("goes-on")


@case("AUD-003", "The buffer is cleared", needs=["audio-events"])
async def cleared(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        await session.append(voice.question())
        await session.send("input_audio_buffer.clear")
        await session.until("input_audio_buffer.cleared")
        checks.passed("cleared")
        error = await _refused_commit(session)
        checks.that("is-empty", bool(error), expected="an error", actual=error)


@case("AUD-004", "A commit empties the buffer", needs=["audio-events"])
async def emptied(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        await session.append(voice.question())
        await session.send("input_audio_buffer.commit")
        await session.until("input_audio_buffer.committed")
        await session.rest()
        error = await _refused_commit(session)
        checks.that("is-empty", bool(error), expected="an error", actual=error)


@case("AUD-005", "The server finds the turn of a user who speaks, and answers", needs=["audio", "vad"])
async def found_turn(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=True)) as session:
        await session.speak(voice.question())
        turn = await turn_of(session)
        checks.passed("found")
        checks.equal("one-item", turn.item_ids, [turn.item_ids[0]] * 5)
        checks.within("length", turn.length_ms, *SPEECH_MS, note="milliseconds from its start to its end")
        _check_user_audio(checks, turn.done)
        created = await session.after(turn.start, "response.created")
        done = await end_of(session, created)
    checks.equal("answers", at(done, "response.status"), "completed")
    checks.empty("no-transcription", [kind for kind in kinds(session.events) if kind.startswith(TRANSCRIBED)])


@case("AUD-006", "With create_response off a turn is found and not answered", needs=["vad"])
async def unanswered_turn(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=False)) as session:
        await session.speak(voice.question())
        turn = await turn_of(session)
        checks.passed("found")
        await session.rest()
    checks.empty("not-answered", _responses(session.events[turn.start :]))


@case("AUD-007", "Two turns, one right after the other", needs=["vad"])
async def adjacent_turns(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=False)) as session:
        await session.speak(voice.question() + voice.question())
        first, second = await turn_of(session), await turn_of(session)
    checks.passed("both-found")
    checks.that("items-differ", first.item_ids[0] != second.item_ids[0], expected="two ids", actual=first.item_ids[0])
    starts, before = number(second.started, "audio_start_ms"), number(first.stopped, "audio_end_ms")
    checks.that("clock-goes-on", starts >= before, expected=f"at least {before} ms", actual=starts)
    checks.equal("second-follows-first", second.committed.get("previous_item_id"), first.item_ids[0])
    checks.within("lengths", second.length_ms, *SPEECH_MS, note="milliseconds of the second")


@case("AUD-008", "Silence is no turn", needs=["vad"])
async def silence(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening()) as session:
        await session.speak(voice.silence(2.0))
        checks.empty("no-turn", await session.rest())


@case("AUD-009", "A turn is found by what is said", needs=["audio", "semantic-vad"])
async def semantic_turn(server: Server, checks: Checks) -> None:
    detection = {"type": "semantic_vad", "eagerness": "high"}
    async with server.session(audio={"input": {"turn_detection": detection}}) as session:
        await session.speak(voice.question() + voice.silence(1.5))
        turn = await turn_of(session)
        checks.equal("one-item", turn.item_ids, [turn.item_ids[0]] * 5)
        await session.after(turn.start, "response.created")
    checks.passed("answers")


@case("AUD-010", "The client ends a turn that the server has found", needs=["vad"])
async def turn_cut_short(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(create_response=False, silence_duration_ms=4_000)) as session:
        await session.speak(voice.question())
        started = await session.until("input_audio_buffer.speech_started")
        await session.send("input_audio_buffer.commit")
        committed = await session.until("input_audio_buffer.committed")
        checks.passed("commits")
        checks.equal("keeps-the-item", item_id(committed), item_id(started))


@case("AUD-011", "What the user said is written down", needs=["vad", "transcription"])
async def transcribed(server: Server, checks: Checks) -> None:
    audio = listening(create_response=False)
    audio["input"]["transcription"] = TRANSCRIPTION
    async with server.session(audio=audio) as session:
        await session.speak(voice.question())
        turn = await turn_of(session)
        ended = await session.after(turn.start, *TRANSCRIBED_ENDS)
        await session.rest()
    _check_transcription(checks, session, ended)
    checks.equal("names-the-item", item_id(ended), turn.item_ids[0])


@case("AUD-012", "What the client committed is written down", needs=["transcription"])
async def committed_and_transcribed(server: Server, checks: Checks) -> None:
    async with server.session(audio={"input": {"turn_detection": None, "transcription": TRANSCRIPTION}}) as session:
        await session.speak(voice.question())
        await session.send("input_audio_buffer.commit")
        committed = await session.until("input_audio_buffer.committed")
        ended = await session.until(*TRANSCRIBED_ENDS)
        await session.rest()
    checks.equal("completed", ended["type"], TRANSCRIBED_ENDS[0])
    checks.equal("names-the-item", item_id(ended), item_id(committed))
    checks.empty("makes-no-response", _responses(session.events))


@case("AUD-013", "G.711 is understood", needs=["vad", "g711", "audio-events"])
async def telephone_input(server: Server, checks: Checks) -> None:
    encodings = {"pcmu": voice.as_pcmu, "pcma": voice.as_pcma}
    for name, encode in encodings.items():
        audio = listening(create_response=False)
        audio["input"]["format"] = {"type": f"audio/{name}"}
        async with server.session(audio=audio) as session:
            await session.append(encode(voice.question()))
            turn = await turn_of(session)
        checks.within(f"{name}-length", turn.length_ms, *SPEECH_MS, note="milliseconds of the turn")


@case("AUD-014", "G.711 is spoken", needs=["audio", "g711", "audio-events"])
async def telephone_output(server: Server, checks: Checks) -> None:
    for name in ("pcmu", "pcma"):
        audio = {"input": {"turn_detection": None}, "output": {"format": {"type": f"audio/{name}"}}}
        async with server.session(audio=audio) as session:
            await session.write("Say hello, and tell me your favourite season.")
            events = await session.respond()
        rate = _letters(events) / (len(audio_of(events)) / 8_000)
        checks.within(f"{name}-pace", rate, *LETTERS_PER_SECOND, note="letters of the transcript per second of audio")


@case("AUD-015", "Speech comes as 24 kHz PCM", needs=["audio", "audio-events"])
async def spoken_answer(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        await session.write("Say hello, and tell me your favourite season.")
        events = await session.respond()
    pcm = audio_of(events)
    checks.that("speech-comes", bool(pcm), expected="audio in response.output_audio.delta", actual=kinds(events))
    checks.equal("whole-samples", len(pcm) % 2, 0, note="bytes left over")
    rate = _letters(events) / (len(pcm) / voice.BYTES_PER_SECOND or 1.0)
    checks.within("pace", rate, *LETTERS_PER_SECOND, note="letters of the transcript per second of audio")
    checks.that("is-loud", voice.level(pcm) > -50.0, expected="more than -50 dBFS", actual=voice.level(pcm))
    parts = [part for item in entries(events[-1], "response.output") for part in entries(item, "content")]
    checks.equal("item-has-the-transcript", [at(part, "transcript") for part in parts], [_said(events)])


@case("AUD-016", "A user who says nothing is asked", needs=["audio", "vad", "idle-timeout"], slow=True, deadline=60.0)
async def idle_user(server: Server, checks: Checks) -> None:
    async with server.session(audio=listening(idle_timeout_ms=IDLE_MS)) as session:
        await session.write("Say hello, in two words.")
        await session.respond()
        start = len(session.events)
        triggered = await _silent_until(session, "input_audio_buffer.timeout_triggered")
        checks.passed("triggered")
        length = number(triggered, "audio_end_ms") - number(triggered, "audio_start_ms")
        checks.within("length", length, IDLE_MS * 0.7, IDLE_MS * 1.6, note="milliseconds of silence")
        committed = await session.until("input_audio_buffer.committed")
        checks.equal("one-item", item_id(committed), item_id(triggered))
        await session.until("conversation.item.added", where=lambda event: item_id(event) == item_id(committed))
        events = session.events[start:]
        checks.empty("no-speech", [kind for kind in kinds(events) if kind.startswith("input_audio_buffer.speech")])
        roles = [at(event, "item.role") for event in of_type(events, "conversation.item.added")]
        checks.equal("told-by-a-system-item", roles, ["system", "user"])
        await session.until("response.created")
    checks.passed("answers")


@case("AUD-017", "A session transcribes and does not answer", needs=["vad", "transcription-sessions"])
async def transcription_session(server: Server, checks: Checks) -> None:
    detection = {"type": "server_vad", "silence_duration_ms": 400}
    audio = {"input": {"transcription": TRANSCRIPTION, "turn_detection": detection}}
    async with server.connection(Opening(session={"type": "transcription"})) as session:
        created = await session.until("session.created")
        checks.equal("type", at(created, "session.type"), "transcription")
        updated = await session.update(type="transcription", audio=audio)
        checks.equal("updated", _transcription_model(updated), TRANSCRIPTION["model"])
        await session.speak(voice.question())
        turn = await turn_of(session)
        ended = await session.after(turn.start, *TRANSCRIBED_ENDS)
        await session.rest()
    checks.equal("completed", ended["type"], TRANSCRIBED_ENDS[0])
    checks.equal("names-the-item", item_id(ended), turn.item_ids[0])
    checks.empty("never-answers", _responses(session.events))


@case("AUD-018", "Audio that is no base64 is refused", needs=["audio-events"])
async def no_base64(server: Server, checks: Checks) -> None:
    async with server.session(audio=MANUAL) as session:
        wrong = {"type": "input_audio_buffer.append", "audio": "this is no base64!", "event_id": "e"}
        error = await session.refusal(wrong)
        checks.that("refused", bool(error), expected="an error", actual=error)
        checks.equal("code", error.get("code"), "invalid_value")
        checks.equal("names-the-event", error.get("event_id"), "e")
        await session.append(voice.question())
        await session.send("input_audio_buffer.commit")
        await session.until("input_audio_buffer.committed")
    checks.passed("goes-on")


def _check_user_audio(checks: Checks, done: Event) -> None:
    said = (at(done, "item.role"), [at(part, "type") for part in entries(done, "item.content")])
    checks.equal("item-is-what-the-user-said", said, ("user", ["input_audio"]))


def _check_transcription(checks: Checks, session: Dialogue, ended: Event) -> None:
    checks.equal("completed", ended["type"], TRANSCRIBED_ENDS[0])
    said = text(ended, "transcript")
    checks.that("has-words", bool(said.strip()), expected="a transcript of the question", actual=said)
    checks.equal("content-index", ended.get("content_index"), 0)
    checks.one_of("usage", at(ended, "usage.type"), ["tokens", "duration"])
    ends = [kind for kind in kinds(session.events) if kind in TRANSCRIBED_ENDS]
    checks.equal("ends-once", len(ends), 1)


async def _refused_commit(session: Dialogue) -> Event:
    """The error that answers a commit; empty where it is taken, or nothing answers it."""
    await session.send_wrong({"type": "input_audio_buffer.commit", "event_id": "event_of_commit"})
    with suppress(Silence):
        answer = await session.until("error", "input_audio_buffer.committed")
        return error_of(answer) if answer["type"] == "error" else {}
    return {}


async def _silent_until(session: Dialogue, kind: str) -> Event:
    """Say nothing, in the time that it takes, up to an event of this type."""
    connection = session.connection
    until = connection.now() + session.patience + IDLE_MS / 1000 + STEP
    while connection.now() < until:
        if not connection.has_microphone:
            await session.append(voice.silence(STEP))
        step = connection.now() + STEP
        while (left := step - connection.now()) > 0:
            try:
                event = await session.next(within=left)
            except Silence:
                break
            if event["type"] == kind:
                return event
    raise Silence(f"no {kind} came")


def _responses(events: list[Event]) -> list[str]:
    return [kind for kind in kinds(events) if kind.startswith("response.")]


def _said(events: list[Event]) -> str:
    return "".join(text(event, "transcript") for event in of_type(events, "response.output_audio_transcript.done"))


def _letters(events: list[Event]) -> int:
    return len(_said(events))


def _transcription_model(session: dict[str, Any]) -> object:
    return at(session, "audio.input.transcription.model")


CASES = (
    manual_turn,
    empty_commit,
    cleared,
    emptied,
    found_turn,
    unanswered_turn,
    adjacent_turns,
    silence,
    semantic_turn,
    turn_cut_short,
    transcribed,
    committed_and_transcribed,
    telephone_input,
    telephone_output,
    spoken_answer,
    idle_user,
    transcription_session,
    no_base64,
)
