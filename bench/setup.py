"""Set-up of a call: from the POST to the SDP answer, to the open data channel, to the first sound.

One call after the other, by another process on another WebRTC stack, to a server that has been running for a while;
beside a plain answerer with aiortc.

    python bench/setup.py [--short] [--json FILE]
"""

from __future__ import annotations

import contextlib
import statistics
import sys

import servers
from callers import call_one_by_one
from calls import report
from figures import Figure

QUANTITIES = {"answer": "SDP answer", "channel": "data channel open", "audio": "first sound"}


def measure(*, short: bool = False, rounds: int = 5) -> list[Figure]:
    """The medians of each round, the sides in turn."""
    with contextlib.ExitStack() as stack:
        sides = [
            stack.enter_context(servers.plain_aiortc()),
            stack.enter_context(servers.ours("--rtc-host", "127.0.0.1", "--rtc-port", "0")),
        ]
        for side in sides:
            # The first call of a process takes longer than any other, and is no measure.
            call_one_by_one(side, calls=2)
        taken: dict[tuple[str, str], list[float]] = {(key, side.name): [] for key in QUANTITIES for side in sides}
        for _ in range(rounds):
            for side in sides:
                times = call_one_by_one(side, calls=10 if short else 20)
                for key in QUANTITIES:
                    taken[key, side.name].append(statistics.median(each[key] for each in times))
    return [Figure("set-up", QUANTITIES[key], "ms", name, tuple(values)) for (key, name), values in taken.items()]


if __name__ == "__main__":
    is_short = "--short" in sys.argv
    report(measure(short=is_short, rounds=3 if is_short else 5), sys.argv)
