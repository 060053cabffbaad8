"""Every benchmark, as one table: `python bench [--short] [--json FILE] [NAME ...]` from a checkout.

It takes about fifteen minutes, or two with `--short`. Node and npm bring aimock and a WebRTC client; without them these
sides are left out, and the table says so by having no line for them.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from figures import machine, table  # noqa: E402 - the folder is no package

NAMES = ("validation", "websocket", "calls", "growth", "strategies", "hearing")


def main() -> None:
    """Measure what is named, everything by default."""
    parser = argparse.ArgumentParser(prog="python bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all by default")
    parser.add_argument("--short", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, the machine and the versions")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark is named {', '.join(unknown)}; use {', '.join(NAMES)}")
    figures = []
    for name in asked.names or NAMES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += import_module(name).measure(short=asked.short)
    if asked.json is not None:
        result = {"machine": machine(), "figures": [figure.as_json() for figure in figures]}
        asked.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
