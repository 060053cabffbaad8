"""Interruption, truncation and playback: what a client sees of each scenario."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

Event = dict[str, Any]


def types_of(events: list[Event]) -> list[str]:
    return [event["type"] for event in events]


def only(events: list[Event], event_type: str) -> Event:
    [found] = [event for event in events if event["type"] == event_type]
    return found


def audio_of(events: list[Event]) -> bytes:
    deltas = [event["delta"] for event in events if event["type"] == "response.output_audio.delta"]
    return b"".join(map(base64.b64decode, deltas))


def truncate(played: Any, item_id: str, end_ms: int) -> Event:
    [answer] = played.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=end_ms)
    return dict(answer)


def retrieved_part(played: Any, item_id: str) -> Event:
    [answer] = played.send("conversation.item.retrieve", item_id=item_id)
    part: Event = answer["item"]["content"][0]
    return part


FORMATS = {"audio/pcm": 48, "audio/pcmu": 8, "audio/pcma": 8}
"""Bytes of a millisecond."""


@pytest.mark.parametrize("name", FORMATS)
def test_the_server_knows_the_length_of_what_it_sent(play_socket, name: str):
    given_format = {"type": name, "rate": 24000} if name == "audio/pcm" else {"type": name}
    played = play_socket("truncation", given={"type": "realtime", "audio": {"output": {"format": given_format}}})
    item_id = played.respond()["output"][0]["id"]
    length_ms = len(audio_of(played.sent)) // FORMATS[name]
    refusal = truncate(played, item_id, length_ms + 1)
    assert (refusal["error"]["code"], refusal["error"]["message"]) == (
        "invalid_value",
        f"Audio content of {length_ms}ms is already shorter than {length_ms + 1}ms",
    )
    assert truncate(played, item_id, length_ms)["type"] == "conversation.item.truncated"


def test_a_truncated_item_is_shorter_and_has_no_transcript(play):
    played = play("truncation")
    item_id = played.respond()["output"][0]["id"]
    whole = retrieved_part(played, item_id)
    answer = truncate(played, item_id, 1500)
    cut = retrieved_part(played, item_id)
    assert {key: answer[key] for key in ("type", "item_id", "content_index", "audio_end_ms")} == {
        "type": "conversation.item.truncated",
        "item_id": item_id,
        "content_index": 0,
        "audio_end_ms": 1500,
    }
    assert "transcript" in whole
    assert "transcript" not in cut
    assert (len(base64.b64decode(cut["audio"])), len(base64.b64decode(whole["audio"])) > 72_000) == (72_000, True)


@pytest.mark.parametrize("missing", ["item_id", "content_index", "audio_end_ms"])
def test_a_truncation_needs_all_its_fields(play, missing: str):
    played = play("truncation")
    fields = {"item_id": "item_x", "content_index": 0, "audio_end_ms": 0}
    [refusal] = played.send("conversation.item.truncate", **{key: fields[key] for key in fields if key != missing})
    assert (refusal["error"]["code"], refusal["error"]["param"]) == ("missing_required_parameter", missing)


def test_the_first_truncation_is_refused_in_its_own_numbers(play):
    played = play("truncation-off-by-85ms")
    item_id = played.respond()["output"][0]["id"]
    refusal = truncate(played, item_id, 1200)
    assert refusal["error"]["message"] == "Audio content of 1115ms is already shorter than 1200ms"
    assert truncate(played, item_id, 1200)["type"] == "conversation.item.truncated"


def test_an_answer_interrupted_before_its_audio_cannot_be_truncated(play):
    played = play("interrupted-before-audio")
    item_id = only(played.send("response.create"), "response.content_part.added")["item_id"]
    assert played.wait(1.0) == []
    done = only(played.hear(b"\x00\x40\x00\xc0" * 6_000), "response.done")["response"]
    assert (done["status_details"]["reason"], done["output"][0]["status"]) == ("turn_detected", "incomplete")
    refusal = truncate(played, item_id, 100)
    assert refusal["error"]["message"] == "Only model output audio messages can be truncated"
    played.check()


def test_a_hesitating_answer_comes_in_the_end(play, words):
    assert words(play("interrupted-before-audio").respond()) == ["Excuse me, I had to think about that."]


def test_a_cancel_does_not_silence_a_call_but_a_clear_does(play_call):
    played = play_call("interruption", pace=10.0)
    played.send("response.create")
    played.run_to("output_audio_buffer.started")
    assert "output_audio_buffer.cleared" not in types_of(played.send("response.cancel"))
    assert types_of(played.wait(1.0)) == []
    played.send("output_audio_buffer.clear")
    assert types_of(played.run(played.now)) == ["output_audio_buffer.cleared"]
    played.check()


def test_a_cancel_with_nothing_active_is_refused(play):
    [refusal] = play("interruption").send("response.cancel", event_id="none")
    assert (refusal["error"]["code"], refusal["error"]["event_id"]) == ("response_cancel_not_active", "none")


def test_who_truncates_after_an_interruption(play_socket, play_call):
    socket, call = play_socket("interruption", pace=1.0), play_call("interruption", pace=1.0)
    for played in (socket, call):
        played.send("response.create")
        played.wait(3.0)
        played.speak()
    assert "conversation.item.truncated" not in types_of(socket.sent)
    truncated = only(call.sent, "conversation.item.truncated")
    assert "transcript" not in retrieved_part(call, truncated["item_id"])
    assert 2_000 < truncated["audio_end_ms"] < 4_000


def test_an_answer_that_is_done_still_plays_and_can_be_interrupted(play_call):
    played = play_call("long-playout")
    sent_ms = played_ms = 0
    played.send("response.create")
    done = only(played.run_to("response.done"), "response.done")["response"]
    assert "output_audio_buffer.stopped" not in types_of(played.wait(2.0))
    came = [*played.hear(b"\x00\x40\x00\xc0" * 6_000), *played.run(played.now)]
    sent_ms = len(base64.b64decode(retrieved_part_before(played, done))) // 48
    played_ms = only(came, "conversation.item.truncated")["audio_end_ms"]
    assert types_of(came)[:3] == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    assert done["status"] == "completed"
    assert sent_ms == played_ms
    played.check()


def retrieved_part_before(played: Any, done: Event) -> str:
    audio: str = retrieved_part(played, done["output"][0]["id"])["audio"]
    return audio


def test_on_a_socket_the_client_alone_knows_what_was_heard(play_socket):
    played = play_socket("long-playout")
    played.respond()
    assert types_of(played.hear(b"\x00\x40\x00\xc0" * 6_000)) == ["input_audio_buffer.speech_started"]


def timing(played: Any) -> str:
    """Which of the two streams of an answer is which: `a` for audio, `t` for a piece of transcript."""
    mark = len(played.sent)
    played.respond()
    short = {"response.output_audio.delta": "a", "response.output_audio_transcript.delta": "t"}
    return "".join(short.get(event["type"], "") for event in played.sent[mark:])


def test_the_transcript_comes_early_late_and_in_step(play_socket):
    played = play_socket("transcript-timing")
    early, late, beside = timing(played), timing(played), timing(played)
    assert (early, late) == ("t" * 6 + "a" * 12, "a" * 12 + "t" * 6)
    assert sorted(beside) == sorted(early)
    assert beside not in (early, late)
    played.check()


def test_each_word_is_a_tone_of_its_own(play_socket):
    played = play_socket("transcript-timing")
    played.respond()
    samples = np.frombuffer(audio_of(played.sent), "<i2").reshape(6, 7200)[:, :4800]
    tones = [int(np.argmax(np.abs(np.fft.rfft(word)))) * 5 for word in samples]
    assert tones == [400, 500, 600, 700, 800, 900]


def test_audio_comes_after_its_end_and_after_the_end_of_the_response(play_socket):
    played = play_socket("trailing-audio")
    played.respond()
    types = types_of(played.sent)
    trailing = [at for at, event in enumerate(types) if event == "response.output_audio.delta"][-2:]
    ends = [types.index("response.output_item.done"), types.index("response.done")]
    assert ends[0] < trailing[0] < ends[1] < trailing[1]
    beep, again = (played.sent[at] for at in trailing)
    assert (beep["item_id"], beep["delta"], len(base64.b64decode(beep["delta"]))) == (
        again["item_id"],
        again["delta"],
        240,
    )
