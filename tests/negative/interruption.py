"""Servers that get the cutting off of answers wrong, by the check that each trips."""

from typing import Any

from tests.negative.breaking import Breakage, Negative, become, change, deaf_to, drop, late

DONE = "response.done"
COMMITTED = "input_audio_buffer.committed"
TRUNCATED = "conversation.item.truncated"
OUTPUT_DONE = "response.output_item.done"


def keeps_transcripts() -> Any:
    """A server that says that it truncates, and does not."""
    whole: dict[str, Any] = {}

    def changed(event: dict[str, Any]) -> list[dict[str, Any]]:
        if event["type"] == DONE:
            whole.update({item["id"]: item for item in event["response"]["output"]})
        if event["type"] == "conversation.item.retrieved":
            return [{**event, "item": whole[event["item"]["id"]]}]
        return [event]

    return changed


def taken(nth: int | None = None) -> Breakage:
    """A truncation that should be refused is confirmed."""
    return change("error", nth=nth, type=TRUNCATED)


NEGATIVES = {
    "INT-001.cancelled": Negative(change(DONE, nth=1, response__status="completed")),
    "INT-001.reason": Negative(change(DONE, nth=1, response__status_details=None)),
    "INT-001.nothing-after-done": Negative(late(OUTPUT_DONE, after=DONE)),
    "INT-001.item-is-incomplete": Negative(change(DONE, nth=1, response__output__0__status="completed")),
    "INT-001.answers-again": Negative(change(DONE, nth=2, response__status="failed")),
    "INT-002.turn-is-found": Negative(
        drop(COMMITTED), follows=("cancelled", "reason", "nothing-after-done", "is-answered")
    ),
    "INT-002.cancelled": Negative(change(DONE, nth=1, response__status="completed")),
    "INT-002.reason": Negative(change(DONE, nth=1, response__status_details=None)),
    "INT-002.nothing-after-done": Negative(late(OUTPUT_DONE, after=DONE)),
    "INT-002.is-answered": Negative(
        become("response.created", lambda _event: [], nth=2), follows=("nothing-after-done",)
    ),
    "INT-003.turn-is-found": Negative(drop(COMMITTED), follows=("completed",)),
    "INT-003.completed": Negative(sent=deaf_to("interrupt_response")),
    "INT-004.confirmed": Negative(
        drop(TRUNCATED), follows=("names-the-item", "names-the-place", "transcript-is-gone", "answers-again")
    ),
    "INT-004.names-the-item": Negative(change(TRUNCATED, item_id="item_x")),
    "INT-004.names-the-place": Negative(change(TRUNCATED, audio_end_ms=0)),
    "INT-004.transcript-is-gone": Negative(keeps_transcripts),
    "INT-004.answers-again": Negative(change(DONE, nth=2, response__status="failed")),
    "INT-005.refused": Negative(taken(), follows=("code", "says-how-far")),
    "INT-005.code": Negative(change("error", error__code=None)),
    "INT-005.says-how-far": Negative(change("error", error__message="Too far.")),
    "INT-005.goes-on": Negative(drop(TRUNCATED)),
    "INT-006.refused": Negative(taken(), follows=("code", "names-the-event")),
    "INT-006.code": Negative(change("error", error__code=None)),
    "INT-006.names-the-event": Negative(change("error", error__event_id=None)),
    "INT-007.of-the-user-is-refused": Negative(taken(1), follows=("code",)),
    "INT-007.of-text-is-refused": Negative(taken(2), follows=("code",)),
    "INT-007.code": Negative(change("error", error__code=None)),
    "INT-008.without-item-id-is-refused": Negative(taken(1), follows=("says-what-is-missing",)),
    "INT-008.without-content-index-is-refused": Negative(taken(2), follows=("says-what-is-missing",)),
    "INT-008.without-audio-end-ms-is-refused": Negative(taken(3), follows=("says-what-is-missing",)),
    "INT-008.says-what-is-missing": Negative(change("error", error__param=None)),
    "INT-009.refused": Negative(change("error", type="output_audio_buffer.cleared"), follows=("code",)),
    "INT-009.code": Negative(change("error", error__code=None)),
    "INT-009.goes-on": Negative(drop("session.updated")),
}
