"""Writes the table of capabilities in docs/reference/driver.md from `realtime_conformance.capabilities`."""

from __future__ import annotations

import re
from pathlib import Path

from realtime_conformance.capabilities import CLIENT

PAGE = Path(__file__).parent / "reference" / "driver.md"
HEAD = "| capability | the client |\n|---|---|\n"


def written(text: str) -> str:
    """The page with today's table in it."""
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in CLIENT.items())
    start = text.index(HEAD) + len(HEAD)
    rest = re.sub(r"\A(\|[^\n]*\n|\{capabilities\}\n)*", "", text[start:])
    return text[:start] + rows + rest


def main() -> None:
    """Write it."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
