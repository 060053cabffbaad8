"""`realtime-conformance check`: the passive checks over a file."""

from __future__ import annotations

import asyncio
import json

import pytest

from realtime_conformance.server import Server
from realtime_conformance.targets.virtual import VirtualTarget


async def turn():
    """What passes in a written turn."""
    server = Server(VirtualTarget())
    async with server.session(output_modalities=["text"]) as session:
        await session.write("Good morning.")
        await session.respond()
    return [
        {"kind": "message", "direction": passage.direction, "data": passage.data}
        for passage in server.transcript.passages
    ]


@pytest.fixture
def recorded(tmp_path):
    """Writes what passed in a turn to a file, but for events of these types."""
    passed = asyncio.run(turn())

    def write(*lost):
        path = tmp_path / "passed.json"
        path.write_text(json.dumps([entry for entry in passed if entry["data"]["type"] not in lost]))
        return path

    return write


def test_what_is_right_passes(invoke, recorded):
    done = invoke("check", recorded())
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].startswith("1 case, 20 checks: 20 passed")


def test_a_broken_stream_is_told_with_its_claim(invoke, recorded, tmp_path):
    report = tmp_path / "report.json"
    done = invoke("check", recorded("response.content_part.done"), "--json", report)
    assert done.exit_code == 1
    assert "FAILED WIRE-002." in done.stdout
    assert "  MUST  " in done.stdout
    assert json.loads(report.read_text("utf-8"))["suite"] == "check"


def test_a_baseline_makes_it_expected(invoke, recorded, tmp_path):
    broken, known = recorded("response.content_part.done"), tmp_path / "known.yaml"
    assert invoke("check", broken, "--write-baseline", known).exit_code == 1
    assert invoke("check", broken, "--baseline", known).exit_code == 0
    assert invoke("check", recorded(), "--baseline", known).exit_code == 1


@pytest.mark.parametrize(("text", "why"), [(None, "cannot be read"), ("", "is empty"), ("{}", "other.json")])
def test_what_is_no_file_of_events_is_named(invoke, tmp_path, text, why):
    path = tmp_path / "other.json"
    if text is not None:
        path.write_text(text)
    done = invoke("check", path)
    assert done.exit_code == 2
    assert why in done.stderr
