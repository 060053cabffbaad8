"""A local mock of the OpenAI Realtime API: no key, no network, no model, the same answers each time.

What stands here is imported when it is first used: a pytest plugin is imported by every run, and aiohttp and a WebRTC
stack take most of a second.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime_mock.clock import VirtualClock
    from realtime_mock.journal.file import read_journal
    from realtime_mock.scenario.expectation import Expectation
    from realtime_mock.scenario.model import (
        Call,
        Close,
        Emit,
        Error,
        Fail,
        McpCall,
        Phrase,
        Proceed,
        Respond,
        Rule,
        Say,
        Scenario,
        Silence,
        Transcript,
        Turn,
        Wait,
    )
    from realtime_mock.server import RealtimeMock, serve_in_thread
    from realtime_mock.settings import Settings
    from realtime_mock.testing import MockView, open_lane, open_lane_async

__version__ = "0.1.0"

__all__ = [
    "Call",
    "Close",
    "Emit",
    "Error",
    "Expectation",
    "Fail",
    "McpCall",
    "MockView",
    "Phrase",
    "Proceed",
    "RealtimeMock",
    "Respond",
    "Rule",
    "Say",
    "Scenario",
    "Settings",
    "Silence",
    "Transcript",
    "Turn",
    "VirtualClock",
    "Wait",
    "__version__",
    "open_lane",
    "open_lane_async",
    "read_journal",
    "serve_in_thread",
]

_HOMES = {
    "realtime_mock.clock": "VirtualClock",
    "realtime_mock.journal.file": "read_journal",
    "realtime_mock.scenario.expectation": "Expectation",
    "realtime_mock.scenario.model": (
        "Call Close Emit Error Fail McpCall Phrase Proceed Respond Rule Say Scenario Silence Transcript Turn Wait"
    ),
    "realtime_mock.server": "RealtimeMock serve_in_thread",
    "realtime_mock.settings": "Settings",
    "realtime_mock.testing": "MockView open_lane open_lane_async",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
