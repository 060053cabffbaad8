"""Servers that get the session object and its updates wrong, by the check that each trips."""

from tests.negative.breaking import Negative, become, change, drop, follow, lose

CREATED, UPDATED, UPDATE = "session.created", "session.updated", "session.update"
INPUT, OUTPUT, DETECTOR = "session__audio__input", "session__audio__output", "session__audio__input__turn_detection"


def created(place, value):
    return Negative(change(CREATED, **{place: value}))


def updated(place, value, *follows, nth=None):
    return Negative(change(UPDATED, nth=nth, **{place: value}), follows=follows)


def ignored(key, *follows):
    """The server does not hear this setting."""
    return Negative(sent=lose(UPDATE, f"session__{key}"), follows=follows)


NEVER = follow("error", {"type": UPDATED, "event_id": "event_x", "session": {"type": "realtime"}})

NEGATIVES = {
    "SESS-001.comes-first": Negative(
        become(CREATED, lambda event: [{"type": "rate_limits.updated", "event_id": "x", "rate_limits": []}, event]),
        follows=("type", "default-settings", "all-keys", "id", "object", "model"),
    ),
    "SESS-001.type": created("session__type", "transcription"),
    "SESS-001.default-settings": Negative(lose(CREATED, "session__tools")),
    "SESS-001.all-keys": Negative(lose(CREATED, "session__prompt")),
    "SESS-001.id": created("session__id", "1"),
    "SESS-001.object": created("session__object", "session"),
    "SESS-001.model": created("session__model", ""),
    "SESS-002.instructions": created("session__instructions", ""),
    "SESS-002.tools": created("session__tool_choice", "required"),
    "SESS-002.max-output-tokens": created("session__max_output_tokens", 4096),
    "SESS-002.truncation": created("session__truncation", "disabled"),
    "SESS-002.tracing": created("session__tracing", "auto"),
    "SESS-002.modalities": created("session__output_modalities", ["audio", "text"]),
    "SESS-002.formats": created(f"{OUTPUT}__format__rate", 16000),
    "SESS-002.speed": created(f"{OUTPUT}__speed", 1.1),
    "SESS-002.noise-reduction": created(f"{INPUT}__noise_reduction", {"type": "far_field"}),
    "SESS-002.transcription": created(f"{INPUT}__transcription", {"model": "whisper-1"}),
    "SESS-002.detector": created(f"{DETECTOR}__type", "semantic_vad"),
    "SESS-002.detector-acts": created(f"{DETECTOR}__interrupt_response", False),
    "SESS-002.detector-tuning": created(f"{DETECTOR}__threshold", 0.9),
    "SESS-003.acknowledged-once": Negative(become(UPDATED, lambda event: [event, {**event, "event_id": "x"}])),
    "SESS-003.changed": ignored("instructions"),
    "SESS-003.rest-kept": updated("session__tool_choice", "none"),
    "SESS-003.whole": Negative(lose(UPDATED, "session__include")),
    "SESS-004.instructions": ignored("instructions"),
    "SESS-004.modalities": ignored("output_modalities"),
    "SESS-004.tools": updated("session__tools", [], nth=1),
    "SESS-004.tool-choice": updated("session__tool_choice", "auto", nth=1),
    "SESS-004.max-output-tokens": updated("session__max_output_tokens", "inf", nth=1),
    "SESS-004.truncation": updated("session__truncation", "auto", nth=1),
    "SESS-004.tools-cleared": updated("session__tools", [{"type": "function", "name": "f"}], "changed-back", nth=2),
    "SESS-004.changed-back": updated("session__truncation", "disabled", nth=2),
    "SESS-005.changed": updated(f"{OUTPUT}__speed", 1.0, nth=1),
    "SESS-005.voice-changed": Negative(sent=lose(UPDATE, f"{OUTPUT}__voice", nth=2)),
    "SESS-005.beside-it-kept": updated(f"{OUTPUT}__voice", "verse", nth=1),
    "SESS-005.earlier-update-kept": updated(f"{OUTPUT}__speed", 1.0, nth=2),
    "SESS-005.other-side-kept": updated(INPUT, {}, nth=2),
    "SESS-006.tuned": updated(f"{DETECTOR}__threshold", 0.5, nth=1),
    "SESS-006.acts-changed": updated(f"{DETECTOR}__create_response", True, nth=2),
    "SESS-006.tuning-kept": updated(f"{DETECTOR}__silence_duration_ms", 500, nth=2),
    "SESS-006.turned-off": Negative(sent=lose(UPDATE, DETECTOR, nth=3)),
    "SESS-006.rest-kept": updated(f"{INPUT}__format", None, nth=3),
    "SESS-007.transcription": updated(f"{INPUT}__transcription__model", "whisper", "shape", nth=1),
    "SESS-007.shape": updated(f"{INPUT}__transcription__delay", "low", nth=1),
    "SESS-007.noise-reduction": updated(f"{INPUT}__noise_reduction__type", "far_field", nth=1),
    "SESS-007.both-off": Negative(sent=lose(UPDATE, f"{INPUT}__transcription", nth=2)),
    "SESS-008.refused": Negative(drop("error")),
    "SESS-008.not-acknowledged": Negative(NEVER, follows=()),
    "SESS-008.unchanged": updated("session__instructions", "Never.", nth=2),
    "SESS-008.next-update-counts": updated("session__max_output_tokens", "inf", nth=2),
    "SESS-009.stays": updated("session__model", "gpt-realtime-mini"),
    "SESS-010.changed-before": updated(f"{OUTPUT}__voice", "alloy", nth=2),
    "SESS-010.refused": Negative(drop("error"), follows=("code",)),
    "SESS-010.code": Negative(change("error", error__code="invalid_value")),
    "SESS-010.stays": updated(f"{OUTPUT}__voice", "marin", nth=3),
    "SESS-010.discarded-whole": updated("session__instructions", "Never.", nth=3),
    "SESS-011.each-in-order": updated("session__max_output_tokens", 100),
    "SESS-011.no-more": Negative(follow(UPDATED, {"type": UPDATED, "event_id": "x", "session": {}}, nth=5)),
    "SESS-012.acknowledged": updated("session__instructions", "Always.", nth=2),
    "SESS-012.response-completes": Negative(change("response.done", response__status="cancelled")),
    "SESS-013.default-instructions": created("session__instructions", "Only here."),
    "SESS-013.items-apart": Negative(
        become("error", lambda _event: [{"type": "conversation.item.retrieved", "event_id": "x", "item": {}}])
    ),
    "SESS-013.ids-differ": created("session__id", "sess_1"),
    "SESS-015.nothing-comes-of-it": Negative(
        follow(UPDATED, {"type": "response.output_text.delta", "event_id": "x", "delta": "more"})
    ),
    "SESS-015.only-its-own-response": Negative(
        follow("response.created", {"type": "response.done", "event_id": "x", "response": {"id": "resp_old"}})
    ),
    "SESS-015.answers": Negative(change("response.done", response__status="failed")),
    "SESS-014.after-an-hour": Negative(
        follow(UPDATED, {"type": "error", "event_id": "x", "error": {}}),
        follows=("code", "message", "closed"),
    ),
    "SESS-014.code": Negative(change("error", error__code=None)),
    "SESS-014.message": Negative(change("error", error__message="Bye.")),
    "SESS-014.closed": Negative(follow("error", {"type": "rate_limits.updated", "event_id": "x", "rate_limits": []})),
}
