"""What the core's tests drive: a session on a virtual clock, and what a microphone hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from realtime_conformance.targets.core import VirtualSession, open_session

Event = dict[str, Any]
Open = Callable[..., VirtualSession]


@pytest.fixture
def opened() -> Open:
    """Open a session: `opened(model=..., call=True, scenario=..., given=..., pace=..., limits=..., voice=...)`."""
    return open_session


@pytest.fixture
def tone() -> Callable[[float], bytes]:
    """`tone(seconds)`: a loud 440 Hz tone, 24 kHz PCM."""

    def make(seconds: float) -> bytes:
        samples = np.sin(np.arange(int(seconds * 24_000)) * (2 * np.pi * 440 / 24_000)) * 8000
        return samples.astype("<i2").tobytes()

    return make


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * 24_000) * 2)


@pytest.fixture(name="silence")
def silence_fixture() -> Callable[[float], bytes]:
    """`silence(seconds)`: digital silence, 24 kHz PCM."""
    return silence


@pytest.fixture
def kinds() -> Callable[[list[Event]], list[str]]:
    """The types of events, runs of deltas folded into one."""

    def fold(events: list[Event]) -> list[str]:
        types: list[str] = []
        for event in events:
            if not (event["type"].endswith(".delta") and event["type"] in types[-2:]):
                types.append(event["type"])
        return types

    return fold
