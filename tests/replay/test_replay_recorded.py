"""The service's own recordings: the mock answers as the service did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parents[3] / "shared" / "reference" / "recordings"
REPLAYABLE = sorted(RECORDINGS.glob("pydantic-ai__*.json"))
OTHERS = {
    "beta-webrtc-2025-02-semantic-kernel.json": "a list of events in the beta dialect without kind and direction",
    "ga-idle-timeout-2026-keyframes.json": "a document of key frames",
}

needs_recordings = pytest.mark.skipif(not REPLAYABLE, reason="no recordings of the service beside this checkout")


@needs_recordings
@pytest.mark.parametrize("path", REPLAYABLE, ids=lambda path: path.stem)
def test_a_recording_of_the_service_is_equal(path, play):
    assert play(json.loads(path.read_text(encoding="utf-8"))) is None


@needs_recordings
def test_every_openai_websocket_recording_is_among_them():
    assert len([path for path in REPLAYABLE if "azure" not in path.name]) >= 5


@needs_recordings
@pytest.mark.parametrize(("name", "what"), OTHERS.items())
def test_other_layouts_are_refused_by_name(name, what, run_replay):
    result = run_replay(RECORDINGS / name)
    assert result.exit_code == 2
    assert f"{name}: this is {what}" in result.stderr


@needs_recordings
def test_a_changed_recording_of_the_service_is_different(play):
    changed = 0
    for path in REPLAYABLE:
        entries = json.loads(path.read_text(encoding="utf-8"))
        for entry in entries:
            if entry["data"]["type"] == "response.done":
                entry["data"]["response"]["output"][0]["status"] = "incomplete"
                changed += 1
        assert play(entries) is not None
    assert changed >= len(REPLAYABLE)
