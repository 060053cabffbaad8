"""The how-to page on faults: what it has one save and type gives what it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import realtime_mock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "break-it-on-purpose.md"
BLOCK = re.compile(r"(?:Save this as `(?P<file>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
BLOCKS = list(BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
FILES = {block["file"]: block["text"] for block in BLOCKS if block["kind"] != "console"}
TYPED = [
    part.partition("\n")[::2]
    for block in BLOCKS
    if block["kind"] == "console"
    for part in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)
    if part
]


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], str]:
    """What a command prints where the page's files are saved."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    programs = {
        "python": f'exec {shlex.quote(sys.executable)} "$@"',
        "realtime-mock": f'exec {shlex.quote(sys.executable)} -c "from realtime_mock.cli import main; main()" "$@"',
    }
    (tmp_path / "bin").mkdir()
    for name, line in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    clean = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "REALTIME_MOCK_"))}
    plugin = "" if entry_points(group="pytest11", name="realtime_mock") else "-p realtime_mock.pytest_plugin"
    environment = clean | {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(realtime_mock.__file__).parent.parent),
        "PYTEST_ADDOPTS": plugin,
    }

    def run(typed: str) -> str:
        done = subprocess.run(
            ["sh", "-c", typed], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=90, check=False
        )
        return done.stdout + done.stderr

    return run


def test_every_block_is_a_file_or_a_command():
    assert set(FILES) == {"client.py", "test_client.py", "flaky.yaml"}
    assert len(TYPED) == 5


@pytest.mark.parametrize("typed, shown", TYPED)
def test_a_command_prints_what_the_page_shows(run, typed, shown):
    assert run(typed) == shown


def test_the_pages_tests_pass(run):
    printed = run("python -m pytest -q test_client.py")
    assert re.search(r"^19 passed", printed, re.MULTILINE), printed
