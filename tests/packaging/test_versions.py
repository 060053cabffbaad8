"""The two packages are one distribution."""

from __future__ import annotations

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
