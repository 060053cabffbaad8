"""The README's two commands work as printed, in a clean clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import wave
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
INSIDE = "REALTIME_MOCK_INSIDE_CLONE"
"""Set for the README's own commands, so that these tests never start themselves."""

pytestmark = [
    pytest.mark.clone,
    pytest.mark.timeout(600),
    pytest.mark.skipif(INSIDE in os.environ, reason="this is the clone"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout"),
    pytest.mark.skipif(shutil.which("git") is None, reason="no git here"),
]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The last commit, with nothing installed."""
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(ROOT), str(target)], check=True, timeout=60)
    return target


def test_the_first_command_installs_and_makes_the_call(clone: Path) -> None:
    first, _ = commands()
    result = run(first, clone)
    assert result.returncode == 0, result.stdout
    with wave.open(str(clone / "answer.wav")) as answer:
        assert answer.getsampwidth() == 2
        assert answer.getnframes() > answer.getframerate()
    assert [path.name for path in clone.glob("*.wav")] == ["answer.wav"]
    # The tutorial begins where this ends.
    result = run(f"set -e\n{first_lines_of_the_tutorial()}\nrealtime-mock --version; python -c 'import openai'", clone)
    assert result.returncode == 0, result.stdout


def test_the_second_command_installs_what_the_tests_need_and_passes_them(clone: Path) -> None:
    _, second = commands()
    # The line is the README's; only the number of tests is cut, since `.ci/run` runs them all with the same line.
    result = run(second, clone, PYTEST_ADDOPTS="-m smoke")
    assert result.returncode == 0, result.stdout
    assert re.search(r"\d+ passed", result.stdout), result.stdout


def commands() -> tuple[str, str]:
    """The README's first two command blocks."""
    blocks = re.findall(r"^```\n(python3 .*)\n```$", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    first, second = blocks
    return first, second


def first_lines_of_the_tutorial() -> str:
    block = re.search(r"^```console\n(.*?)```$", TUTORIAL.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert block is not None
    return block[1].replace("$ ", "")


def run(command: str, directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    # Inside tox the first `python3` is that of tox: the README means the one that a login finds.
    path = os.pathsep.join(
        entry for entry in kept.get("PATH", "").split(os.pathsep) if not (Path(entry).parent / "pyvenv.cfg").exists()
    )
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env={**kept, "PATH": path, INSIDE: "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=570,
    )
