"""Server VAD, interruptions, commits: protocol 7.4, 7.5, 7.9, and the audio's own clock (13)."""

import base64

import numpy as np
import pytest

from realtime_mock.audio import g711, pcm

VAD_TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def test_a_spoken_turn_comes_in_the_recorded_order(opened, tone, silence):
    session = opened()
    events = session.append(silence(0.5) + tone(1) + silence(0.5))
    assert [event["type"] for event in events][:6] == VAD_TURN
    assert len({event.get("item_id") or event["item"]["id"] for event in events[:5]}) == 1
    session.run()
    session.check()


def test_offsets_are_on_a_grid_of_32_ms_with_the_padding_subtracted(opened, tone, silence):
    session = opened()
    started, stopped, *_ = session.append(silence(1) + tone(1) + silence(0.5))
    assert (started["audio_start_ms"] + 300) % 32 == 0
    assert started["audio_start_ms"] == 992 - 300
    assert stopped["audio_end_ms"] % 32 == 0
    assert 2200 <= stopped["audio_end_ms"] <= 2264


def test_offsets_count_across_turns(opened, tone, silence):
    session = opened()
    session.append(tone(1) + silence(1))
    session.run()
    started, *_ = session.append(tone(1) + silence(1))
    assert started["audio_start_ms"] == 1984 - 300


def test_the_size_of_the_appends_does_not_matter(opened, tone, silence):
    audio = silence(0.5) + tone(1) + silence(1)
    whole, pieces = opened(), opened()
    whole.append(audio)
    for at in range(0, len(audio), 1234):
        pieces.append(audio[at : at + 1234])
    marks = [
        [event for event in session.sent if event["type"].startswith("input_audio_buffer.")]
        for session in (whole, pieces)
    ]
    assert [e.get("audio_start_ms", e.get("audio_end_ms")) for e in marks[0]] == [
        e.get("audio_start_ms", e.get("audio_end_ms")) for e in marks[1]
    ]


@pytest.mark.parametrize(("threshold", "amplitude", "heard"), [(0.5, 420, True), (0.5, 240, False), (0.7, 420, False)])
def test_the_threshold_is_a_level_in_dbfs(opened, tone, silence, threshold, amplitude, heard):
    quiet = (np.frombuffer(tone(1), "<i2") / 8000 * amplitude).astype("<i2").tobytes()
    session = opened()
    detection = {"type": "server_vad", "threshold": threshold}
    session.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    events = session.append(silence(0.5) + quiet + silence(0.5))
    assert (events != []) is heard


def test_the_answer_states_how_long_it_heard(opened, tone, silence):
    session = opened()
    session.append(silence(0.5) + tone(1.5) + silence(0.5))
    session.run()
    transcript = session.session.snapshot()["items"][-1]["content"][0]["transcript"]
    assert "1.5" in transcript


def test_speaking_over_an_answer_cancels_it(opened, tone, silence):
    session = opened()
    session.send("response.create")
    events = session.append(tone(0.5))
    assert events[0]["type"] == "input_audio_buffer.speech_started"
    assert events[-1]["response"]["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    session.append(silence(1))
    session.run()
    session.check()


def test_without_interrupt_response_the_answer_goes_on(opened, tone):
    session = opened()
    detection = {"type": "server_vad", "interrupt_response": False}
    session.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}})
    session.send("response.create")
    assert [event["type"] for event in session.append(tone(0.5))] == ["input_audio_buffer.speech_started"]


def test_a_transcription_completes_with_the_deltas_it_sent(opened, tone, silence):
    session = opened()
    transcription = {"input": {"transcription": {"model": "whisper-1"}}}
    session.send("session.update", session={"type": "realtime", "audio": transcription})
    session.append(silence(0.5) + tone(1) + silence(0.5))
    session.run()
    done = next(e for e in session.sent if e["type"].endswith("input_audio_transcription.completed"))
    assert done["usage"] == {"type": "duration", "seconds": 2}
    session.check()


def test_a_manual_commit_makes_an_item_and_no_response(opened, tone):
    session = opened(given={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    session.append(tone(1))
    types = [event["type"] for event in session.send("input_audio_buffer.commit")]
    assert types == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    assert session.session.next_timer() is None


def test_a_commit_of_too_little_is_refused_in_the_recorded_words(opened, tone):
    session = opened(given={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    session.append(tone(0.05))
    [error] = session.send("input_audio_buffer.commit")
    assert error["error"]["code"] == "input_audio_buffer_commit_empty"
    assert error["error"]["message"] == (
        "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
        "but buffer only has 50.00ms of audio."
    )


def test_a_cleared_buffer_is_empty(opened, tone):
    session = opened()
    session.append(tone(0.5))
    [cleared] = session.send("input_audio_buffer.clear")
    [error] = session.send("input_audio_buffer.commit")
    assert (cleared["type"], error["error"]["code"]) == (
        "input_audio_buffer.cleared",
        "input_audio_buffer_commit_empty",
    )


def test_an_odd_byte_waits_for_the_next_append(opened, tone):
    session = opened(given={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    audio = tone(0.2)
    session.append(audio[:4801])
    session.append(audio[4801:])
    assert session.send("input_audio_buffer.commit")[0]["type"] == "input_audio_buffer.committed"


@pytest.mark.parametrize("format_type", ["audio/pcmu", "audio/pcma"])
def test_g711_is_heard_and_spoken(opened, tone, silence, format_type):
    session = opened(given={"type": "realtime", "audio": {"input": {"format": {"type": format_type}}}})
    encode = g711.encode_ulaw if format_type == "audio/pcmu" else g711.encode_alaw
    audio = pcm.resample(silence(0.5) + tone(1) + silence(0.5), source=24_000, target=8_000)
    events = session.send("input_audio_buffer.append", audio=base64.b64encode(encode(audio)).decode())
    assert [event["type"] for event in events][:6] == VAD_TURN
    own = {"audio": {"output": {"format": {"type": format_type}}}}
    session.run()
    session.send("response.create", response=own)
    deltas = [e["delta"] for e in session.run() if e["type"] == "response.output_audio.delta"]
    assert {len(base64.b64decode(delta)) for delta in deltas[:-1]} == {150 * 8}
