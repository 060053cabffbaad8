"""How fast the sessions of a scenario are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """When the parts of a response come.

    `latency` is how many seconds lie between `response.created` and what follows it. `pace` is how many seconds of
    speech are sent per second, 0 for all at once; None leaves that to the mock. Each event of a response comes up to
    `jitter` seconds later than it would have come, and never before the one that it follows.
    """

    latency: float = 0.0
    pace: float | None = None
    jitter: float = 0.0
