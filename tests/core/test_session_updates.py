"""What a session is, and what an update makes of it."""

import json
from pathlib import Path

import pytest

RECORDED = Path(__file__).parents[3] / "shared" / "reference" / "protocol" / "sessions"


def update(session, **fields):
    [event] = session.send("session.update", session={"type": "realtime", **fields})
    return event


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded sessions are not here")
@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("gpt-realtime", "ga-session.created.gpt-realtime.json"),
        ("gpt-realtime-2.1", "ga-session.created.gpt-realtime-2.x.json"),
    ],
)
def test_the_defaults_are_those_recorded(opened, model, file):
    recorded = json.loads((RECORDED / file).read_text())
    recorded = recorded.get("event", recorded)
    recorded = recorded.get("session", recorded)
    session = opened(model=model).sent[0]["session"]
    for key in ("id", "expires_at", "model"):
        recorded.pop(key, None)
        session.pop(key)
    assert session == recorded
    assert list(session["audio"]["input"]) == list(recorded["audio"]["input"])


def test_an_update_is_merged_inside_turn_detection(opened):
    detection = {"type": "server_vad", "silence_duration_ms": 700}
    event = update(opened(), audio={"input": {"turn_detection": detection}})
    assert event["session"]["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 700,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }


def test_null_turns_detection_off_and_a_type_turns_it_on_again(opened):
    session = opened()
    off = update(session, audio={"input": {"turn_detection": None}})
    on = update(session, audio={"input": {"turn_detection": {"type": "server_vad"}}})
    assert off["session"]["audio"]["input"]["turn_detection"] is None
    assert on["session"]["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 200


def test_one_bad_field_discards_the_whole_update(opened):
    session = opened()
    event = update(session, instructions="Be brief.", bogus=1)
    assert event["error"]["message"] == "Unknown parameter: 'session.bogus'."
    assert session.session.snapshot()["session"]["instructions"].startswith("Your knowledge cutoff")


def test_empty_instructions_bring_the_default_back(opened):
    session = opened()
    update(session, instructions="Be brief.")
    assert update(session, instructions="")["session"]["instructions"].startswith("Your knowledge cutoff")


def test_a_transcription_is_echoed_with_its_three_keys(opened):
    event = update(opened(), audio={"input": {"transcription": {"model": "whisper-1"}}})
    transcription = event["session"]["audio"]["input"]["transcription"]
    assert transcription == {"model": "whisper-1", "language": None, "prompt": None}


def test_explicit_nulls_change_nothing(opened):
    session = opened()
    before = session.session.snapshot()["session"]
    event = update(session, tools=None, tool_choice=None, output_modalities=None, audio=None)
    assert event["session"] == before


def test_the_voice_is_locked_once_the_assistant_has_spoken(opened):
    session = opened()
    session.send("response.create")
    session.run()
    event = update(session, audio={"output": {"voice": "cedar"}})
    assert event["error"]["code"] == "cannot_update_voice"
    assert update(session, audio={"output": {"voice": "alloy"}})["type"] == "session.updated"


def test_a_transcription_update_is_refused_by_a_realtime_session(opened):
    [event] = opened().send("session.update", session={"type": "transcription"})
    assert event["error"]["code"] == "invalid_parameter"


def test_a_transcription_session_is_smaller(opened):
    session = opened(given={"type": "transcription"})
    assert list(session.sent[0]["session"]) == ["type", "object", "id", "expires_at", "audio", "include"]
    [error] = session.send("response.create")
    assert error["type"] == "error"
