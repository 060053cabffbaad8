"""The how-to page shows what the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import realtime_mock
from realtime_mock.replay.claims import FIELDS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "replay-a-recording.md"
BLOCK = re.compile(r"```console\n\$ (?P<typed>[^\n]+)\n(?P<shown>.*?)```", re.DOTALL)
EXAMPLES = [match.groups() for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def run(typed):
    command = typed.replace("realtime-mock", f"{sys.executable} -c 'from realtime_mock.cli import main; main()'")
    paths = [str(Path(realtime_mock.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="the page speaks to bash")
@pytest.mark.parametrize(("typed", "shown"), EXAMPLES)
def test_a_command_prints_what_the_page_shows(typed, shown):
    parts = [re.escape(part) for part in shown.split("...\n")]
    assert re.fullmatch("(?:.*\n)*".join(parts), run(typed))


def test_the_page_names_every_compared_field():
    listed = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))
    assert listed >= FIELDS
    assert len(EXAMPLES) == 2
