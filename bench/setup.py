"""Set-up of a call: from the POST to the SDP answer, to the open data channel, to the first sound.

One call after the other, by another process on another WebRTC stack, to a server that has been running for a while;
beside a plain answerer with aiortc.

    python bench/setup.py [--short] [--json FILE]
"""

from __future__ import annotations

import contextlib
import statistics
import sys
from functools import partial

import servers
from callers import call_one_by_one
from calls import report, tried
from figures import Figure

QUANTITIES = {"answer": "SDP answer", "channel": "data channel open", "audio": "first sound"}
FASTEST, USED = "data channel open, fastest", "processor time of a call"


def measure(*, short: bool = False, rounds: int = 5) -> list[Figure]:
    """The medians of each round, the sides in turn; of the data channel the fastest too, which is the same when a
    machine is busy; and what a call takes of the processor from its beginning to its end."""
    with contextlib.ExitStack() as stack:
        sides = [
            stack.enter_context(servers.plain_aiortc()),
            stack.enter_context(servers.ours("--rtc-host", "127.0.0.1", "--rtc-port", "0")),
        ]
        for side in sides:
            # The first call of a process takes longer than any other, and is no measure.
            call_one_by_one(side, calls=2)
        calls = 10 if short else 20
        taken = [[tried(partial(_round, side, calls=calls)) or {} for side in sides] for _ in range(rounds)]
    return [
        Figure("set-up", quantity, "ms", side.name, tuple(each[number][quantity] for each in taken if each[number]))
        for quantity in (*QUANTITIES.values(), FASTEST, USED)
        for number, side in enumerate(sides)
    ]


def _round(side: servers.Server, *, calls: int) -> dict[str, float]:
    before = side.cpu_seconds()
    times = call_one_by_one(side, calls=calls)
    used = (side.cpu_seconds() - before) / calls * 1000
    medians = {name: statistics.median(each[key] for each in times) for key, name in QUANTITIES.items()}
    fastest = min(each["channel"] for each in times)
    return {**medians, FASTEST: fastest, USED: used}


if __name__ == "__main__":
    is_short = "--short" in sys.argv
    report(measure(short=is_short, rounds=3 if is_short else 5), sys.argv)
