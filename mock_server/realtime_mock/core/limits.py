"""The limits of a session: its lifetime, its tokens per minute, its context.

Limits that the service documents or was recorded with are the defaults; all of them can be set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_mock.api_error import ApiError
from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.pieces import pieces
from realtime_mock.core.usage import Tokens, item_tokens, speech_tokens, text_tokens

CONTEXT_TOKENS = 28_224
"""Input tokens that a 32k model with 4,096 tokens of output can take (documented)."""

CACHE_BLOCK = 64
"""Cached tokens come in multiples of this (recorded: 64, 384)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a session may use.

    `lifetime` is in seconds (documented: 60 minutes), None for ever. `tokens_per_minute` is the recorded limit. With
    `ends_after` the session ends after so many seconds as if it had reached its lifetime.
    """

    lifetime: float | None = None
    tokens_per_minute: int = 15_000_000
    context_tokens: int = CONTEXT_TOKENS
    ends_after: float | None = None


class TokenBudget:
    """Tokens per minute: spent by responses, refilled evenly."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._used = 0.0
        self._as_of = 0.0

    def spend(self, tokens: int, now: float) -> None:
        """Count tokens that a response used."""
        self._used = min(self._used_at(now) + tokens, self._per_minute)
        self._as_of = now

    def refusal(self, tokens: int, *, model: str, now: float) -> ApiError | None:
        """The error of a response for which too few tokens are left, in the recorded words, or None."""
        used = int(self._used_at(now))
        if used + tokens <= self._per_minute:
            return None
        wait = (used + tokens - self._per_minute) * 60 / self._per_minute
        return ApiError(
            f"Rate limit reached for {model} in organization org-mock on tokens per min (TPM): "
            f"Limit {self._per_minute}, Used {used}, Requested {tokens}. Please try again in {wait:.3f}s.",
            code="rate_limit_exceeded",
            type="tokens",
        )

    def report(self, now: float) -> list[dict[str, Any]]:
        """The one entry of `rate_limits.updated` (recorded: `tokens` alone)."""
        used = int(self._used_at(now))
        return [
            {
                "name": "tokens",
                "limit": self._per_minute,
                "remaining": self._per_minute - used,
                "reset_seconds": round(used * 60 / self._per_minute, 3),
            }
        ]

    def _used_at(self, now: float) -> float:
        return max(self._used - (now - self._as_of) * self._per_minute / 60, 0.0)


def fitting_text(text: str, *, tokens_left: float, speech_ms: float = 0.0) -> str:
    """The beginning of a text that costs no more than `tokens_left`, cut between its pieces.

    `speech_ms` is the length of the whole text spoken; a part of the text takes its part of that.
    """
    if _written_cost(text, speech_ms) <= tokens_left:
        return text
    kept = text
    written = list(pieces(text))
    while written and _written_cost(kept, speech_ms * len(kept) / len(text)) > tokens_left:
        kept = kept[: -len(written.pop())]
    return kept


def _written_cost(text: str, speech_ms: float) -> int:
    return text_tokens(text) + speech_tokens(speech_ms, by_assistant=True)


def fit_context(
    items: Sequence[ConversationItem], *, fixed: Tokens, truncation: object, context_tokens: int
) -> list[ConversationItem] | None:
    """The newest items that fit the context together with `fixed` (instructions and tools).

    Truncation `auto` drops the oldest items that do not fit; a retention ratio drops on to that part of the
    context, so that it happens less often, and may bring a lower limit of its own (documented). With `disabled`
    the answer is None where the items do not fit. The newest item always stays.
    """
    room, kept_room = _room(fixed, truncation, context_tokens)
    costs = [item_tokens(item.wire, audio_ms=item.audio_ms).total for item in items]
    if sum(costs) <= room:
        return list(items)
    if truncation == "disabled":
        return None
    first = 0
    while first < len(items) - 1 and sum(costs[first:]) > kept_room:
        first += 1
    return list(items[first:])


def _room(fixed: Tokens, truncation: object, context_tokens: int) -> tuple[float, float]:
    """How many tokens of items fit, and down to how many a truncation goes."""
    room = context_tokens - fixed.total
    if not isinstance(truncation, Mapping):
        return room, room
    own = (truncation.get("token_limits") or {}).get("post_instructions")
    if own is not None:
        room = min(room, own)
    ratio = truncation.get("retention_ratio")
    return room, room * (1.0 if ratio is None else float(ratio))


def cached_tokens(items: Sequence[ConversationItem], seen: Sequence[ConversationItem], *, fixed: Tokens) -> Tokens:
    """Input that the response before had seen too, from the beginning on, in whole blocks.

    Nothing is cached in the first response, nor after the oldest items were dropped.
    """
    shared = Tokens()
    for item, before in zip(items, seen, strict=False):
        if item is not before:
            break
        shared += item_tokens(item.wire, audio_ms=item.audio_ms)
    if not shared.total:
        return Tokens()
    text = shared.text + fixed.text
    return Tokens(text // CACHE_BLOCK * CACHE_BLOCK, shared.audio // CACHE_BLOCK * CACHE_BLOCK, 0)
