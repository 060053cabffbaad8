"""`realtime-mock replay`: what it prints, and with which status it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TOOL_ROUND = Path(__file__).parent / "tool-round.json"
CREATED = {"type": "session.created", "event_id": "event_1", "session": {"audio": {"input": {}}}}
BETA = {"type": "session.created", "event_id": "event_1", "session": {"modalities": ["text"]}}


def entry(data, kind="message", direction="received"):
    return {"kind": kind, "direction": direction, "data": data}


def test_an_equal_recording_ends_with_0(run_replay):
    result = run_replay(TOOL_ROUND)
    assert (result.exit_code, result.stdout) == (0, f"{TOOL_ROUND}: equal; 7 messages sent, 56 received\n")


def test_a_different_one_ends_with_1_and_shows_where(run_replay, tmp_path, tool_round):
    numbers = [n for n, given in enumerate(tool_round) if given["data"]["type"] == "response.output_text.done"]
    tool_round[numbers[0]]["data"]["text"] = "It rains."
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(tool_round), encoding="utf-8")
    result = run_replay(changed)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"{changed}: message {numbers[0]} (response.output_text.done) differs in text"
    assert [line.split()[0] for line in lines[1:5]] == [str(numbers[0] + at) for at in (-3, -2, -1, 0)]
    assert lines[5:] == ["  recorded: It rains.", "  the mock: It is sunny."]


def test_a_difference_in_a_side_stream_is_told_as_a_whole(run_replay, tmp_path, tool_round):
    for given in tool_round:
        if given["data"]["type"].endswith("transcription.completed"):
            given["data"]["usage"] = {"type": "tokens", "total_tokens": 3, "input_tokens": 1, "output_tokens": 1}
            item_id = given["data"]["item_id"]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(tool_round), encoding="utf-8")
    where = f"usage in conversation.item.input_audio_transcription.completed of {item_id}"
    assert run_replay(changed).stdout.splitlines() == [
        f"{changed}: {where} differs",
        "  recorded: total_tokens is 3, not 1 + 1",
        "  the mock: a duration",
    ]


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("", "this is not JSON"),
        ("[", "this is not JSON"),
        ("7", "a recording is a JSON list, and this is a number"),
        ('{"frames": []}', "this is a document of key frames"),
        ('{"interactions": []}', "this is a cassette"),
        ("[]", "the list is empty"),
        ("[7]", "entry 0 is a number"),
        ('[{"kind": "message"}]', "entry 0 has no direction and no data"),
        (json.dumps([CREATED]), "this is a list of events in the GA dialect without kind and direction"),
        (json.dumps([BETA]), "this is a list of events in the beta dialect without kind and direction"),
        (json.dumps([entry(CREATED, kind="close")]), "entry 0 is of kind 'close'"),
        (json.dumps([entry(CREATED, direction="up")]), "entry 0 has the direction 'up'"),
        (json.dumps([entry({})]), "the data of entry 0 is no event"),
        (json.dumps([entry({"type": "setupComplete"})]), "'setupComplete', which is no event of the Realtime API"),
        (json.dumps([entry({"type": "session.update"}, direction="sent")]), "holds nothing that a server sent"),
        (json.dumps([entry(BETA)]), "this session speaks the beta dialect"),
        (json.dumps([entry({"type": "session.created"})]), "session.created needs an object at 'session'"),
    ],
)
def test_what_is_no_recording_ends_with_2_and_is_named(run_replay, tmp_path, document, what):
    file = tmp_path / "other.json"
    file.write_text(document, encoding="utf-8")
    result = run_replay(file)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {file}: ")
    assert what in result.stderr


def test_a_file_that_is_not_there_ends_with_2(run_replay, tmp_path):
    result = run_replay(tmp_path / "nowhere.json")
    assert result.exit_code == 2
    assert "cannot read" in result.stderr
