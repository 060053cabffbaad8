"""Servers that get wrong what the user says, by the check that each trips."""

import base64
from typing import Any

from tests.negative.breaking import Breakage, Negative, add, become, change, deaf_to, drop, every, repeat

COMMITTED = "input_audio_buffer.committed"
STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
ADDED, DONE = "conversation.item.added", "conversation.item.done"
TRANSCRIBED = "conversation.item.input_audio_transcription.completed"
AUDIO = "response.output_audio.delta"
CREATED = {"type": "response.created", "response": {"id": "resp_x", "status": "in_progress", "output": []}}
CLEARED = {"type": "input_audio_buffer.cleared", "event_id": "event_x"}


def with_format(kind: str, breakage: Breakage) -> Breakage:
    """Broken only where the session takes or gives audio of this format."""

    def new() -> Any:
        broken, formats = breakage(), set()

        def changed(event: dict[str, Any]) -> Any:
            if event["type"] == "session.updated":
                formats.update(side["format"]["type"] for side in event["session"]["audio"].values())
            return broken(event) if kind in formats else [event]

        return changed

    return new


def clock_of_each_turn() -> Any:
    """Each turn's clock begins anew."""
    starts = []

    def changed(event: dict[str, Any]) -> list[dict[str, Any]]:
        if event["type"] == STARTED:
            starts.append(event["audio_start_ms"])
            return [{**event, "audio_start_ms": 0}]
        if event["type"] == STOPPED:
            return [{**event, "audio_end_ms": event["audio_end_ms"] - starts[-1]}]
        return [event]

    return changed


def not_from(role: str) -> Breakage:
    """Items of this role are not told of."""
    return lambda: lambda event: [] if event["type"] in (ADDED, DONE) and event["item"].get("role") == role else [event]


def with_audio(changed: Any, *, nth: int | None = None) -> Breakage:
    """The bytes of each audio delta are changed."""
    return change(AUDIO, nth=nth, delta=lambda delta: base64.b64encode(changed(base64.b64decode(delta))).decode())


SAME_ITEM = every(
    *(change(kind, item_id="item_x") for kind in (STARTED, STOPPED)),
    change(COMMITTED, item_id="item_x", previous_item_id="item_x"),
    *(change(kind, item__id="item_x") for kind in (ADDED, DONE)),
)

