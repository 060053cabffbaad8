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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import servers
from callers import Answered, Mode, call
from figures import Figure, machine, table

SCENARIO = """scenario: benchmark
rules:
  - on: {}
    turns:
      - say: "This is a rather long answer, which goes on for a while, and then goes on for a little while longer."
"""
Reading = TypeVar("Reading")

STEP = 1.25
MOST = 600
AT_FEW = 12


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


PLAIN = Side("plain aiortc", "plain", 20, _plain)
LISTENING = Side("realtime-mock, all decoded, VAD on", "vad", 100, _one_port)
DEAF = Side("realtime-mock, nobody listens", "deaf", 200, _one_port)
OWN_PORTS = Side("realtime-mock, VAD on, a port for each call", "vad", 100, _ours)


def answered(side: Side, calls: int, *, seconds: float) -> Answered:
    """Calls to a server that has just been started."""
    with _scenario() as scenario, side.start(scenario) as server:
        return call(server, calls=calls, mode=side.mode, seconds=seconds)


def tried(read: Callable[[], Reading]) -> Reading | None:
    """What is read; None where a call could not be made, which is told."""
    try:
        return read()
    except RuntimeError as error:
        print(f"  {error}", file=sys.stderr)
        return None


def cost(side: Side, *, calls: int, seconds: float) -> float:
    """Milliseconds of processor time that a second of a call takes."""
    return answered(side, calls, seconds=seconds).cpu_ms_per_call_second


class Search:
    """Looks for the most calls of one side whose packets leave within 20 ms and arrive within 40 ms of each other, p99.

    The first round goes up in steps of a quarter; a later one begins where the last one ended.
    """

    def __init__(self, side: Side, *, seconds: float) -> None:
        self._side = side
        self._seconds = seconds
        self._found = side.first

    def most(self) -> tuple[float, float]:
        """How many, and how much of its core the server used then."""
        calls = self._found
        kept = self._answered(calls)
        while kept is None and calls > 1:
            calls = math.floor(calls / STEP)
            kept = self._answered(calls)
        if kept is None:
            return 0, 0
        went_down = calls < self._found
        while not went_down and (more := math.ceil(calls * STEP)) <= MOST and (better := self._answered(more)):
            calls, kept = more, better
        self._found = calls
        return calls, kept.cpu_percent

    def _answered(self, calls: int) -> Answered | None:
        """What was seen, where all of it was in time."""
        try:
            found = answered(self._side, calls, seconds=self._seconds)
        except RuntimeError as error:
            print(f"  {self._side.name}: {calls} calls: {error}", file=sys.stderr)
            return None
        told = f"late {found.late_p99:.1f} ms, gap {found.gap_p99:.1f} ms, {found.rate:.1f} packets/s"
        of_load = f"the load {found.load_late_p99:.1f} ms late"
        used = f"{found.cpu_percent:.0f} % of a core"
        print(f"  {self._side.name}: {calls} calls: {told}, {used}, {of_load}", file=sys.stderr)
        return found if found.keeps_pace else None


def measure(*, short: bool = False, rounds: int = 3) -> list[Figure]:
    """All figures; the sides in turn within each round."""
    seconds = 3 if short else 5
    sides = (PLAIN, LISTENING, DEAF) if short else (PLAIN, LISTENING, DEAF, OWN_PORTS)
    taken = [[tried(partial(cost, side, calls=AT_FEW, seconds=seconds)) for side in sides] for _ in range(rounds)]
    name = f"cost of one of {AT_FEW}"
    figures = [Figure("calls", name, "ms/call-s", side.name, values) for side, values in _by_side(sides, taken)]
    return figures if short else [*_most_in_time(rounds, seconds=seconds), *figures]


def _most_in_time(rounds: int, *, seconds: float) -> Iterator[Figure]:
    sides = (PLAIN, LISTENING, DEAF)
    searches = [Search(side, seconds=seconds) for side in sides]
    found = [[search.most() for search in searches] for _ in range(rounds)]
    for at, (quantity, unit) in enumerate((("most in time", "calls"), ("used by the most", "% of a core"))):
        readings = [[reading[at] for reading in each] for each in found]
        for side, values in _by_side(sides, readings):
            yield Figure("calls", quantity, unit, side.name, values)


def _by_side(
    sides: Sequence[Side], taken: Sequence[Sequence[float | None]]
) -> Iterator[tuple[Side, tuple[float, ...]]]:
    for at, side in enumerate(sides):
        yield side, tuple(value for readings in taken if (value := readings[at]) is not None)


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
