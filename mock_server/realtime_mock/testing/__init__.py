"""Testing an application against the mock: a lane of its own for each test, and what is judged when it ends.

With pytest the fixture `realtime_mock` gives a `MockView`; without it `open_lane` does. Nothing here needs more than
the standard library, and the mock itself may run elsewhere.
"""

from realtime_mock.testing.control import ControlError
from realtime_mock.testing.expectations import PatternError
from realtime_mock.testing.heard import HeardAudio
from realtime_mock.testing.journal import JournalEntry, MockSession
from realtime_mock.testing.lane import open_lane, open_lane_async
from realtime_mock.testing.loops import BlockingWait
from realtime_mock.testing.scenarios import ScenarioNotFound
from realtime_mock.testing.spoken import HeardWords, SpokenAudio
from realtime_mock.testing.view import ConversationFailed, MockView
from realtime_mock.testing.waiting import NeverCame

__all__ = [
    "BlockingWait",
    "ControlError",
    "ConversationFailed",
    "HeardAudio",
    "HeardWords",
    "JournalEntry",
    "MockSession",
    "MockView",
    "NeverCame",
    "PatternError",
    "ScenarioNotFound",
    "SpokenAudio",
    "open_lane",
    "open_lane_async",
]
