"""`semantic_vad`: our rule for "the user has finished", since the detector hears only sound.

A turn ends after a silence of a fifth of the longest wait that is documented for its eagerness.
"""

from __future__ import annotations

import pytest

DOCUMENTED_MAXIMUM_MS = {"low": 8000, "medium": 4000, "auto": 4000, "high": 2000}


def semantic(**detection):
    return {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "semantic_vad", **detection}}}}


def ended_after(session, tone, silence):
    """How many milliseconds of silence ended a turn."""
    came = session.append(silence(0.512) + tone(0.512) + silence(9))
    [stopped] = [event for event in came if event["type"] == "input_audio_buffer.speech_stopped"]
    return stopped["audio_end_ms"] - 1024


@pytest.mark.parametrize("eagerness", DOCUMENTED_MAXIMUM_MS)
def test_an_eager_detector_waits_less(opened, tone, silence, eagerness):
    wait_ms = DOCUMENTED_MAXIMUM_MS[eagerness] / 5
    assert 0 <= ended_after(opened(given=semantic(eagerness=eagerness)), tone, silence) - wait_ms < 64


def test_without_eagerness_it_is_auto(opened, tone, silence):
    session = opened(given=semantic())
    assert session.sent[0]["session"]["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
    assert 0 <= ended_after(session, tone, silence) - 800 < 64


def test_a_turn_is_answered_and_interrupts_like_one_of_server_vad(opened, tone, silence):
    session = opened(given=semantic(eagerness="high"))
    came = session.append(tone(1) + silence(1))
    assert [event["type"] for event in came][:6] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    came = session.append(tone(0.5))
    assert came[-1]["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}


@pytest.mark.parametrize(
    "key, absent", [("create_response", "response.created"), ("interrupt_response", "response.done")]
)
def test_its_consequences_can_be_turned_off(opened, tone, silence, key, absent):
    session = opened(given=semantic(eagerness="high", **{key: False}))
    came = session.append(tone(1) + silence(1)) + session.append(tone(0.5))
    assert absent not in [event["type"] for event in came]


def test_an_update_to_semantic_vad_keeps_nothing_of_server_vad(opened):
    session = opened()
    [updated] = session.send("session.update", session=semantic(eagerness="low"))
    assert updated["session"]["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "low",
        "create_response": True,
        "interrupt_response": True,
    }
