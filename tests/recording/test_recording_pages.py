"""The pages about recordings say what the code does, and show what the commands print."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import realtime_mock
from realtime_mock.cli import main
from realtime_mock.lint.rules import RULES
from realtime_mock.recording.reading import read_log
from realtime_mock.recording.scrubbing import HEADERS_KEPT

DOCS = Path(__file__).parents[2] / "docs"
RECORD = (DOCS / "how-to/record-a-session.md").read_text(encoding="utf-8")
LINT = (DOCS / "how-to/lint-a-recording.md").read_text(encoding="utf-8")
FORMAT = (DOCS / "reference/recording-format.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```console\n\$ (?P<typed>[^\n]+)\n(?P<shown>.*?)```", re.DOTALL)
EXAMPLES = [match.groups() for page in (RECORD, LINT) for match in BLOCK.finditer(page)]


def run(typed: str) -> str:
    command = typed.replace("realtime-mock", f"{sys.executable} -c 'from realtime_mock.cli import main; main()'")
    paths = [str(Path(realtime_mock.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(["bash", "-c", command], cwd=DOCS.parent, env=environment, capture_output=True, timeout=60)
    return done.stdout.decode()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the pages speak to bash")
@pytest.mark.parametrize("typed, shown", EXAMPLES)
def test_a_command_prints_what_the_page_shows(typed: str, shown: str):
    assert run(typed) == shown


def test_every_rule_is_on_the_page_with_its_severity():
    listed = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \|$", LINT, re.MULTILINE)
    assert listed == [(rule.id, rule.severity, rule.meaning) for rule in RULES]


def test_the_lines_that_the_format_shows_are_read():
    header, *lines = re.findall(r"```json\n(\{.*?\})\n```", FORMAT)
    log = read_log("\n".join([header, *lines]), "page")
    assert [entry.type for entry in log.entries] == ["response.create", "input_audio_buffer.append"]
    (listed,) = re.findall(r"```json\n(\[.*?\])\n```", FORMAT, re.DOTALL)
    assert len(read_log(listed, "page").entries) == len(json.loads(listed))


def test_every_header_that_is_kept_is_named():
    assert set(re.findall(r"`([\w-]+)`", FORMAT)) >= HEADERS_KEPT


def test_the_options_that_the_page_names_are_there():
    known = "".join(CliRunner().invoke(main, [name, "--help"]).output for name in ("record", "import", "serve"))
    assert all(option in known for option in set(re.findall(r"--[a-z][a-z-]+", RECORD)))
