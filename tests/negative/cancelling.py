"""Servers that cancel and refuse in the wrong way, by the check that each trips."""

from tests.negative.breaking import Negative, become, change, drop, follow, late

CREATED, DONE = "response.created", "response.done"
ANOTHER = {"type": CREATED, "event_id": "x", "response": {"id": "resp_other"}}


def unanswered(nth):
    """The nth error never comes."""
    return Negative(become("error", lambda _event: [], nth=nth))


NEGATIVES = {
    "RESP-002.same-response": Negative(change(CREATED, response__id="resp_other")),
    "RESP-002.cancelled": Negative(change(DONE, response__status="completed")),
    "RESP-002.reason": Negative(change(DONE, response__status_details=None)),
    "RESP-002.nothing-after-done": Negative(late("response.output_item.done", after=DONE)),
    "RESP-010.text-part-and-item-are-done": Negative(drop("response.content_part.done")),
    "RESP-010.text-so-far": Negative(change("response.output_text.done", text="", nth=1)),
    "RESP-010.response-keeps-it": Negative(change(DONE, response__output=[], nth=1)),
    "RESP-010.details-name-the-status": Negative(change(DONE, response__status_details__type="failed", nth=1)),
    "RESP-010.next-response": Negative(change(DONE, response__status="cancelled", nth=2)),
    "RESP-011.unknown-id-refused": Negative(drop("error")),
    "RESP-011.cancelled": Negative(change(DONE, response__status="completed")),
    "RESP-011.details": Negative(change(DONE, response__status_details__reason="turn_detected")),
    "RESP-012.refused": Negative(drop("error"), follows=("code", "message", "names-the-event")),
    "RESP-012.code": Negative(change("error", error__code=None)),
    "RESP-012.message": Negative(change("error", error__message="No.")),
    "RESP-012.names-the-event": Negative(change("error", error__event_id=None)),
    "RESP-012.no-response": Negative(follow("error", {"type": DONE, "event_id": "x", "response": {}})),
    "RESP-012.session-unaffected": Negative(change(DONE, response__status="cancelled")),
    "RESP-013.refused": Negative(drop("error"), follows=("code", "names-the-active-one", "names-the-event")),
    "RESP-013.code": Negative(change("error", error__code=None)),
    "RESP-013.names-the-active-one": Negative(change("error", error__message="Wait.")),
    "RESP-013.names-the-event": Negative(change("error", error__event_id=None)),
    "RESP-013.nothing-created": Negative(follow("error", ANOTHER)),
    "RESP-013.first-goes-on": Negative(change(DONE, response__status="cancelled", nth=1)),
    "RESP-013.next-when-it-is-done": Negative(change(DONE, response__status="failed", nth=2)),
    "RESP-014.both-modalities": unanswered(1),
    "RESP-014.no-tokens": unanswered(2),
    "RESP-014.unknown-conversation": unanswered(3),
    "RESP-014.too-much-metadata": unanswered(4),
    "RESP-014.unknown-key": unanswered(5),
    "RESP-014.nothing-created": Negative(follow("error", ANOTHER, nth=1)),
    "RESP-014.session-lives": Negative(change(DONE, response__status="failed")),
}
