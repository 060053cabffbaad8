"""Servers that count wrong, by the check that each trips."""

from tests.negative.breaking import Negative, change, follow, lose

DONE, UPDATE = "response.done", "session.update"
USAGE, INPUT, OUTPUT = (
    "response__usage",
    "response__usage__input_token_details",
    "response__usage__output_token_details",
)


def more(count):
    """Twice as many and some."""
    return count * 2 + 20


def limited(name="tokens", remaining=10):
    limit = {"name": name, "limit": 20, "remaining": remaining, "reset_seconds": 1.0}
    return Negative(follow(DONE, {"type": "rate_limits.updated", "event_id": "x", "rate_limits": [limit]}))


NEGATIVES = {
    "USE-001.totals": Negative(lose(DONE, f"{USAGE}__total_tokens"), follows=("total-is-their-sum",)),
    "USE-001.both-counted": Negative(change(DONE, **{f"{USAGE}__output_tokens": 0}), follows=("total-is-their-sum",)),
    "USE-001.total-is-their-sum": Negative(change(DONE, **{f"{USAGE}__total_tokens": more})),
    "USE-001.input-by-kind": Negative(lose(DONE, f"{INPUT}__audio_tokens")),
    "USE-001.output-by-kind": Negative(lose(DONE, f"{OUTPUT}__text_tokens")),
    "USE-001.cached-is-part-of-the-input": Negative(
        change(DONE, **{f"{INPUT}__cached_tokens": 9999, f"{INPUT}__cached_tokens_details__text_tokens": 9999})
    ),
    "USE-001.cached-by-kind": Negative(change(DONE, **{f"{INPUT}__cached_tokens_details__text_tokens": 1})),
    "USE-001.text-costs-no-audio": Negative(change(DONE, **{f"{OUTPUT}__audio_tokens": 1})),
    "USE-002.grows": Negative(change(DONE, **{f"{USAGE}__input_tokens": 0}, nth=3)),
    "USE-002.grows-by-what-was-said": Negative(
        # The second response does not see the first page.
        change(DONE, **{f"{USAGE}__input_tokens": lambda count: count - 140}, nth=2)
    ),
    "USE-003.assistant-50-ms-a-token": Negative(change(DONE, **{f"{OUTPUT}__audio_tokens": more}, nth=1)),
    "USE-003.user-100-ms-a-token": Negative(change(DONE, **{f"{INPUT}__audio_tokens": more}, nth=3)),
    "USE-003.assistant-speech-costs-again": Negative(
        change(DONE, **{f"{INPUT}__audio_tokens": 0}), follows=("user-100-ms-a-token",)
    ),
    "USE-004.names": limited(name="words"),
    "USE-004.remaining-is-within-the-limit": limited(remaining=30),
    "USE-005.still-answers": Negative(change(DONE, response__status="failed", nth=2)),
    "USE-005.costs-less": Negative(sent=change(UPDATE, session__truncation="auto", nth=2)),
    "USE-006.events": Negative(change("response.created", event_id="1")),
    "USE-006.items": Negative(change("conversation.item.done", item__id="1", nth=1)),
    "USE-006.responses": Negative(
        change("response.created", response__id="1"), follows=("events", "items", "conversations")
    ),
    "USE-006.conversations": Negative(change("response.created", response__conversation_id="1")),
    "USE-007.counted": Negative(change(DONE, **{f"{USAGE}__output_tokens": 0})),
}
