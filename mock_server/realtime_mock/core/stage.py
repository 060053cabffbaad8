"""What all parts of one session share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

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
from realtime_mock.scenario.model import Script

Transport = Literal["websocket", "webrtc"]


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session is told about the world around it.

    `plays_audio`: there is a speaker that performs `PlayAudio` and reports back (a call with audio).
    `started_at`: Unix seconds at `open`. `pace`: seconds of speech sent per second; 0 means no waiting at all.
    """

    transport: Transport = "websocket"
    plays_audio: bool = False
    started_at: float = 0.0
    pace: float = 10.0
    limits: Limits = field(default_factory=Limits)

    def paced(self, seconds: float) -> float:
        """How long it takes to send so many seconds of speech."""
        return seconds / self.pace if self.pace else 0.0

    def latency(self, seconds: float) -> float:
        """A delay of the service's own, which a session without any waiting does not have."""
        return seconds if self.pace else 0.0


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
