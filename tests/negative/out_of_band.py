"""Servers that mix responses with the conversation, by the check that each trips."""

from tests.negative.breaking import Negative, change, drop, every, follow, late, lose

CREATED, DONE, ADDED, CREATE = "response.created", "response.done", "conversation.item.added", "response.create"


def at_conversation(event):
    return event["response"].get("conversation_id") is not None


def aside(event):
    return event["response"].get("conversation_id") is None


def called_one(event):
    return (event["response"].get("metadata") or {}).get("topic") == "one"


NEGATIVES = {
    "RESP-015.of-no-conversation": Negative(change(DONE, response__conversation_id="conv_1")),
    "RESP-015.metadata": Negative(change(DONE, response__metadata=None)),
    "RESP-015.completed": Negative(change(DONE, response__status="failed")),
    "RESP-015.has-its-items": Negative(drop("response.output_item.done")),
    "RESP-015.no-conversation-items": Negative(
        follow("response.output_item.added", {"type": ADDED, "event_id": "x", "item": {"id": "item_1"}})
    ),
    "RESP-015.precedes-nothing": Negative(change(ADDED, previous_item_id="item_1", nth=2)),
    "RESP-016.told-apart": Negative(change(DONE, response__metadata=None, where=at_conversation)),
    "RESP-016.all-complete": Negative(change(DONE, response__status="failed", where=aside)),
    "RESP-016.beside-the-active-one": Negative(late(CREATED, after=DONE, where=called_one, behind=at_conversation)),
    "RESP-016.ids-differ": Negative(
        every(
            change(CREATED, where=aside, response__id="resp_same"),
            change(DONE, where=aside, response__id="resp_same"),
        ),
        follows=("told-apart",),
    ),
    "RESP-017.cancelled": Negative(change(DONE, response__status="completed", where=aside)),
    "RESP-017.the-other-completes": Negative(change(DONE, response__status="cancelled", where=at_conversation)),
    # The server does not look at the input.
    "RESP-018.answers-its-input": Negative(sent=lose(CREATE, "response__input"), follows=("not-the-conversation",)),
    "RESP-018.not-the-conversation": Negative(
        change("response.output_text.delta", delta=lambda said: f"walnut {said}", nth=1)
    ),
    "RESP-018.input-is-not-added": Negative(
        follow(CREATED, {"type": ADDED, "event_id": "x", "item": {"id": "item_1"}})
    ),
    "RESP-019.empty-sees-nothing": Negative(change(DONE, response__usage__input_tokens=lambda n: n + 40, nth=1)),
    "RESP-019.reference-is-seen": Negative(
        sent=change(CREATE, response__input=lambda given: given[1:], nth=3),
    ),
    "RESP-019.none-is-the-conversation": Negative(sent=change(CREATE, response__input=[], nth=4)),
}
