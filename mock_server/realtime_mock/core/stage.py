"""What all parts of one session share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from realtime_mock.chance import Chance
from realtime_mock.core.agenda import Agenda
from realtime_mock.core.config import Configuration
from realtime_mock.core.conversation import Conversation
from realtime_mock.core.events import EventFactory
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.limits import Limits, TokenBudget
from realtime_mock.core.mcp import McpServers
from realtime_mock.core.playback import Playback
from realtime_mock.core.recall import Recall
from realtime_mock.core.speech import Voice
from realtime_mock.scenario.interface import Script
from realtime_mock.scenario.timing import Timing

Transport = Literal["websocket", "webrtc"]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session is told about the world around it.

    `plays_audio`: there is a speaker that performs `PlayAudio` and reports back (a call with audio).
    `started_at`: Unix seconds at `open`. `pace`: seconds of speech sent per second; 0 means no waiting at all. The
    scenario's `timing` goes before it. `chance` is where jitter comes from. `hears`: there is somebody who performs
    `Listen` and tells what was said. `portion`: how many effects `handle_timer` gives at most; what an input makes due
    waits for it then, so that the first leave before the last are made. None gives all with the input.
    """

    transport: Transport = "websocket"
    plays_audio: bool = False
    started_at: float = 0.0
    pace: float = 10.0
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    chance: Chance = field(default_factory=lambda: Chance(0))
    hears: bool = False
    portion: int | None = None

    def paced(self, seconds: float, *, pace: float | None = None) -> float:
        """How long it takes to send so many seconds of speech, at a pace of its own where it has one."""
        chosen = self._pace if pace is None else pace
        return seconds / chosen if chosen else 0.0

    def latency(self, seconds: float) -> float:
        """A delay of the service's own, which a session without any waiting does not have."""
        return seconds if self._pace else 0.0

    @property
    def _pace(self) -> float:
        return self.pace if self.timing.pace is None else self.timing.pace


@dataclass(frozen=True, slots=True)
class Stage:
    """The collaborators of one session."""

    options: SessionOptions
    config: Configuration
    budget: TokenBudget
    ids: IdFactory
    events: EventFactory
    conversation: Conversation
    agenda: Agenda
    playback: Playback
    mcp: McpServers
    script: Script
    voice: Voice
    recall: Recall = field(default_factory=Recall)
