"""The how-to page on serializers: what it has one save and type gives what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import realtime_conformance
import realtime_mock
from realtime_conformance import strategies

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "property-test-a-serializer.md").read_text("utf-8")
FILES = dict(re.findall(r"[Ss]ave this as `([^`]+)`:\n\n```python\n(.*?)```", PAGE, re.DOTALL))
[SHOWN] = re.findall(r"```console\n\$ pytest (.*?)\n(.*?)```", PAGE, re.DOTALL)
PACKAGES = [str(Path(package.__file__).parent.parent) for package in (realtime_mock, realtime_conformance)]


@pytest.fixture
def pytest_run(tmp_path):
    """What `pytest` prints where the page's files are saved."""

    def run(arguments):
        clean = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        environment = {**clean, "PYTHONPATH": os.pathsep.join(PACKAGES), "COLUMNS": "200"}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments.split()]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
        )
        return done.stdout + done.stderr

    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return run


def test_the_page_shows_what_pytest_prints(pytest_run):
    arguments, shown = SHOWN
    printed = pytest_run(arguments)
    for line in shown.splitlines():
        pattern = re.escape(re.sub(r"\s+", " ", line)).replace(re.escape("..."), r"\w+")
        assert re.search(pattern, re.sub(r"[ \t]+", " ", printed)), printed


def test_every_name_on_the_page_is_there():
    names = re.findall(r"`(\w+)\(\)`|`(check_\w+)`|`(ClientMachine)`", PAGE)
    assert {name for found in names for name in found if name} <= set(strategies.__all__)
    assert len(PAGE.splitlines()) < 90
