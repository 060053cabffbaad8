"""Faults as they are written, and events for them to happen to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from realtime_mock.faults.model import Fault
from realtime_mock.faults.reading import parse_faults
from realtime_mock.registry import SchemaRegistry


@pytest.fixture(scope="session")
def read() -> Callable[[str], tuple[Fault, ...]]:
    """The faults in a text."""
    registry = SchemaRegistry.bundled()
    return lambda text: parse_faults(text, "faults", registry)
