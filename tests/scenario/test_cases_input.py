"""What the user says: what a client sees of each scenario."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from realtime_mock.audio import g711, pcm
from realtime_mock.hearing.saying import Said
from realtime_mock.media.voice import default_voice

Event = dict[str, Any]
NOISE = (b"\x00\x40" * 12 + b"\x00\xc0" * 12) * 1000
"""A second of a square wave of 1 kHz, 24 kHz PCM: what a telephone carries."""
TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def types_of(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def heard(detection: Event | None, **audio: Any) -> Event:
    """A session that transcribes, with this turn detection."""
    given = {"transcription": {"model": "whisper-1"}, "turn_detection": detection, **audio}
    return {"type": "realtime", "audio": {"input": given}}


VAD = {"type": "server_vad", "create_response": False, "silence_duration_ms": 200, "prefix_padding_ms": 0}


def append(played: Any, audio: bytes) -> list[Event]:
    came: list[Event] = played.send("input_audio_buffer.append", audio=base64.b64encode(audio).decode())
    return came


def transcripts(played: Any) -> list[str]:
    return [event["transcript"] for event in played.sent if event["type"] == TRANSCRIBED]


@pytest.mark.parametrize(("length_ms", "found"), [(0, "0.00"), (50, "50.00"), (99, "99.00")])
def test_a_short_commit_is_refused_with_its_length(play_socket, length_ms: int, found: str):
    played = play_socket("manual-turns", given=heard(None))
    append(played, NOISE[: length_ms * 48])
    [refusal] = played.send("input_audio_buffer.commit")
    assert refusal["error"]["code"] == "input_audio_buffer_commit_empty"
    assert refusal["error"]["message"].endswith(
        f"Expected at least 100ms of audio, but buffer only has {found}ms of audio."
    )


def test_the_user_speaks_by_the_button(play_socket, words):
    played = play_socket("manual-turns", given=heard(None))
    append(played, NOISE)
    assert types_of(played.send("input_audio_buffer.commit")) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert words(played.respond()) == ["Over."]
    assert transcripts(played) == ["I have pressed the button."]
    played.check()


def test_the_button_can_be_pressed_while_the_detector_listens(play_socket):
    played = play_socket("manual-turns", given=heard(VAD))
    append(played, NOISE)
    [started] = [event for event in played.sent if event["type"] == "input_audio_buffer.speech_started"]
    committed = played.send("input_audio_buffer.commit")[0]
    assert committed["item_id"] == started["item_id"]
    [refusal] = played.send("input_audio_buffer.commit")
    assert refusal["error"]["code"] == "input_audio_buffer_commit_empty"
    played.check()


def test_adjacent_turns_have_their_own_items_and_words(play_socket):
    played = play_socket("adjacent-turns", given=heard(VAD))
    for _ in range(3):
        append(played, NOISE)
        append(played, bytes(24_000))
    played.run()
    items = [event["item_id"] for event in played.sent if event["type"] == "input_audio_buffer.committed"]
    offsets = [event["audio_start_ms"] for event in played.sent if event["type"].endswith("speech_started")]
    assert len(set(items)) == 3
    assert [round(offset / 100) for offset in offsets] == [0, 15, 30]
    assert transcripts(played) == ["This is my first sentence.", "And this is my second.", "Three."]
    played.check()


def test_empty_and_odd_appends_lose_nothing(play_socket):
    whole, pieces = (play_socket("adjacent-turns", given=heard(None)) for _ in range(2))
    append(whole, NOISE)
    for piece in (b"", NOISE[:1001], b"", NOISE[1001:2002], NOISE[2002:]):
        assert append(pieces, piece) == []
    stored = []
    for played in (whole, pieces):
        item_id = played.send("input_audio_buffer.commit")[0]["item_id"]
        stored.append(played.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]["audio"])
    assert stored[0] == stored[1] == base64.b64encode(NOISE).decode()


def test_transcripts_come_at_every_wrong_moment(play):
    played = play("transcripts", given=heard({**VAD, "create_response": True}))
    mark, kinds = 0, []
    for _ in range(4):
        played.speak()
        played.wait(5.0)
        kinds.append([kind for kind in types_of(played.sent[mark:]) if kind.endswith((".completed", ".failed"))])
        mark = len(played.sent)
    assert kinds == [[], [TRANSCRIBED] * 2, [TRANSCRIBED.replace("completed", "failed")], []]
    assert transcripts(played) == ["This comes at once.", "This comes long after the answer to it."]
    played.speak()
    played.run()
    assert transcripts(played)[2:] == ["This comes as usual."]
    played.check()


def test_a_late_transcript_names_the_item_that_it_belongs_to(play):
    played = play("transcripts", given=heard({**VAD, "create_response": True}))
    played.speak()
    played.run()
    types = types_of(played.sent)
    [late] = [event for event in played.sent if event["type"] == TRANSCRIBED]
    [committed] = [event for event in played.sent if event["type"] == "input_audio_buffer.committed"]
    assert late["item_id"] == committed["item_id"]
    assert types.index("response.done") < types.index(TRANSCRIBED)


def test_a_failed_transcription_says_why(play):
    played = play("transcripts", given=heard(VAD))
    for _ in range(3):
        played.speak()
    played.run()
    [failed] = [event for event in played.sent if event["type"].endswith(".failed")]
    assert failed["error"] == {
        "type": "transcription_error",
        "code": "audio_unintelligible",
        "message": "The audio could not be transcribed.",
        "param": None,
    }


def test_a_transcription_session_hears_the_same(play_socket):
    given = {**heard({**VAD, "create_response": None}), "type": "transcription"}
    del given["audio"]["input"]["turn_detection"]["create_response"]
    played = play_socket("transcripts", given=given)
    assert played.sent[0]["session"]["type"] == "transcription"
    played.speak()
    played.run()
    assert transcripts(played) == ["This comes long after the answer to it."]
    assert [kind for kind in types_of(played.sent) if kind.startswith("response")] == []


ENCODINGS = {
    "audio/pcm": lambda audio: audio,
    "audio/pcmu": lambda audio: g711.encode_ulaw(pcm.resample(audio, source=24_000, target=8000)),
    "audio/pcma": lambda audio: g711.encode_alaw(pcm.resample(audio, source=24_000, target=8000)),
}


def format_of(name: str) -> Event:
    return {"type": name, "rate": 24000} if name == "audio/pcm" else {"type": name}


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_conversation_in_each_format(play_socket, name: str):
    given = heard(VAD, format=format_of(name))
    given["audio"]["output"] = {"format": format_of(name)}
    played = play_socket("audio-formats", given=given)
    append(played, ENCODINGS[name](bytes(24_000) + NOISE + bytes(24_000)))
    started, stopped = (event for event in played.sent if "speech_st" in event["type"])
    assert abs(started["audio_start_ms"] - 500) <= 60
    assert abs(stopped["audio_end_ms"] - 1700) <= 60
    length_ms = played_ms(played, bytes_per_ms=48 if name == "audio/pcm" else 8)
    assert length_ms == 40 * len("I can hear you, whatever line you are on.")
    assert transcripts(played) == ["Can you hear me?"]
    played.check()


def played_ms(played: Any, *, bytes_per_ms: int) -> int:
    played.respond()
    deltas = [event["delta"] for event in played.sent if event["type"] == "response.output_audio.delta"]
    return sum(len(base64.b64decode(delta)) for delta in deltas) // bytes_per_ms


def test_the_acknowledged_format_is_not_the_one_that_is_sent(play_socket):
    played = play_socket("format-mismatch")
    update = {"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}
    [updated] = played.send("session.update", session=update)
    assert updated["session"]["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert played_ms(played, bytes_per_ms=8) == 40 * len("This may sound strange to you.")
    assert played.faults() == []


def test_the_answer_follows_what_was_heard(play):
    played = play("spoken-questions", given=heard({**VAD, "create_response": True}))
    for text in (
        "What time is it?",
        "Where is the station?",
        "What's the weather in Paris?",
        "Can you tell me the time?",
    ):
        played.hear(Said((text,), before=0.3, silence=0.7).pcm(default_voice()))
        played.run()
    said = [event["transcript"] for event in played.sent if event["type"] == "response.output_audio_transcript.done"]
    again, time = "I did not catch that. Please say it again.", "It is ten past nine."
    assert said == [time, again, "It is sunny in Paris.", time]
    first, unknown, third, fourth = transcripts(played)
    assert [first, third, fourth] == ["What time is it?", "What's the weather in Paris?", "Can you tell me the time?"]
    assert unknown.startswith("[speech, ")
    played.check()
