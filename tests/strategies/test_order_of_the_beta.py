"""The rules of order of the beta hold in what was recorded; what they find is told in the beta's names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_conformance.order.beta import in_beta_names, in_ga_names, violations
from realtime_conformance.strategies import Conversation
from realtime_conformance.strategies.scripts import PHRASES

RECORDING = Path(__file__).parents[3] / "shared/reference/recordings/beta-webrtc-2025-02-semantic-kernel.json"


@pytest.mark.skipif(not RECORDING.is_file(), reason="the recorded session is not here")
def test_the_recorded_session_obeys_every_rule():
    stream = json.loads(RECORDING.read_text("utf-8"))
    assert len(stream) > 50
    assert violations(stream) == []


@pytest.fixture
def stream():
    return Conversation(PHRASES["an answer in text"], dialect="beta").events()


def test_names_go_both_ways(stream):
    assert in_beta_names(in_ga_names(stream)) == stream
    assert "response.output_text.delta" in {event["type"] for event in in_ga_names(stream)}


def test_a_violation_is_told_in_the_names_of_the_beta(stream):
    at = next(at for at, event in enumerate(stream) if event["type"] == "response.output_item.added")
    [found] = violations([*stream[: at + 1], *stream[at + 2 :]])
    assert (found.rule, found.at) == ("items-open-in-pairs", at)
    assert "conversation.item.added" not in found.detail


def test_limits_that_come_after_a_response_are_a_violation(stream):
    at = next(at for at, event in enumerate(stream) if event["type"] == "rate_limits.updated")
    moved = [*stream[:at], *stream[at + 1 :], stream[at], stream[0] | {"type": "session.updated", "event_id": "x"}]
    assert {found.rule for found in violations(moved)} == {"limits-come-before-the-first-item"}
