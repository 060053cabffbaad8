"""Calls: how many a core carries in time, and what a second of one costs, beside a plain answerer with aiortc.

Every caller streams a microphone and hears an answer. Ours decodes all of it and looks for turns or, where nobody
listens, decodes nothing; the plain answerer decodes, plays a sound and knows no turns. Load comes from another process
on another WebRTC stack (npm `node-datachannel`), on the second core; how late packets are is measured there.

    python bench/calls.py [--short] [--json FILE]
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import servers
from callers import Answered, Mode, call
from figures import Figure, machine, table

SCENARIO = """scenario: benchmark
rules:
  - on: {}
    turns:
      - say: "This is a rather long answer, which goes on for a while, and then goes on for a little while longer."
"""
STEP = 1.25
MOST = 600


@dataclass(frozen=True, slots=True)
class Side:
    """One way to answer calls; the search for how many begins at `first`."""

    name: str
    mode: Mode
    first: int
    start: Callable[[Path], contextlib.AbstractContextManager[servers.Server]]


def _plain(_scenario: Path) -> contextlib.AbstractContextManager[servers.Server]:
    return servers.plain_aiortc()


def _ours(scenario: Path) -> contextlib.AbstractContextManager[servers.Server]:
    return servers.ours("--rtc-host", "127.0.0.1", "--scenario", str(scenario))


def _one_port(scenario: Path) -> contextlib.AbstractContextManager[servers.Server]:
    return servers.ours("--rtc-host", "127.0.0.1", "--rtc-port", "0", "--scenario", str(scenario))


SIDES = (
    Side("plain aiortc", "plain", 16, _plain),
    Side("realtime-mock, all decoded, VAD on", "vad", 80, _ours),
    Side("the same on one port", "vad", 80, _one_port),
    Side("realtime-mock, nobody listens", "deaf", 160, _ours),
)


def answered(side: Side, calls: int, *, seconds: float) -> Answered:
    """Calls to a server that has just been started."""
    with _scenario() as scenario, side.start(scenario) as server:
        return call(server, calls=calls, mode=side.mode, seconds=seconds)


def cost(side: Side, *, calls: int, seconds: float) -> float:
    """Milliseconds of processor time that a second of a call takes, where a few go on at once."""
    return answered(side, calls, seconds=seconds).cpu_ms_per_call_second


def most_in_time(side: Side, *, seconds: float) -> float:
    """The most calls of which the packets leave within 20 ms and arrive within 40 ms of each other, at p99."""
    calls = side.first
    while not _keeps_pace(side, calls, seconds):
        calls //= 2
        if calls == 0:
            return 0
    step = STEP if calls == side.first else math.sqrt(2)
    while (more := math.ceil(calls * step)) <= MOST and _keeps_pace(side, more, seconds):
        calls = more
    return calls


def measure(*, short: bool = False, rounds: int = 3) -> list[Figure]:
    """All figures; the sides in turn within each round."""
    figures = _in_turn("cost", "ms/call-s", rounds, lambda side: cost(side, calls=12, seconds=3 if short else 6))
    if not short:
        figures += _in_turn("most in time", "calls", rounds, lambda side: most_in_time(side, seconds=5))
    return figures


def _in_turn(quantity: str, unit: str, rounds: int, measurement: Callable[[Side], float]) -> list[Figure]:
    taken: dict[str, list[float]] = {side.name: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            taken[side.name].append(measurement(side))
    return [Figure("calls", quantity, unit, name, tuple(values)) for name, values in taken.items()]


def _keeps_pace(side: Side, calls: int, seconds: float) -> bool:
    try:
        found = answered(side, calls, seconds=seconds)
    except RuntimeError as error:
        print(f"  {side.name}: {calls} calls: {error}", file=sys.stderr)
        return False
    told = f"late {found.late_p99:.1f} ms, gap {found.gap_p99:.1f} ms, {found.rate:.1f} packets/s"
    print(f"  {side.name}: {calls} calls: {told}, {found.cpu_percent:.0f} % of a core", file=sys.stderr)
    return found.keeps_pace


@contextlib.contextmanager
def _scenario() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        yield path


def report(figures: list[Figure], arguments: list[str]) -> None:
    """Print the table, and write the figures where `--json` says."""
    print(table(figures))
    if "--json" in arguments:
        document = {"machine": machine(), "figures": [figure.as_json() for figure in figures]}
        path = Path(arguments[arguments.index("--json") + 1])
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    is_short = "--short" in sys.argv
    report(measure(short=is_short, rounds=1 if is_short else 3), sys.argv)
