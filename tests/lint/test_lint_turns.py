"""What is wrong with the order of what a client does."""

from __future__ import annotations

import pytest

from .conftest import Talk


def test_a_create_during_a_response_is_found(talk: Talk):
    talk.sent("response.create")
    talk.began()
    talk.sent("response.create")
    (finding,) = talk.findings()
    assert (finding.rule, finding.entry.place) == ("create-during-response", "line 5")
    assert "resp_1" in finding.fault.message


def test_a_create_behind_the_end_is_none(talk: Talk):
    for response_id in ("resp_1", "resp_2"):
        talk.sent("response.create")
        talk.began(response_id)
        talk.ended(response_id)
    assert talk.found == []


def test_a_late_end_of_another_response_changes_nothing(talk: Talk):
    talk.sent("response.create")
    talk.began("resp_2")
    talk.ended("resp_1")
    talk.sent("response.create")
    assert talk.found == ["create-during-response"]


def test_responses_outside_the_conversation_disturb_none(talk: Talk):
    talk.sent("response.create")
    talk.began()
    talk.sent("response.create", response={"conversation": "none", "metadata": {"a": "b"}})
    talk.began("resp_2", conversation_id=None)
    talk.ended()
    talk.sent("response.create")
    assert talk.found == []


def test_a_create_between_a_cancel_and_its_done_is_found(talk: Talk):
    talk.sent("response.create")
    talk.began()
    talk.sent("response.cancel")
    talk.sent("response.create")
    assert talk.found == ["create-before-cancelled"]


def test_a_create_behind_a_cancelled_response_is_none(talk: Talk):
    talk.sent("response.create")
    talk.began()
    talk.sent("response.cancel")
    talk.ended()
    talk.sent("response.create")
    assert talk.found == []


def test_two_creates_at_once_are_found(talk: Talk):
    talk.sent("response.create")
    talk.sent("response.create")
    assert talk.found == ["create-while-pending"]


def test_a_refused_create_is_pending_no_more(talk: Talk):
    talk.sent("response.create", event_id="mine")
    talk.refused("server_error", "mine")
    talk.sent("response.create")
    assert talk.found == ["refused"]


def test_a_create_that_is_refused_without_its_name_is_pending_no_more(talk: Talk):
    talk.sent("response.create", event_id="mine")
    talk.refused("conversation_already_has_active_response", None)
    talk.sent("response.create")
    assert talk.found == ["refused"]


def test_a_cancel_of_nothing_is_a_warning(talk: Talk):
    talk.sent("response.cancel")
    (finding,) = talk.findings()
    assert (finding.rule, finding.severity) == ("cancel-without-response", "warning")


def test_a_truncation_beyond_the_audio_is_found_with_both_lengths(talk: Talk):
    talk.spoke(500)
    talk.sent("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=585)
    (finding,) = talk.findings()
    assert (finding.rule, finding.fault.message) == ("truncate-beyond-audio", "585 ms, and 500 ms of audio have come")


@pytest.mark.parametrize("name, size", [("audio/pcmu", 8), ("audio/pcma", 8), ("audio/pcm", 48)])
def test_audio_is_measured_in_its_format(name: str, size: int):
    for end, found in ((1000, []), (1001, ["truncate-beyond-audio"])):
        talk = Talk()
        talk.opened(audio={"input": {"turn_detection": None}, "output": {"format": {"type": name}}})
        talk.spoke(0)
        talk.spoke_bytes(1000 * size)
        talk.sent("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=end)
        assert talk.found == found


def test_a_truncation_of_an_unknown_item_is_found(talk: Talk):
    talk.sent("conversation.item.truncate", item_id="item_9", content_index=0, audio_end_ms=1)
    assert talk.found == ["truncate-unknown-item"]


def test_a_truncation_before_the_first_audio_is_found(talk: Talk):
    talk.received("conversation.item.added", item={"id": "item_1", "type": "message", "role": "assistant"})
    talk.sent("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=0)
    assert talk.found == ["truncate-silent-item"]


def test_audio_that_a_publisher_cut_is_not_measured(talk: Talk):
    talk.received("conversation.item.added", item={"id": "item_1", "type": "message", "role": "assistant"})
    talk.received("response.output_audio.delta", item_id="item_1", delta="A" * 44)
    talk.sent("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=900)
    assert talk.found == []


def test_another_voice_behind_the_first_audio_is_found(talk: Talk):
    given = {"type": "realtime", "audio": {"output": {"voice": "marin"}}}
    talk.sent("session.update", session=given)
    talk.spoke(100)
    talk.sent("session.update", session=given)
    talk.sent("session.update", session={"type": "realtime", "audio": {"output": {"voice": "alloy"}}})
    findings = talk.findings()
    assert [(finding.rule, finding.entry.place) for finding in findings] == [("voice-after-audio", "line 6")]


def test_an_output_that_no_create_follows_is_a_hint(talk: Talk):
    talk.called("call_1")
    talk.gave("call_1")
    (finding,) = talk.findings()
    assert (finding.rule, finding.severity, finding.entry.place) == ("output-without-create", "hint", "line 4")


@pytest.mark.parametrize("by", ["client", "server"])
def test_an_output_that_a_response_follows_is_none(talk: Talk, by: str):
    talk.called("call_1")
    talk.gave("call_1")
    if by == "client":
        talk.sent("response.create")
    talk.began()
    assert talk.found == []


def test_an_output_of_no_call_and_a_second_one_are_found(talk: Talk):
    talk.called("call_1")
    for call_id in ("call_1", "call_1", "call_9"):
        talk.gave(call_id)
    talk.sent("response.create")
    assert talk.found == ["output-twice", "output-of-unknown-call"]


def test_a_create_ahead_of_the_last_output_is_found(talk: Talk):
    for call_id in ("call_1", "call_2"):
        talk.called(call_id)
    talk.gave("call_1")
    talk.sent("response.create")
    (finding,) = talk.findings()
    assert finding.rule == "create-before-all-outputs"
    assert "call_2" in finding.fault.message


def test_a_create_behind_all_outputs_is_none(talk: Talk):
    for call_id in ("call_1", "call_2"):
        talk.called(call_id)
    for call_id in ("call_2", "call_1"):
        talk.gave(call_id)
    talk.sent("response.create")
    assert talk.found == []
