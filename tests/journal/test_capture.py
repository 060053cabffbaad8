"""What is kept of a session's audio, and what the journal tells of it."""

from __future__ import annotations

import base64

import pytest

from realtime_mock.audio import g711
from realtime_mock.audio.wav import decode_wav
from realtime_mock.capture import AudioStore, SessionAudio
from realtime_mock.core.effects import PlayoutCleared, PlayoutStarted, PlayoutStopped
from realtime_mock.core.speech import BYTES_PER_MS
from realtime_mock.journal import Journal, SessionJournal

from .test_spans import silence, tone


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Kept:
    """A session's audio, with its store and its journal."""

    def __init__(self, *, is_call=False, max_bytes=10**9, folder=None):
        self.journal = Journal()
        self.store = AudioStore(max_bytes=max_bytes)
        self.store.folder = folder
        self.clock = Clock()
        self.audio = self.session("sess_1", is_call=is_call)

    def session(self, name, *, is_call=False):
        journal = SessionJournal(self.journal, name)
        return SessionAudio(self.store.open(name), journal, is_call=lambda: is_call, clock=self.clock)

    def told(self):
        return [(entry.channel, entry.direction, entry.event) for entry in self.journal.entries(kind="audio")]


def append(audio):
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(audio).decode()}


def delta(audio, response_id="resp_1"):
    kind = "response.output_audio.delta"
    return {"type": kind, "response_id": response_id, "delta": base64.b64encode(audio).decode()}


def created(name):
    side = {"format": {"type": name}}
    return {"type": "session.created", "session": {"audio": {"input": side, "output": side}}}


def test_what_a_client_appends_is_kept_and_told_when_it_is_over():
    kept = Kept()
    for piece in (silence(0.2), tone(0.5), silence(0.6)):
        kept.audio.received(append(piece))

    assert kept.store.pcm("sess_1", "in") == silence(0.2) + tone(0.5) + silence(0.6)
    assert kept.told() == [("websocket", "in", {"start_ms": 200, "end_ms": 700, "ms": 500, "dbfs": -23.0})]


@pytest.mark.parametrize("name, encode", [("audio/pcmu", g711.encode_ulaw), ("audio/pcma", g711.encode_alaw)])
def test_audio_of_telephones_becomes_pcm(name, encode):
    kept = Kept()
    kept.audio.sent(created(name))
    kept.audio.received(append(encode(tone(1, rate=8_000))))
    kept.audio.sent(delta(encode(tone(0.5, rate=8_000))))
    kept.audio.close()

    assert len(kept.store.pcm("sess_1", "in")) == 1000 * BYTES_PER_MS
    assert len(kept.store.pcm("sess_1", "out")) == 500 * BYTES_PER_MS
    assert [event["ms"] for _, _, event in kept.told()] == [1000, 500]


def test_what_is_sent_is_told_with_its_response():
    kept = Kept()
    for piece in (tone(0.1), tone(0.2)):
        kept.audio.sent(delta(piece))
    kept.audio.sent({"type": "response.done", "response": {"id": "resp_1"}})

    assert kept.told() == [("websocket", "out", {"response_id": "resp_1", "ms": 300})]
    assert kept.store.pcm("sess_1", "out") == tone(0.1) + tone(0.2)


def test_what_a_call_plays_is_kept_as_far_as_it_was_played():
    kept = Kept(is_call=True)
    for response_id in ("resp_1", "resp_2", "resp_3"):
        kept.audio.queued(response_id, tone(1))
        kept.audio.played(PlayoutStarted(response_id))
        kept.audio.sent(delta(tone(1), response_id))
    kept.audio.played(PlayoutStopped("resp_1"))
    kept.audio.played(PlayoutCleared("resp_2", 300))
    kept.clock.now = 0.25
    kept.audio.close()

    assert [event for _, _, event in kept.told()] == [
        {"response_id": "resp_1", "ms": 1000, "played_ms": 1000},
        {"response_id": "resp_2", "ms": 1000, "played_ms": 300},
        {"response_id": "resp_3", "ms": 1000, "played_ms": 250},
    ]
    assert len(kept.store.pcm("sess_1", "out")) == 1550 * BYTES_PER_MS


def test_the_oldest_audio_of_the_oldest_session_goes_first():
    kept = Kept(max_bytes=4000)
    other = kept.session("sess_2")
    for number in range(3):
        kept.audio.received(append(bytes([number]) * 1000))
    other.received(append(b"\x09" * 1500))

    assert kept.store.pcm("sess_1", "in") == b"\x02" * 1000
    assert kept.store.pcm("sess_2", "in") == b"\x09" * 1500
    assert kept.store.pcm("sess_3", "in") is None


def test_what_is_no_audio_after_all_is_passed_over():
    kept = Kept()
    for wrong in ("a", "ä", 7, None):
        kept.audio.sent({"type": "response.output_audio.delta", "response_id": "resp_1", "delta": wrong})
    kept.audio.close()

    assert kept.store.pcm("sess_1", "out") == b""


def test_a_session_that_is_forgotten_makes_room():
    kept = Kept(max_bytes=4000)
    kept.audio.received(append(bytes(2000)))
    kept.store.forget("sess_1")
    kept.session("sess_2").received(append(bytes(3000)))

    assert (kept.store.pcm("sess_1", "in"), len(kept.store.pcm("sess_2", "in"))) == (None, 3000)


def test_audio_is_on_disk_as_it_passes_and_another_format_begins_another_file(tmp_path):
    kept = Kept(folder=tmp_path / "audio")
    kept.audio.received(append(tone(0.1)))
    before_the_end = decode_wav((tmp_path / "audio" / "sess_1-in.wav").read_bytes(), name="in")
    kept.audio.sent(created("audio/pcmu"))
    kept.audio.received(append(g711.encode_ulaw(tone(0.1, rate=8_000))))
    kept.audio.close()

    assert before_the_end == (tone(0.1), 24_000)
    assert sorted(path.name for path in (tmp_path / "audio").iterdir()) == ["sess_1-in-2.wav", "sess_1-in.wav"]


def test_a_disk_that_fails_loses_no_audio_in_memory(tmp_path):
    (tmp_path / "audio").write_text("a file, and no folder")
    kept = Kept(folder=tmp_path / "audio")
    kept.audio.received(append(tone(0.1)))
    kept.audio.close()

    assert kept.store.pcm("sess_1", "in") == tone(0.1)
