"""The tutorial on tests: its page shows the files that stand beside it, and its commands give what it shows."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import realtime_mock

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tutorial"
PAGE = FOLDER / "README.md"
BLOCK = re.compile(r"(?:(?:Save this as|Add to)\s`(?P<file>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
_OF_THIS_RUN = ("PYTEST_", "REALTIME_MOCK_")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the page speaks to bash")


def files() -> dict[str, str]:
    """The page's files; what is added to one stands behind two empty lines."""
    parts = defaultdict(list)
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["kind"] != "console":
            assert block["file"], f"a block that is no file: {block['text'][:60]}"
            parts[block["file"]].append(block["text"])
    return {name: "\n\n".join(texts) for name, texts in parts.items()}


def commands() -> list[tuple[str, str]]:
    """What is typed, and what is then shown."""
    consoles = [
        block["text"] for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if block["kind"] == "console"
    ]
    typed = [part.partition("\n") for text in consoles for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part]
    return [(command, shown) for command, _, shown in typed if " pip install " not in command]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell in which `python` is that of this test run, and the plugin is there."""
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    program.chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THIS_RUN)}
    plugin = "" if entry_points(group="pytest11", name="realtime_mock") else "-p realtime_mock.pytest_plugin"
    return clean | {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(realtime_mock.__file__).parent.parent),
        "PYTEST_ADDOPTS": plugin,
        "COLUMNS": "80",
    }


def test_the_page_shows_the_files_that_stand_beside_it():
    shown = files()
    assert set(shown) == {"assistant.py", "test_assistant.py", "weather.yaml", "pytest.ini"}
    for name, text in shown.items():
        assert text == (FOLDER / name).read_text(encoding="utf-8"), name


def test_the_commands_of_the_page_give_what_it_shows(tmp_path, environment):
    pytest.importorskip("openai")
    desk = tmp_path / "desk"
    desk.mkdir()
    for name, text in files().items():
        (desk / name).write_text(text, encoding="utf-8")
    for typed, shown in commands():
        done = subprocess.run(
            ["bash", "-c", typed], cwd=desk, env=environment, capture_output=True, text=True, timeout=60
        )
        assert fnmatch.fnmatchcase(done.stdout, shown.replace("[", "[[]").replace("...", "*")), (
            done.stdout + done.stderr
        )
