"""The page for newcomers: what it has one type gives what it shows, and its workflow fits the action."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from .conftest import SOURCES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "run-the-conformance-suite.md").read_text(encoding="utf-8")
BLOCKS = [(kind, text) for kind, text in re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)]
TYPED = [
    part.partition("\n")[::2]
    for kind, text in BLOCKS
    if kind == "console"
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)
    if part and " pip install " not in part
]
PROGRAMS = {
    "realtime-mock": "from realtime_mock.cli import main; main()",
    "realtime-conformance": "from realtime_conformance.cli import main; main()",
    "pytest": "import pytest; raise SystemExit(pytest.main())",
}


@pytest.fixture
def shell(tmp_path):
    """Arguments of `subprocess` for a shell that knows the programs of the page, and this run's Python."""
    desk, programs = tmp_path / "desk", tmp_path / "bin"
    desk.mkdir()
    programs.mkdir()
    for name, code in PROGRAMS.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{code}" "$@"\n')
        (programs / name).chmod(0o755)
    (desk / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "REALTIME_"))}
    plugin = (
        "" if entry_points(group="pytest11", name="realtime_conformance") else "-p realtime_conformance.pytest_plugin"
    )
    environment = clean | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": SOURCES,
        "PYTHONUNBUFFERED": "1",
        "PYTEST_ADDOPTS": plugin,
    }
    return {"cwd": desk, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


@pytest.mark.skipif(shutil.which("bash") is None, reason="the page speaks to bash")
def test_what_is_typed_gives_what_is_shown(shell):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    (serve, shown), *others = [(typed.replace("8000", port), told.replace("8000", port)) for typed, told in TYPED]
    server = subprocess.Popen(["bash", "-c", f"exec {serve}"], **shell)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == shown.splitlines(keepends=True)[0]
        for typed, told in others:
            done = subprocess.run(["bash", "-c", typed], **shell, timeout=60)
            pattern = told.replace("[", "[[]").replace("...", "*").rstrip("\n")
            assert fnmatch.fnmatchcase(done.stdout.strip("\n"), pattern), f"$ {typed}\n{done.stdout}"
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert (shell["cwd"] / "matrix.html").exists()


def test_the_workflow_gives_the_action_only_what_it_takes():
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    [workflow] = [yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml"]
    steps = workflow["jobs"]["conformance"]["steps"]
    [step] = [step for step in steps if step["uses"].startswith("OWNER/realtime-mock@")]
    assert set(step["with"]) <= set(action["inputs"])
    assert steps[-1]["with"]["path"] == action["inputs"]["reports"]["default"]


def test_every_option_of_the_page_exists():
    known = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert {word for word in re.findall(r"`(--[a-z-]+)", PAGE) if word not in known} == set()
