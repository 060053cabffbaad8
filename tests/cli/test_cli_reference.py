"""docs/cli.md is what the commands say of themselves."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_the_help_of_every_command() -> None:
    script = runpy.run_path(str(DOCS / "write_cli_reference.py"))
    written = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert written.split() == script["page"]().split()
