"""Servers that get the lifecycle of a response wrong, by the check that each trips."""

from tests.negative.breaking import Negative, change, drop, late

NEGATIVES = {
    "RESP-001.created-in-progress": Negative(change("response.created", response__status="completed")),
    "RESP-001.created-is-empty": Negative(change("response.created", response__output=None)),
    "RESP-001.completed": Negative(change("response.done", response__status="incomplete")),
    "RESP-001.same-response": Negative(
        change("response.created", response__id="resp_other"),
        # Its end is never found, so nothing of it is judged.
        follows=(
            "created-in-progress",
            "created-is-empty",
            "completed",
            "item-and-part-open-and-close",
            "deltas-are-the-text",
            "done-has-the-text",
        ),
    ),
    "RESP-001.item-and-part-open-and-close": Negative(drop("response.content_part.done")),
    "RESP-001.deltas-are-the-text": Negative(change("response.output_text.delta", delta="x")),
    "RESP-001.done-has-the-text": Negative(change("response.done", response__output=[])),
    "RESP-002.same-response": Negative(change("response.created", response__id="resp_other")),
    "RESP-002.cancelled": Negative(change("response.done", response__status="completed")),
    "RESP-002.reason": Negative(change("response.done", response__status_details=None)),
    "RESP-002.nothing-after-done": Negative(late("response.output_item.done", after="response.done")),
}