NEGATIVES = {
    "AUD-001.audio-alone-is-silent": Negative(
        replies=lambda event: [CLEARED] if event["type"] == "input_audio_buffer.append" else []
    ),
    "AUD-001.one-item": Negative(change(DONE, item__id="item_x")),
    "AUD-001.item-is-what-the-user-said": Negative(change(DONE, item__role="system")),
    "AUD-001.commit-makes-no-response": Negative(add(CREATED, after=DONE, nth=1)),
    "AUD-001.item-can-be-retrieved": Negative(change("conversation.item.retrieved", item__id="item_x")),
    "AUD-001.answers": Negative(change("response.done", response__status="failed")),
    "AUD-002.refused": Negative(change("error", type=COMMITTED, item_id="item_x"), follows=("code", "names-the-event")),
    "AUD-002.code": Negative(change("error", error__code=None)),
    "AUD-002.names-the-event": Negative(change("error", error__event_id=None)),
    "AUD-002.goes-on": Negative(drop(COMMITTED)),
    "AUD-003.cleared": Negative(drop("input_audio_buffer.cleared"), follows=("is-empty",)),
    "AUD-003.is-empty": Negative(
        sent=drop("input_audio_buffer.clear"),
        replies=lambda event: [CLEARED] if event["type"] == "input_audio_buffer.clear" else [],
    ),
    "AUD-004.is-empty": Negative(change("error", type=COMMITTED, item_id="item_x")),
    "AUD-005.found": Negative(
        drop(COMMITTED), follows=("one-item", "length", "item-is-what-the-user-said", "answers", "no-transcription")
    ),
    "AUD-005.one-item": Negative(change(STOPPED, item_id="item_x")),
    "AUD-005.length": Negative(change(STOPPED, audio_end_ms=lambda ms: ms * 6)),
    "AUD-005.item-is-what-the-user-said": Negative(change(DONE, item__content=[{"type": "input_text"}])),
    "AUD-005.answers": Negative(change("response.done", response__status="failed")),
    "AUD-005.no-transcription": Negative(add({"type": TRANSCRIBED}, after="response.created")),
    "AUD-006.found": Negative(drop(COMMITTED), follows=("not-answered",)),
    "AUD-006.not-answered": Negative(sent=deaf_to("create_response")),
    "AUD-007.both-found": Negative(
        become(STARTED, lambda _event: [], nth=2),
        follows=("items-differ", "clock-goes-on", "second-follows-first", "lengths"),
    ),
    "AUD-007.items-differ": Negative(SAME_ITEM),
    "AUD-007.clock-goes-on": Negative(clock_of_each_turn),
    "AUD-007.second-follows-first": Negative(change(COMMITTED, previous_item_id=None)),
    "AUD-007.lengths": Negative(change(STOPPED, nth=2, audio_end_ms=lambda ms: ms + 5_000)),
    "AUD-008.no-turn": Negative(
        add({"type": STARTED, "item_id": "item_x", "audio_start_ms": 0}, after="session.updated")
    ),
    "AUD-009.one-item": Negative(change(STARTED, item_id="item_x")),
    "AUD-009.answers": Negative(drop("response.created")),
    "AUD-010.commits": Negative(drop(COMMITTED), follows=("keeps-the-item",)),
    "AUD-010.keeps-the-item": Negative(change(COMMITTED, item_id="item_x")),
    "AUD-011.completed": Negative(change(TRANSCRIBED, type=TRANSCRIBED.replace("completed", "failed"))),
    "AUD-011.has-words": Negative(change(TRANSCRIBED, transcript=" ")),
    "AUD-011.content-index": Negative(change(TRANSCRIBED, content_index=1)),
    "AUD-011.usage": Negative(change(TRANSCRIBED, usage=None)),
    "AUD-011.ends-once": Negative(repeat(TRANSCRIBED)),
    "AUD-011.names-the-item": Negative(change(TRANSCRIBED, item_id="item_x")),
    "AUD-012.completed": Negative(change(TRANSCRIBED, type=TRANSCRIBED.replace("completed", "failed"))),
    "AUD-012.names-the-item": Negative(change(TRANSCRIBED, item_id="item_x")),
    "AUD-012.makes-no-response": Negative(add(CREATED, after=TRANSCRIBED)),
    "AUD-013.pcmu-length": Negative(with_format("audio/pcmu", change(STOPPED, audio_end_ms=lambda ms: ms * 6))),
    "AUD-013.pcma-length": Negative(with_format("audio/pcma", change(STOPPED, audio_end_ms=lambda ms: ms * 6))),
    "AUD-014.pcmu-pace": Negative(with_format("audio/pcmu", with_audio(lambda audio: audio * 10))),
    "AUD-014.pcma-pace": Negative(with_format("audio/pcma", with_audio(lambda audio: audio * 10))),
    "AUD-015.speech-comes": Negative(drop(AUDIO), follows=("pace", "is-loud")),
    "AUD-015.whole-samples": Negative(with_audio(lambda audio: audio + b"\1", nth=1)),
    "AUD-015.pace": Negative(with_audio(lambda audio: audio * 10)),
    "AUD-015.is-loud": Negative(with_audio(lambda audio: bytes(len(audio)))),
    "AUD-015.item-has-the-transcript": Negative(
        change("response.done", response__output__0__content__0__transcript="Something else.")
    ),
    "AUD-016.triggered": Negative(
        drop("input_audio_buffer.timeout_triggered"),
        follows=("answers", "one-item", "length", "no-speech", "told-by-a-system-item"),
    ),
    "AUD-016.answers": Negative(become("response.created", lambda _event: [], nth=2)),
    "AUD-016.one-item": Negative(change("input_audio_buffer.timeout_triggered", item_id="item_x")),
    "AUD-016.length": Negative(change("input_audio_buffer.timeout_triggered", audio_end_ms=lambda ms: ms + 20_000)),
    "AUD-016.no-speech": Negative(add({"type": STARTED, "item_id": "item_x"}, after=COMMITTED)),
    "AUD-016.told-by-a-system-item": Negative(not_from("system")),
    "AUD-017.type": Negative(change("session.created", session__type="realtime")),
    "AUD-017.updated": Negative(change("session.updated", session__audio__input__transcription=None)),
    "AUD-017.completed": Negative(change(TRANSCRIBED, type=TRANSCRIBED.replace("completed", "failed"))),
    "AUD-017.names-the-item": Negative(change(TRANSCRIBED, item_id="item_x")),
    "AUD-017.never-answers": Negative(add(CREATED, after=TRANSCRIBED)),
    "AUD-018.refused": Negative(drop("error"), follows=("code", "names-the-event")),
    "AUD-018.code": Negative(change("error", error__code=None)),
    "AUD-018.names-the-event": Negative(change("error", error__event_id=None)),
    "AUD-018.goes-on": Negative(drop(COMMITTED)),
}
