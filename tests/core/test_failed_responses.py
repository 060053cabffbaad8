"""Failures inside `response.done`, in the words that were captured from the service (protocol 10.3).

In a message "…" stands for what the capture leaves out or what differs from one time to the next.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from realtime_mock.core.effects import Hangup
from realtime_mock.core.limits import Limits
from realtime_mock.scenario.loader import parse_scenario
from realtime_mock.scenario.model import Call, Close, Emit, Fail, Rule, Say, Scenario, Wait

CATALOGUE = Path(__file__).parents[3] / "shared" / "reference" / "protocol" / "errors.json"
MODEL = "gpt-realtime-2.1-mini"

ROWS = {
    "quota": (
        "{code: insufficient_quota}",
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.…",
    ),
    "TPM": (
        "{code: rate_limit_exceeded}",
        "tokens",
        "rate_limit_exceeded",
        "Rate limit reached for gpt-realtime-2.1-mini in organization org-… on tokens per min (TPM): Limit 40000, "
        "Used …, Requested …. Please try again in …s.…",
    ),
    "restricted key": (
        "{code: inference_not_authorized_error}",
        "invalid_request_error",
        "inference_not_authorized_error",
        "You have insufficient permissions for this operation. Missing scopes: model.request.…",
    ),
    "backend failure (also seen as a plain error event)": (
        "{}",
        "server_error",
        None,
        "The server had an error while processing your request. Sorry about that! You can retry your request, or "
        "contact us through our help center at help.openai.com if the error persists. (Please include the session "
        "ID … in your message.)",
    ),
}


def pattern(message: str) -> str:
    """A regular expression of a captured message; nothing may follow what it ends with, but where it ends in "…"."""
    return re.escape(message).replace("…", ".*")


def failed(opened, step):
    text = f"scenario: failing\nrules:\n  - on: response.create\n    turns:\n      - fail: {step}\n"
    session = opened(model=MODEL, scenario=parse_scenario(text))
    session.send("response.create")
    session.run()
    session.check()
    return session


@pytest.mark.parametrize("row", ROWS)
def test_a_response_fails_as_captured(opened, row):
    step, error_type, code, message = ROWS[row]
    session = failed(opened, step)
    done = session.sent[-1]["response"]
    details = done["status_details"]
    assert re.fullmatch(pattern(message), details["error"].pop("message"))
    assert (done["status"], details) == ("failed", {"type": "failed", "error": {"type": error_type, "code": code}})
    assert "error" not in [event["type"] for event in session.sent]


def test_a_failure_that_made_nothing_costs_nothing(opened):
    done = failed(opened, "{code: insufficient_quota}").sent[-1]["response"]
    assert (done["output"], done["usage"]["total_tokens"]) == ([], 0)


def test_a_backend_failure_names_the_session(opened):
    session = failed(opened, "{}")
    message = session.sent[-1]["response"]["status_details"]["error"]["message"]
    assert f"(Please include the session ID {session.session.id} in your message.)" in message


def test_the_mocks_own_rate_limit_reads_like_the_captured_one(opened):
    session = opened(model=MODEL, limits=Limits(tokens_per_minute=100))
    done = session.send("response.create")[-1]["response"]
    error = done["status_details"]["error"]
    assert re.fullmatch(pattern(ROWS["TPM"][3].replace("40000", "100")), error.pop("message"))
    assert error == {"type": "tokens", "code": "rate_limit_exceeded"}


def test_a_failure_can_have_any_words_and_quote_the_session(opened):
    session = failed(opened, '{type: t, code: c, message: "$session.model failed."}')
    error = {"type": "t", "code": "c", "message": f"{MODEL} failed."}
    assert session.sent[-1]["response"]["status_details"]["error"] == error


@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_a_response_is_incomplete_for_each_documented_reason(opened, reason):
    done = failed(opened, f"{{status: incomplete, reason: {reason}}}").sent[-1]["response"]
    assert (done["status"], done["status_details"]) == ("incomplete", {"type": "incomplete", "reason": reason})


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the catalogue of captured errors is not here")
def test_every_captured_failure_is_held_to_the_letter():
    rows = [row for row in json.loads(CATALOGUE.read_text()) if row["channel"] == "response.done"]
    captured = {row["trigger"]: row["status_details"]["error"] for row in rows}
    assert set(captured) == set(ROWS)
    for trigger, error in captured.items():
        _, error_type, code, message = ROWS[trigger]
        assert (error["type"], error["code"]) == (error_type, code)
        assert re.fullmatch(pattern(message), error["message"])


def test_a_message_that_a_failure_cuts_off_is_incomplete(opened):
    steps = (Say("Half an"), Wait(0.1), Fail("incomplete", reason="content_filter"))
    session = opened(scenario=Scenario("test", [Rule("response.create", [steps])]))
    session.send("response.create")
    session.run()
    [done] = [event["response"] for event in session.sent if event["type"] == "response.done"]
    assert [item["status"] for item in done["output"]] == ["incomplete"]
    session.check()


def test_a_call_before_a_failure_is_whole(opened):
    session = opened(scenario=Scenario("test", [Rule("response.create", [[Say("One"), Call("f", "{}"), Fail()]])]))
    session.send("response.create")
    session.run()
    [done] = [event["response"] for event in session.sent if event["type"] == "response.done"]
    assert [item["status"] for item in done["output"]] == ["completed", "completed"]


def test_what_follows_a_failure_comes_behind_its_response(opened):
    steps = (Fail(), Emit({"type": "input_audio_buffer.cleared"}, after=0.5), Close(1011))
    session = opened(scenario=Scenario("test", [Rule("response.create", [steps])]))
    came = [event["type"] for event in [*session.send("response.create"), *session.run()]]
    assert came == ["response.created", "response.done", "input_audio_buffer.cleared"]
    assert (session.now, session.effects[-1]) == (0.5, Hangup(1011, ""))
