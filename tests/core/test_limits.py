"""Tokens: what a response may use, how much of a conversation it sees, what is cached, where it is cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_mock.core.conversation import ConversationItem
from realtime_mock.core.limits import CACHE_BLOCK, Limits, TokenBudget, cached_tokens, fit_context
from realtime_mock.core.usage import Tokens, item_tokens
from realtime_mock.scenario.model import Call, Rule, Say, Scenario, Turn

TEXT = {"output_modalities": ["text"]}
LONG = "The sea is wide and blue, and many ships sail on it every day. "


def scripted(*steps):
    return Scenario("test", (Rule({"type": "response.create"}, (Turn(steps),)),))


def text_item(tokens: int) -> ConversationItem:
    """An item that costs so many tokens, two of them its frame."""
    content = [{"type": "input_text", "text": "x" * (tokens - 2) * 4}]
    return ConversationItem({"id": "item", "type": "message", "role": "user", "content": content})


def total(items) -> int:
    return sum(item_tokens(item.wire, audio_ms=item.audio_ms).total for item in items)


def done(session) -> dict:
    return [event["response"] for event in session.sent if event["type"] == "response.done"][-1]


ITEMS = st.lists(st.integers(2, 60).map(text_item), min_size=1, max_size=12)


def test_spent_tokens_come_back_evenly_within_a_minute():
    budget = TokenBudget(600)
    budget.spend(600, 10.0)
    assert budget.report(10.0) == [{"name": "tokens", "limit": 600, "remaining": 0, "reset_seconds": 60.0}]
    assert budget.report(40.0) == [{"name": "tokens", "limit": 600, "remaining": 300, "reset_seconds": 30.0}]
    assert budget.report(99.0) == [{"name": "tokens", "limit": 600, "remaining": 600, "reset_seconds": 0.0}]


def test_a_refusal_tells_when_there_will_be_enough():
    budget = TokenBudget(600)
    budget.spend(550, 0.0)
    error = budget.refusal(100, model="m", now=0.0)
    assert error is not None
    assert error.message.endswith("Limit 600, Used 550, Requested 100. Please try again in 5.000s.")
    assert budget.refusal(100, model="m", now=5.0) is None


def test_rate_limits_count_down_response_by_response(opened):
    session = opened(pace=0, limits=Limits(tokens_per_minute=10_000))
    for _ in range(2):
        session.say(LONG)
        session.send("response.create", response=TEXT)
    used = [e["response"]["usage"]["total_tokens"] for e in session.sent if e["type"] == "response.done"]
    left = [e["rate_limits"][0]["remaining"] for e in session.sent if e["type"] == "rate_limits.updated"]
    assert left == [10_000 - used[0], 10_000 - sum(used)]


def test_a_response_that_fails_for_its_tokens_may_succeed_later(opened):
    session = opened(pace=0, limits=Limits(tokens_per_minute=400))
    statuses = []
    for _ in range(3):
        session.send("response.create", response=TEXT)
        statuses.append(done(session)["status"])
    session.run(until=60)
    session.send("response.create", response=TEXT)
    assert [*statuses, done(session)["status"]] == ["completed", "completed", "failed", "completed"]


@given(items=ITEMS, fixed=st.integers(0, 50), context=st.integers(60, 300), ratio=st.none() | st.floats(0, 1))
def test_a_context_keeps_the_newest_items_that_fit(items, fixed, context, ratio):
    truncation = "auto" if ratio is None else {"type": "retention_ratio", "retention_ratio": ratio}
    room = context - fixed
    kept = fit_context(items, fixed=Tokens(fixed), truncation=truncation, context_tokens=context)
    assert kept == items[len(items) - len(kept) :]
    if total(items) <= room:
        assert kept == items
    else:
        assert len(kept) == 1 or total(kept) <= room * (1 if ratio is None else ratio)


@given(items=ITEMS, context=st.integers(60, 300))
def test_without_truncation_all_fits_or_nothing_does(items, context):
    kept = fit_context(items, fixed=Tokens(10), truncation="disabled", context_tokens=context)
    assert kept == (items if total(items) <= context - 10 else None)


@pytest.mark.parametrize("post_instructions, kept", [(None, 9), (50, 5), (30, 3), (0, 1)])
def test_a_limit_after_the_instructions_is_a_limit_of_its_own(post_instructions, kept):
    items = [text_item(10) for _ in range(9)]
    limits = {} if post_instructions is None else {"token_limits": {"post_instructions": post_instructions}}
    truncation = {"type": "retention_ratio", "retention_ratio": 1.0, **limits}
    assert len(fit_context(items, fixed=Tokens(1000), truncation=truncation, context_tokens=2000)) == kept


@pytest.mark.parametrize("ratio, kept", [(1.0, 10), (0.8, 8), (0.35, 3), (0.0, 1)])
def test_a_retention_ratio_drops_more_than_it_must(ratio, kept):
    items = [text_item(10) for _ in range(11)]
    truncation = {"type": "retention_ratio", "retention_ratio": ratio}
    assert len(fit_context(items, fixed=Tokens(0), truncation=truncation, context_tokens=100)) == kept


def long_talk(opened, **session):
    """A session whose five messages of 60 tokens do not fit the 200 that it has."""
    talk = opened(pace=0, limits=Limits(context_tokens=200))
    talk.send("session.update", session={"type": "realtime", "instructions": "Hi.", **session})
    for _ in range(5):
        talk.say("x" * 58 * 4)
    return talk


def test_what_does_not_fit_the_context_is_not_seen(opened):
    session = long_talk(opened)
    session.send("response.create", response=TEXT)
    assert done(session)["usage"]["input_tokens"] == 3 * 60 + 1
    assert len(session.session.snapshot()["items"]) == 6


def test_with_truncation_disabled_a_conversation_that_does_not_fit_is_an_error(opened):
    session = long_talk(opened, truncation="disabled")
    [error] = session.send("response.create", event_id="e1")
    assert (error["type"], error["error"]["code"]) == ("error", "context_length_exceeded")
    assert "response.created" not in [event["type"] for event in session.sent]


def test_nothing_is_cached_in_the_first_response_nor_behind_dropped_items(opened):
    session = long_talk(opened)
    for _ in range(2):
        session.send("response.create", response=TEXT)
        assert done(session)["usage"]["input_token_details"]["cached_tokens"] == 0
        session.say("x" * 58 * 4)


def test_a_retained_context_is_cached_by_the_next_response(opened):
    session = long_talk(opened, truncation={"type": "retention_ratio", "retention_ratio": 0.7})
    for _ in range(2):
        session.send("response.create", response={**TEXT, "tool_choice": "none", "instructions": "x"})
    assert done(session)["usage"]["input_token_details"]["cached_tokens"] == 128


def test_cached_tokens_come_in_blocks_of_64_of_what_was_seen_before(opened):
    session = opened(pace=0)
    session.send("session.update", session={"type": "realtime", "instructions": "x" * 4 * 100})
    session.say("x" * 4 * 200)
    session.send("response.create", response=TEXT)
    session.say("And now?")
    session.send("response.create", response=TEXT)
    usage = done(session)["usage"]
    seen = 100 + 202 + 2 + usage["input_tokens"] - 100 - 202 - 2 - 4
    assert usage["input_token_details"]["cached_tokens_details"] == {
        "text_tokens": seen // 64 * 64,
        "audio_tokens": 0,
        "image_tokens": 0,
    }
    assert usage["input_token_details"]["cached_tokens"] >= 256


@given(shared=st.lists(st.integers(2, 200).map(text_item), max_size=6), new=ITEMS, fixed=st.integers(0, 300))
def test_what_is_cached_is_in_blocks_and_part_of_the_prompt(shared, new, fixed):
    cached = cached_tokens([*shared, *new], shared, fixed=Tokens(fixed))
    assert (cached.text % CACHE_BLOCK, cached.audio, cached.image) == (0, 0, 0)
    assert cached.text <= total(shared) + fixed
    assert cached.text > total(shared) + fixed - CACHE_BLOCK or not shared


STEPS = {
    "text": (TEXT, (Say(LONG * 3),)),
    "speech": ({}, (Say(LONG * 3),)),
    "a call": (TEXT, (Call("look", '{"at": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'),)),
    "speech and a call": ({}, (Say("One moment."), Call("look", '{"at": "' + LONG + '"}'))),
    "two messages": (TEXT, (Say(LONG), Say(LONG))),
}


@pytest.mark.parametrize("model", ["gpt-realtime", "gpt-realtime-2.1"])
@pytest.mark.parametrize("call", [False, True], ids=["websocket", "call"])
@pytest.mark.parametrize("limit", [1, 2, 7, 20, 33, 100])
@pytest.mark.parametrize("name", STEPS)
def test_a_response_never_makes_more_tokens_than_it_may(opened, name, limit, call, model):
    response, steps = STEPS[name]
    session = opened(model=model, call=call, pace=0, scenario=scripted(*steps))
    session.send("response.create", response={**response, "max_output_tokens": limit})
    session.run()
    session.check()
    ended = done(session)
    assert ended["usage"]["output_tokens"] <= limit
    assert ended["max_output_tokens"] == limit
    whole = opened(model=model, call=call, pace=0, scenario=scripted(*steps))
    whole.send("response.create", response=response)
    whole.run()
    if done(whole)["usage"]["output_tokens"] <= limit:
        assert ended["status"] == "completed"
    else:
        assert ended["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
        assert ended["output"][-1]["status"] == "incomplete"


def test_speech_that_is_cut_is_as_long_as_its_transcript(opened):
    session = opened(scenario=scripted(Say("x" * 400)))
    session.send("response.create", response={"max_output_tokens": 200})
    session.run()
    item = session.session.snapshot()["items"][-1]
    spoken = len(item["content"][0]["transcript"])
    assert 0 < spoken < 400
    usage = done(session)["usage"]["output_token_details"]
    assert usage == {"text_tokens": -(-spoken // 4), "audio_tokens": spoken}


def test_the_limit_of_the_session_holds_where_the_response_has_none(opened):
    session = opened(pace=0, scenario=scripted(Say(LONG)))
    session.send("session.update", session={"type": "realtime", "max_output_tokens": 5})
    session.send("response.create", response=TEXT)
    assert (done(session)["status"], done(session)["max_output_tokens"]) == ("incomplete", 5)
    session.send("response.create", response={**TEXT, "max_output_tokens": "inf"})
    assert done(session)["status"] == "completed"
