"""One side of `strategies.py`, in a process of its own: `python strategy_side.py ours|theirs SCHEMAS SECONDS`.

SCHEMAS is a JSON file with what to draw: by name, the side of the protocol, and the schema of each event type. Prints
JSON: the version of Hypothesis, and by name the milliseconds to the first example and the examples per second after it;
or the error.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

QUIET = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
AT_ONCE = 20


def build(which: str, side: str, schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A strategy for all the events."""
    if which == "ours":
        from realtime_conformance.strategies import client_events, server_events  # noqa: PLC0415 - not on their side

        return (client_events if side == "client" else server_events)(types=list(schemas))
    from hypothesis_jsonschema import from_schema  # noqa: PLC0415

    return st.one_of([from_schema(schema) for schema in schemas.values()])


def draw(strategy: st.SearchStrategy[Any], *, count: int, number: int) -> None:
    """Draw so many, others with each number."""

    @seed(number)
    @settings(QUIET, max_examples=count)
    @given(strategy)
    def take(_event: object) -> None:
        """Nothing is done with it."""

    take()


def measured(which: str, side: str, schemas: dict[str, Any], seconds: float) -> dict[str, float]:
    """Both figures of one strategy."""
    start = time.perf_counter()
    strategy = build(which, side, schemas)
    draw(strategy, count=1, number=0)
    built = time.perf_counter() - start
    drawn, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        drawn += AT_ONCE
        draw(strategy, count=AT_ONCE, number=drawn)
    return {"build": built * 1e3, "rate": drawn / elapsed}


def main() -> None:
    """Measure everything."""
    which, file, seconds = sys.argv[1:]
    if which == "ours":
        import realtime_conformance.strategies  # noqa: F401, PLC0415 - a test has imported it before
    else:
        import hypothesis_jsonschema  # noqa: F401, PLC0415
    wanted = json.loads(Path(file).read_text(encoding="utf-8"))
    answer: dict[str, Any] = {"hypothesis": hypothesis.__version__}
    try:
        answer["figures"] = {
            name: measured(which, asked["side"], asked["schemas"], float(seconds)) for name, asked in wanted.items()
        }
    except Exception as error:  # noqa: BLE001 - that it fails is a result
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
