"""Beats that come a little late, as over a real network: by chance, and never one before another."""

from __future__ import annotations

from collections.abc import Generator

from realtime_mock.chance import Chance
from realtime_mock.core.agenda import Beat, Hold, Pause


def jittered(beats: Generator[Beat, None, None], *, chance: Chance, most: float) -> Generator[Beat, None, None]:
    """The same beats, each pause ending up to `most` seconds after its time.

    Times count from the start, so that lateness does not add up.
    """
    wanted = actual = 0.0
    for number, beat in enumerate(beats):
        match beat:
            case Pause(seconds):
                wanted += max(seconds, 0.0)
                late = max(wanted + chance.at(number).fraction() * most, actual)
                yield Pause(late - actual)
                actual = late
            case Hold():
                # It ends when somebody ends it: from then on time counts anew.
                yield beat
                wanted = actual = 0.0
            case _:
                yield beat
