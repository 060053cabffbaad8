"""What is written is read back: messages, audio and everything besides."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from realtime_mock.api_error import ApiError
from realtime_mock.audio.wav import read_wav
from realtime_mock.journal import Journal
from realtime_mock.recording.entries import AudioSpan
from realtime_mock.recording.reading import Log, NotALog, read_log
from realtime_mock.recording.writing import RecordingWriter

SAMPLES = bytes(range(200))
APPEND = {"type": "input_audio_buffer.append", "audio": base64.b64encode(SAMPLES).decode()}
DELTA = {"type": "response.output_audio.delta", "item_id": "item_1", "delta": base64.b64encode(SAMPLES[:50]).decode()}


def new_writer(folder: Path, **options: Any) -> RecordingWriter:
    return RecordingWriter(folder, upstream="wss://api.example", tool="test", started=1_800_000_000.0, **options)


def message(writer: RecordingWriter, event: dict[str, Any], direction: Any = "sent", session: str = "1") -> None:
    writer.record("message", event, at=1_800_000_001.5, after=1.5, session=session, direction=direction)


def read(path: Path) -> Log:
    return read_log(path.read_text(), path.name, folder=path.parent)


def test_a_message_is_read_back_with_its_times_and_its_direction(tmp_path: Path):
    writer = new_writer(tmp_path)
    message(writer, {"type": "response.create"})
    writer.close()
    log = read(writer.path)
    (entry,) = log.entries
    assert (entry.kind, entry.direction, entry.data, entry.at, entry.after, entry.session) == (
        ("message", "sent", {"type": "response.create"}, 1_800_000_001.5, 1.5, "1")
    )
    assert log.header is not None
    assert (log.header.upstream, log.header.date) == ("wss://api.example", "2027-01-15T08:00:00Z")


def test_audio_stands_beside_the_lines_and_comes_back_with_them(tmp_path: Path):
    writer = new_writer(tmp_path)
    for event, direction in ((APPEND, "sent"), (DELTA, "received"), (APPEND, "sent")):
        message(writer, event, direction)
    writer.close()
    assert read_wav(tmp_path / "recording-1-sent.wav") == (SAMPLES * 2, 24_000)
    assert read_wav(tmp_path / "recording-1-received.wav") == (SAMPLES[:50], 24_000)
    assert [entry.data for entry in read(writer.path).entries] == [APPEND, DELTA, APPEND]
    assert 'audio":""' in writer.path.read_text()


def test_the_audio_of_a_recording_that_was_killed_is_there_as_well(tmp_path: Path):
    writer = new_writer(tmp_path)
    message(writer, APPEND)
    assert read_wav(tmp_path / "recording-1-sent.wav") == (SAMPLES, 24_000)
    torn = writer.path.read_text() + '{"seq": 2, "kind": "mess'
    assert len(read_log(torn, "torn").entries) == 1
    writer.close()


@pytest.mark.parametrize("name, tag", [("audio/pcmu", 7), ("audio/pcma", 6)])
def test_another_format_begins_another_file(tmp_path: Path, name: str, tag: int):
    writer = new_writer(tmp_path)
    message(writer, APPEND)
    message(
        writer, {"type": "session.updated", "session": {"audio": {"input": {"format": {"type": name}}}}}, "received"
    )
    message(writer, APPEND)
    writer.close()
    second = (tmp_path / "recording-1-sent-2.wav").read_bytes()
    assert (int.from_bytes(second[20:22], "little"), int.from_bytes(second[24:28], "little")) == (tag, 8_000)
    assert second[44:] == SAMPLES
    assert read(writer.path).entries[2].data == APPEND


def test_audio_can_stay_in_the_lines_or_be_left_out(tmp_path: Path):
    for audio, data, span in (("inline", APPEND, None), ("none", {**APPEND, "audio": ""}, AudioSpan(200))):
        writer = new_writer(tmp_path / audio, audio=audio)
        message(writer, APPEND)
        writer.close()
        (entry,) = read(writer.path).entries
        assert (entry.data, entry.audio) == (data, span)
        assert list((tmp_path / audio).iterdir()) == [writer.path]


def test_a_second_recording_leaves_the_first_alone(tmp_path: Path):
    first, second = new_writer(tmp_path), new_writer(tmp_path)
    first.close()
    second.close()
    assert (first.path.name, second.path.name) == ("recording.jsonl", "recording-2.jsonl")


def test_a_journal_reads_as_the_same_entries():
    journal = Journal()
    journal.record('{"type":"response.create"}', channel="websocket", direction="in", kind="event", session_id="s")
    for channel in ("data-channel", "sideband"):
        text = '{"type":"error","event_id":"event_1"}'
        journal.record(text, channel=channel, direction="out", kind="event", session_id="s")
    error = ApiError("This is no JSON.")
    journal.record("{", channel="websocket", direction="in", kind="event", session_id="s", error=error)
    log = read_log(b"".join(journal.jsonl()).decode(), "journal.jsonl")
    assert [(entry.kind, entry.direction, entry.type) for entry in log.entries] == [
        ("message", "sent", "response.create"),
        ("message", "received", "error"),
        ("text", "sent", ""),
    ]


def test_a_journal_on_disk_begins_with_a_header():
    rows = [
        {"kind": "journal", "version": 1, "tool": "test", "started_at": 0.0},
        {"seq": 1, "mono": 7.5, "channel": "websocket", "direction": "in", "kind": "event", "event": {"type": "x"}},
        {"seq": 2, "mono": 9.0, "channel": "call", "direction": "in", "kind": "audio", "event": {"seconds": 1}},
    ]
    log = read_log("\n".join(map(json.dumps, rows)), "journal.jsonl")
    assert [(entry.place, entry.kind, entry.after) for entry in log.entries] == [
        ("line 2", "message", 0.0),
        ("line 3", "note", 1.5),
    ]


def test_a_list_of_messages_reads_as_the_same_entries():
    given = [{"kind": "message", "direction": "sent", "data": {"type": "response.create"}}]
    (entry,) = read_log(json.dumps(given), "x.json").entries
    assert (entry.place, entry.kind, entry.direction, entry.type) == ("entry 0", "message", "sent", "response.create")


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "the file is empty"),
        ("hello", "line 1 is not JSON"),
        ("[]", "the list is empty"),
        ("[1]", "entry 0 is no object"),
        ("[", "this is not JSON"),
        ('{"frames": []}', "key frames"),
        ('{\n "interactions": []\n}', "a cassette"),
        ('{"a": 1}\n{"b": 2}', "neither a recording nor a journal"),
        ('{"kind": "recording", "version": 99}', "version 99"),
        ('{"kind": "journal", "version": 99}', "version 99"),
        ('{"kind": "recording", "version": 1}\n{"kind": "message", "data": {}}', "line 2 does not tell who sent"),
        ('{"kind": "recording", "version": 1}\n{"kind": "dance", "data": {}}', "line 2 has no known kind"),
        ('{"kind": "recording", "version": 1}\nnope\n{}', "line 2 is not JSON"),
    ],
)
def test_what_is_no_recording_is_refused_by_name(text: str, why: str):
    with pytest.raises(NotALog, match=f"x: .*{why}"):
        read_log(text, "x")


def test_a_recording_makes_its_reader_open_no_file_elsewhere(tmp_path: Path):
    (tmp_path / "secret").write_bytes(bytes(100))
    folder = tmp_path / "recording"
    folder.mkdir()
    row = {
        "kind": "message",
        "direction": "sent",
        "data": APPEND,
        "audio": {"file": "../secret", "start": 0, "bytes": 4},
    }
    text = '{"kind": "recording", "version": 1}\n' + json.dumps(row)
    assert read_log(text, "x", folder=folder).entries[0].data == APPEND
