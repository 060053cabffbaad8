"""The two packages are one distribution."""

from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

import realtime_conformance
import realtime_mock
from realtime_conformance.cli import main


def test_both_packages_bear_the_same_version() -> None:
    assert realtime_conformance.__version__ == realtime_mock.__version__


def test_the_harness_names_its_commands() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "serializer" in result.output


def test_the_command_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "realtime_mock", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == f"realtime-mock, version {realtime_mock.__version__}"
