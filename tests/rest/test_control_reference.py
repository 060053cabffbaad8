"""docs/reference/control.md is made from the control API's description."""

from __future__ import annotations

import runpy
from pathlib import Path

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "write_control_reference.py"))


def test_the_page_is_up_to_date():
    assert SCRIPT["PAGE"].read_text(encoding="utf-8") == SCRIPT["page"](), "run python docs/write_control_reference.py"
