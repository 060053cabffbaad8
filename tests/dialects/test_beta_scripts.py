"""What a scenario does is done to a beta client too, in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.scenario.matching import contains
from realtime_mock.scenario.model import Call, Close, Emit, Error, Fail, Rule, Say, Scenario, Silence, Step, Wait


def one_answer(*steps: Step) -> Scenario:
    return Scenario("test", [Rule("response.create", [steps])])


def only(events: list[dict[str, Any]], event_type: str) -> dict[str, Any]:
    [found] = [event for event in events if event["type"] == event_type]
    return found


@pytest.mark.parametrize(
    ("fail", "details"),
    [
        (Fail("incomplete", reason="max_output_tokens"), {"type": "incomplete", "reason": "max_output_tokens"}),
        (Fail("incomplete", reason="content_filter"), {"type": "incomplete", "reason": "content_filter"}),
        (
            Fail(error=ApiError("No.", code="rate_limit_exceeded", type="tokens")),
            {"type": "failed", "error": {"type": "tokens", "code": "rate_limit_exceeded", "message": "No."}},
        ),
    ],
)
def test_a_response_fails_in_beta(beta, fail: Fail, details: dict[str, Any]):
    done = only(beta(scenario=one_answer(Say("Half an answer"), fail)).respond(), "response.done")["response"]
    told = {key: value for key, value in done["status_details"].items() if value is not None}
    assert (done["status"], told["type"]) == (details["type"], details["type"])
    assert contains(told, details)
    assert [item["status"] for item in done["output"]] == ["incomplete"]


def test_an_error_is_sent_within_a_response_in_beta(beta):
    client = beta(scenario=one_answer(Say("One"), Error(ApiError("Oops", code="c")), Say("Two")))
    events = client.respond()
    assert only(events, "error")["error"]["message"] == "Oops"
    assert len(only(events, "response.done")["response"]["output"]) == 2


def test_a_refusal_names_the_event_in_beta(beta):
    client = beta(scenario=one_answer(Error(ApiError("Not now", code="busy"))))
    [refusal] = client.send("response.create", event_id="mine")
    assert (refusal["error"]["code"], refusal["error"]["event_id"]) == ("busy", "mine")


def test_an_event_that_a_scenario_writes_is_renamed_for_beta(beta):
    delta = {
        "type": "response.output_text.delta",
        "response_id": "$response.id",
        "item_id": "item_1",
        "output_index": 0,
        "content_index": 0,
        "delta": "Hi",
    }
    came = beta(scenario=one_answer(Emit(delta), Say("Bye"))).respond()
    assert only(came, "response.text.delta")["delta"] == "Hi"


def test_a_wait_and_a_silence_take_time_in_beta(beta):
    client = beta(scenario=one_answer(Say("x"), Wait(2.0), Silence(1.0)))
    client.send("response.create")
    assert "response.done" not in [event["type"] for event in client.run(2.0)]
    assert "response.done" in [event["type"] for event in client.run(1.0)]


def test_a_close_ends_a_beta_session_before_its_response(beta):
    client = beta(scenario=one_answer(Call("f", "{}"), Close(1011, "gone")))
    assert "response.done" not in [event["type"] for event in client.respond()]
    assert client.driver.closed.is_set()
