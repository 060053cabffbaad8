"""The key `timing` of a scenario file."""

from __future__ import annotations

from realtime_mock.scenario import fields
from realtime_mock.scenario.document import Node
from realtime_mock.scenario.timing import Timing

FASTEST_PACE = 10_000
"""Seconds of speech per second."""


def read_timing(node: Node) -> Timing:
    """What a scenario says of its sessions' timing."""
    what = "'timing'"
    given = fields.mapping(node, what=what, allowed=("latency", "pace", "jitter"))
    if not given:
        raise node.error(f"{what} says nothing; use one of: latency, pace, jitter")
    return Timing(
        latency=fields.duration(given["latency"], what="'latency'") if "latency" in given else 0.0,
        pace=read_pace(given["pace"]) if "pace" in given else None,
        jitter=fields.duration(given["jitter"], what="'jitter'") if "jitter" in given else 0.0,
    )


def read_pace(node: Node) -> float:
    """Seconds of speech sent per second; 0 is without any wait."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise node.error(f"'pace' must be a number, not {fields.kind(node)}; write 1 for real time, 0 for no wait")
    if not 0 <= value <= FASTEST_PACE:
        raise node.error(f"'pace' must be between 0 and {FASTEST_PACE}; write 1 for real time, 0 for no wait")
    return float(value)
