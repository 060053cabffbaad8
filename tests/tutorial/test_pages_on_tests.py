"""The pages on tests: what they have one save and type gives what they show."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType

import pytest

import realtime_mock

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIAL = DOCS / "tutorial" / "README.md"
README = DOCS.parent / "README.md"
GUIDE = DOCS / "how-to" / "test-with-pytest.md"
BY_VOICE = DOCS / "how-to" / "test-by-voice.md"
INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
BLOCK = re.compile(r"(?:(?:Save this as|Add to)\s`(?P<file>[^`]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
_OF_THIS_RUN = ("PYTEST_", "REALTIME_MOCK_")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the page speaks to bash")


def files(page: Path) -> dict[str, str]:
    """The page's files; what is added to one stands behind two empty lines."""
    parts = defaultdict(list)
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["kind"] != "console":
            assert block["file"], f"a block that is no file: {block['text'][:60]}"
            parts[block["file"]].append(block["text"])
    return {name: "\n\n".join(texts) for name, texts in parts.items()}


def commands(page: Path) -> list[tuple[str, str]]:
    """What is typed, and what is then shown."""
    blocks = BLOCK.finditer(page.read_text(encoding="utf-8"))
    consoles = [block["text"] for block in blocks if block["kind"] == "console"]
    typed = [part.partition("\n") for text in consoles for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part]
    return [(command, shown) for command, _, shown in typed if " pip install " not in command]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell in which `python` is that of this test run, and the plugin is there."""
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    program.chmod(0o755)
    command = program.with_name("realtime-mock")
    command.write_text('#!/bin/sh\nexec python -m realtime_mock "$@"\n')
    command.chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THIS_RUN)}
    plugin = "" if entry_points(group="pytest11", name="realtime_mock") else "-p realtime_mock.pytest_plugin"
    return clean | {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(realtime_mock.__file__).parent.parent),
        "PYTEST_ADDOPTS": plugin,
        "COLUMNS": "80",
    }


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Callable[[str], str]:
    """What a command prints, in a folder that is empty at first."""
    pytest.importorskip("openai")
    desk = tmp_path / "desk"
    desk.mkdir()

    def run(typed: str, files: Mapping[str, str] = MappingProxyType({})) -> str:
        for name, text in files.items():
            (desk / name).write_text(text, encoding="utf-8")
        command = ["bash", "-c", typed]
        done = subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, timeout=90)
        return done.stdout + done.stderr

    return run


def test_the_tutorial_shows_the_files_that_stand_beside_it():
    shown = files(TUTORIAL)
    assert set(shown) == {"assistant.py", "test_assistant.py", "weather.yaml", "pytest.ini"}
    for name, text in shown.items():
        assert text == (TUTORIAL.parent / name).read_text(encoding="utf-8"), name


@pytest.mark.timeout(240)
@pytest.mark.parametrize("page", [TUTORIAL, GUIDE, BY_VOICE], ids=["tutorial", "guide", "by voice"])
def test_the_commands_of_a_page_give_what_it_shows(page, run):
    saved = files(page)
    for typed, shown in commands(page):
        printed = run(typed, saved)
        saved = {}  # from here on they are as the commands left them
        assert fnmatch.fnmatchcase(printed, shown.replace("[", "[[]").replace("...", "*")), printed


def test_the_test_of_the_readme_passes(run):
    (test,) = (
        block["text"] for block in BLOCK.finditer(README.read_text(encoding="utf-8")) if block["kind"] == "python"
    )
    printed = run("python -m pytest -q", {"pytest.ini": INI, "test_app.py": test})
    assert re.search(r"^1 passed", printed, re.MULTILINE), printed


def test_the_tests_of_the_guide_pass(run):
    printed = run("python -m pytest -q", {"pytest.ini": INI, **files(GUIDE)})
    assert re.search(r"^6 passed", printed, re.MULTILINE), printed
