"""Every benchmark, as one table: `python bench [--short] [--json FILE] [NAME ...]` from a checkout.

It takes about twenty minutes, or three with `--short`. Node and npm bring aimock and a WebRTC client; without them
their sides are left out, and the table has no line for them. `docs/write_performance.py` makes the page of the
figures. `python bench/growth.py --soak 30` is not part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from callers import has_callers  # noqa: E402 - the folder is no package
from figures import Figure, machine, table  # noqa: E402

NAMES = ("validation", "websocket", "setup", "calls", "growth", "strategies", "hearing")
NEED_CALLERS = frozenset({"setup", "calls"})


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
    figures: list[Figure] = []
    cores, began = os.sched_getaffinity(0), time.monotonic()
    for name in asked.names or NAMES:
        if name in NEED_CALLERS and not has_callers():
            print(f"{name}: left out, since Node and npm are not here to make calls with", file=sys.stderr)
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        # What is pinned for one benchmark is free again for the next.
        os.sched_setaffinity(0, cores)
        figures += import_module(name).measure(short=asked.short)
    if asked.json is not None:
        result = {
            "machine": machine(),
            "date": datetime.now(tz=UTC).date().isoformat(),
            "minutes": round((time.monotonic() - began) / 60, 1),
            "figures": [figure.as_json() for figure in figures],
        }
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
