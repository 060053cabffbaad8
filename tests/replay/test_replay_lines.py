"""A recording of our own replays like the list of its messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from realtime_mock.recording.writing import RecordingWriter

TOOL_ROUND = Path(__file__).parent / "tool-round.json"


@pytest.fixture
def written(tmp_path: Path):
    """Write messages as connections of a recording; give its file."""

    def write(*connections: list[dict[str, Any]]) -> Path:
        writer = RecordingWriter(tmp_path, upstream="wss://api.example", tool="test", started=0.0)
        for number, entries in enumerate(connections, 1):
            session = str(number)
            writer.record("open", {"path": "/v1/realtime"}, at=0.0, after=0.0, session=session)
            for entry in entries:
                writer.record(
                    "message", entry["data"], at=0.0, after=0.0, session=session, direction=entry["direction"]
                )
            writer.record("close", {"code": 1000}, at=0.0, after=0.0, session=session, direction="sent")
        writer.close()
        return writer.path

    return write


def test_it_is_equal_where_the_list_is(run_replay, written, tool_round):
    path = written(tool_round)
    result = run_replay(path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: equal; 7 messages sent, 56 received\n")


def test_a_change_shows_as_in_a_list(run_replay, written, tool_round):
    text = json.dumps(tool_round).replace("It is sunny.", "It rains.")
    result = run_replay(written(json.loads(text)))
    assert result.exit_code == 1
    assert "  recorded: It rains." in result.stdout


def test_one_of_several_connections_is_chosen(run_replay, written, tool_round):
    path = written(tool_round, tool_round)
    unnamed, unknown = run_replay(path), run_replay(path, "--session", "3")
    assert (unnamed.exit_code, unknown.exit_code) == (2, 2)
    assert "there are several connections: 1, 2; choose one with --session" in unnamed.stderr
    assert "there is no connection '3'; there are: 1, 2" in unknown.stderr
    assert run_replay(path, "--session", "2").exit_code == 0
