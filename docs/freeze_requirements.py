"""Freezes a requirement set: `python docs/freeze_requirements.py ga-2026-11`.

A set that was released is never written again: whoever claims to fulfil it must not fail by a case that came later.
"""

from __future__ import annotations

import sys
from pathlib import Path

from realtime_conformance.requirement import Requirements

SETS = Path(__file__).parents[1] / "conformance" / "realtime_conformance" / "requirements" / "sets"
SIDES = ("server", "client")


def text(name: str) -> str:
    """What stands in the file of a set that is frozen now."""
    checks = sorted(check for side in SIDES for check in Requirements.read(side).checks)
    head = f"# The requirement set {name}: every check that it had when it was frozen. Nothing is added to it.\n"
    return head + "".join(f"{check}\n" for check in checks)


if __name__ == "__main__":
    [wanted] = sys.argv[1:]
    (SETS / f"{wanted}.txt").write_text(text(wanted), encoding="utf-8")
