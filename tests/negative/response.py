"""Servers that get the lifecycle of a response wrong, by the check that each trips."""

from tests.negative.breaking import Negative, change, drop, every, follow, late, lose, repeat

CREATED, DONE, ADDED = "response.created", "response.done", "response.output_item.added"
DELTA, TEXT_DONE = "response.output_text.delta", "response.output_text.done"
AUDIO, AUDIO_DONE = "response.output_audio.delta", "response.output_audio.done"
TRANSCRIPT = "response.output_audio_transcript"
FAILED = change(DONE, response__status="failed")


def by_assistant(event):
    return event["item"]["role"] == "assistant"


NEGATIVES = {
    "RESP-001.created-in-progress": Negative(change(CREATED, response__status="completed")),
    "RESP-001.created-is-empty": Negative(change(CREATED, response__output=None)),
    "RESP-001.completed": Negative(change(DONE, response__status="incomplete")),
    "RESP-001.same-response": Negative(
        change(CREATED, response__id="resp_other"),
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
    "RESP-001.deltas-are-the-text": Negative(change(DELTA, delta="x")),
    "RESP-001.done-has-the-text": Negative(change(DONE, response__output=[])),
    "RESP-003.item-begins-empty": Negative(change(ADDED, item__status="completed")),
    "RESP-003.item-is-in-the-conversation": Negative(repeat("conversation.item.done")),
    "RESP-003.kept-status": Negative(
        change("conversation.item.added", item__status="completed"),
    ),
    "RESP-003.part-begins-empty": Negative(change("response.content_part.added", part__text="You")),
    "RESP-003.part-ends-whole": Negative(change("response.content_part.done", part__text="")),
    "RESP-003.item-ends-whole": Negative(
        change("response.output_item.done", item__content=[]), follows=("conversation-has-it", "response-has-it")
    ),
    "RESP-003.item-ends-completed": Negative(
        change("response.output_item.done", item__status="in_progress"),
        follows=("conversation-has-it", "response-has-it"),
    ),
    "RESP-003.conversation-has-it": Negative(change("conversation.item.done", item__content=[])),
    "RESP-003.response-has-it": Negative(change(DONE, response__output=[])),
    "RESP-003.ends-in-order": Negative(
        late("conversation.item.done", after="response.output_item.done", where=by_assistant)
    ),
    "RESP-004.response": Negative(change(DELTA, response_id="resp_other", nth=1)),
    "RESP-004.item": Negative(change(DELTA, item_id="item_other", nth=1)),
    "RESP-004.output-index": Negative(change(DELTA, output_index=1, nth=1)),
    "RESP-004.content-index": Negative(change(TEXT_DONE, content_index=1)),
    "RESP-004.no-empty-deltas": Negative(change(DELTA, delta="", nth=1)),
    "RESP-005.object": Negative(change(CREATED, response__object="response")),
    "RESP-005.modalities": Negative(change(DONE, response__output_modalities=["audio"])),
    "RESP-005.max-output-tokens": Negative(change(DONE, response__max_output_tokens="inf")),
    "RESP-005.metadata": Negative(change(CREATED, response__metadata=None)),
    "RESP-005.conversation": Negative(change(DONE, response__conversation_id=None)),
    "RESP-005.no-details": Negative(change(DONE, response__status_details={"type": "completed"})),
    "RESP-005.usage-comes-last": Negative(change(CREATED, response__usage={})),
    "RESP-005.voice": Negative(lose(DONE, "response__audio")),
    "RESP-005.keys": Negative(lose(DONE, "response__status_details")),
    "RESP-006.all-complete": Negative(change(DONE, response__status="failed", nth=3)),
    "RESP-006.ids-differ": Negative(
        every(change(CREATED, response__id="resp_same"), change(DONE, response__id="resp_same"))
    ),
    "RESP-006.one-conversation": Negative(change(DONE, response__conversation_id="conv_other", nth=2)),
    "RESP-006.items-differ": Negative(change(DONE, response__output__0__id="item_same")),
    "RESP-007.completed": Negative(FAILED),
    "RESP-007.item-and-part-open-and-close": Negative(drop("response.content_part.done")),
    "RESP-007.part-is-audio": Negative(change("response.content_part.added", part__type="text")),
    "RESP-007.deltas-are-the-transcript": Negative(change(f"{TRANSCRIPT}.delta", delta="x", nth=1)),
    "RESP-007.done-has-the-transcript": Negative(change(DONE, response__output__0__content__0__transcript="")),
    "RESP-007.done-has-no-audio": Negative(change(DONE, response__output__0__content__0__audio="AAAA")),
    "RESP-007.audio-is-events-on-a-websocket-only": Negative(drop(AUDIO)),
    "RESP-007.audio-is-whole-samples": Negative(change(AUDIO, delta="AAAA")),
    "RESP-007.audio-is-done-after-its-deltas": Negative(late(AUDIO_DONE, after=AUDIO_DONE)),
    "RESP-007.ends-in-order": Negative(late(AUDIO_DONE, after=f"{TRANSCRIPT}.done")),
    "RESP-007.no-text": Negative(follow(AUDIO_DONE, {"type": DELTA, "event_id": "x", "delta": "Hello"})),
    "RESP-008.its-own-are-used": Negative(change(DONE, response__max_output_tokens="inf", nth=1)),
    "RESP-008.it-speaks": Negative(drop(f"{TRANSCRIPT}.done")),
    "RESP-008.the-next-has-the-sessions": Negative(change(DONE, response__max_output_tokens=800, nth=2)),
    "RESP-008.the-next-writes": Negative(drop(TEXT_DONE)),
    "RESP-008.session-keeps-its-own": Negative(
        change("session.updated", session__instructions="Answer in one word.", nth=2)
    ),
    "RESP-009.incomplete": Negative(change(DONE, response__status="completed")),
    "RESP-009.details": Negative(change(DONE, response__status_details__reason="content_filter")),
    "RESP-009.limit-shown": Negative(change(DONE, response__max_output_tokens="inf")),
    "RESP-009.item-and-part-close": Negative(drop("response.output_item.done")),
    "RESP-009.item-is-incomplete": Negative(change(DONE, response__output__0__status="completed")),
    "RESP-009.within-the-limit": Negative(change(DONE, response__usage__output_tokens=13)),
}
